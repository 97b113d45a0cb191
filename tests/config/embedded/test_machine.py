"""What `make` finds on a machine, and what it says where it cannot work."""

import os
import subprocess
import sys

import pytest

from config.embedded import account
from config.embedded.home import ROOT
from tests import chromium


@pytest.fixture
def machine(tmp_path):
    """A folder of programs that come before those of this machine, and an empty checkout."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "checkout").mkdir()
    return tmp_path


def _pretend(machine, name, script):
    program = machine / "bin" / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def _install(machine):
    return subprocess.run(
        ["sh", ROOT / "config" / "embedded" / "install.sh", "requirements.txt"],
        cwd=machine / "checkout",
        env=os.environ | {"PATH": f"{machine / 'bin'}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )


def test_another_system_is_sent_to_docker_compose(machine):
    _pretend(machine, "uname", "echo Darwin arm64")

    ended = _install(machine)

    assert ended.returncode == 1
    assert ended.stderr == (
        "make needs Linux on x86-64; on this machine, use docker-compose.yml instead: docker compose up\n"
    )
    assert list((machine / "checkout").iterdir()) == []


def test_an_older_python_is_sent_to_docker_compose(machine):
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        _pretend(machine, name, "exit 1")

    ended = _install(machine)

    assert ended.returncode == 1
    assert "docker-compose.yml" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert list((machine / "checkout").iterdir()) == []


def test_make_without_a_target_lists_the_targets():
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True)

    assert shown.returncode == 0
    assert [line.split()[1] for line in shown.stdout.splitlines()] == [
        *("run", "test", "lint", "bench", "bench-loop", "bench-loop-lm", "attack", "clean")
    ]


def test_the_account_of_the_database_may_pass_and_others_may_not(tmp_path):
    closed = tmp_path / "closed" / "checkout"
    closed.mkdir(parents=True)
    closed.parent.chmod(0o700)
    user = account.ensure()

    opened = account.open_passage(user, closed) if user else []

    # An ordinary user runs PostgreSQL as itself, so nothing needs to be opened.
    assert (closed.parent in opened) == (os.geteuid() == 0)
    assert closed.parent.stat().st_mode & 0o007 == 0
    if user:
        assert account.run(user, ["sh", "-c", 'cd "$0"', closed]).returncode == 0
        assert account.run(user, ["ls", closed.parent]).returncode != 0


def test_the_browser_of_the_system_is_found(monkeypatch, machine):
    _pretend(machine, "google-chrome", "echo Chromium 1.0")
    monkeypatch.setenv("PATH", str(machine / "bin"))
    chromium.executable.cache_clear()

    found = chromium.executable()

    chromium.executable.cache_clear()
    assert found == str(machine / "bin" / "google-chrome")


@pytest.mark.slow
def test_temporary_servers_go_with_the_process_that_asked_for_them():
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    command = [sys.executable, "-m", "tests.environment", "sh", "-c", 'echo "$EXPORT_URL"; kill -9 $PPID']

    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        folder = process.stdout.read().strip().removeprefix("file://").removesuffix("/exports")

    assert folder
    subprocess.run(["sh", "-c", f"while [ -e {folder} ]; do sleep 0.1; done"], check=True, timeout=60)
