"""What an installation keeps in files, and how it chooses addresses; no server is started."""

import os
import socket
import stat
import subprocess
import sys

import pytest

from config.embedded import environment, secrets, variables
from config.embedded.errors import CannotStart
from config.embedded.home import Home
from config.embedded.servers import ports, valkey


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "with space" / ".local")
    home.make()
    yield home
    home.sockets.rmdir()


def _mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_secrets_are_made_once_and_closed_to_others(home):
    first = secrets.keep(home.secrets)

    assert secrets.keep(home.secrets) == first
    assert set(first) == set(secrets.MAKERS)
    assert _mode(home.secrets) == 0o600
    assert _mode(home.folder) == 0o700


def test_a_secret_that_is_missing_is_added_to_those_that_exist(home):
    variables.write(home.secrets, {"SECRET_KEY": "kept"})

    known = secrets.keep(home.secrets)

    assert known["SECRET_KEY"] == "kept"
    assert known["API_KEY"].startswith("cf_")


def test_a_renewed_secret_leaves_the_others(home):
    before = secrets.keep(home.secrets)

    text = secrets.renew(home.secrets, "API_KEY")

    assert secrets.keep(home.secrets) == before | {"API_KEY": text}
    assert text != before["API_KEY"]


def test_a_shell_reads_the_same_values(home):
    values = {"PLAIN": "a", "HARD": 'it\'s $HOME; "quoted" #1\n2'}
    variables.write(home.runtime, values)

    script = f'. "{home.runtime}"; printf %s "$HARD"'
    shown = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)

    assert shown.stdout == values["HARD"]
    assert variables.read(home.runtime) == values


def test_socket_paths_fit_however_long_the_folder_is(tmp_path):
    home = Home(tmp_path.joinpath(*["a very long name of a folder"] * 8))

    assert len(f"{home.sockets}/postgres/.s.PGSQL.5432") <= 107


def test_a_folder_of_another_user_is_refused(home, monkeypatch):
    with monkeypatch.context() as other_user:
        other_user.setattr(os, "geteuid", lambda: 12_345)

        with pytest.raises(CannotStart, match="belongs to another user"):
            home.make()


@pytest.mark.parametrize("is_taken", [False, True])
def test_the_next_free_port_is_chosen(is_taken):
    with socket.socket() as listener:
        listener.bind(("0.0.0.0" if is_taken else "127.0.0.2", 0))
        listener.listen()
        taken = listener.getsockname()[1]

        assert (ports.first_free(taken) != taken) == is_taken


@pytest.mark.parametrize("text", ["", "web", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(text):
    with pytest.raises(CannotStart, match="PORT must be a number"):
        ports.wanted(text)


def test_a_command_by_hand_reads_the_running_installation_but_what_is_set_wins(tmp_path, monkeypatch):
    home = environment.home_of(tmp_path)
    home.folder.mkdir()
    variables.write(home.runtime, {"DATABASE_URL": "postgres://theirs", "HASH_KEY": "theirs"})
    monkeypatch.setattr(os, "environ", {"HASH_KEY": "ours"})
    monkeypatch.setattr(sys, "argv", ["manage.py", "curate"])

    environment.load(tmp_path)

    assert os.environ == {"DATABASE_URL": "postgres://theirs", "HASH_KEY": "ours"}


def test_a_command_by_hand_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "environ", {})
    monkeypatch.setattr(sys, "argv", ["manage.py", "curate"])

    with pytest.raises(SystemExit, match="make run"):
        environment.load(tmp_path)


def test_servers_that_are_named_are_kept(home, monkeypatch):
    monkeypatch.setattr(os, "environ", {"DATABASE_URL": "postgres://theirs"})

    known = environment.settle(home)

    assert known["DATABASE_URL"] == "postgres://theirs"
    assert valkey.is_ours(known["REDIS_URL"], secrets.keep(home.secrets)["VALKEY_PASSWORD"])
    assert not valkey.is_ours("redis://127.0.0.1:6379/0", "password")
