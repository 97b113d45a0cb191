"""`manage.py up` as a person uses it, in a copy of the project whose path has a space."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.embedded import environment, secrets
from config.embedded.home import ROOT
from config.embedded.running import processes

pytestmark = pytest.mark.slow
SECONDS = 180
ROOMS = ("config", "curation", "drift", "exports", "feedback", "static", "templates", "manage.py", "requirements.txt")
# `up` works these out by itself; those of the test run name other servers.
NOT_HANDED_ON = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "HASH_KEY", "EXPORT_URL", "DJANGO_SETTINGS_MODULE", "PORT"}


@pytest.fixture
def checkout(tmp_path):
    folder = tmp_path / "with space"
    folder.mkdir()
    for name in ROOMS:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    home = environment.home_of(folder)
    home.folder.mkdir()
    # The demo is tested elsewhere and would take most of the time here.
    (home.folder / "demo.state").write_text("done")
    yield folder
    processes.stop_left_over(home, lambda text: None)
    shutil.rmtree(home.sockets, ignore_errors=True)


@contextmanager
def _up(checkout, port=None):
    variables = {name: value for name, value in os.environ.items() if name not in NOT_HANDED_ON}
    with (checkout / "up.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=checkout, env=variables | ({"PORT": str(port)} if port else {}),
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _welcome(checkout, process):
    deadline = time.monotonic() + SECONDS
    while "Ctrl-C" not in (text := (checkout / "up.log").read_text()):
        assert process.poll() is None, text
        assert time.monotonic() < deadline, text
        time.sleep(0.2)
    return text


def _post_as_printed(text):
    command = re.search(r"^ +(curl .*)$", text, re.MULTILINE)[1]
    shown = subprocess.run(["sh", "-c", f"{command} -o /dev/null -w '%{{http_code}}'"], capture_output=True, text=True)
    return shown.stdout


def _is_healthy(address):
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=10) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False


def _until(condition):
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _by_hand(checkout, *arguments):
    variables = {name: value for name, value in os.environ.items() if name not in NOT_HANDED_ON}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=checkout, env=variables, capture_output=True, text=True)


def test_two_starts_of_one_installation(checkout):
    home = environment.home_of(checkout)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with _up(checkout, port) as process:
            text = _welcome(checkout, process)
            address = re.search(r"runs on (http://\S+)", text)[1]
            made = secrets.keep(home.secrets)

            assert f"Port {port} is taken" in text
            assert not address.endswith(f":{port}")
            assert _is_healthy(address)
            assert made["ADMIN_PASSWORD"] in text
            assert made["API_KEY"] in text
            assert _post_as_printed(text) == "202"
            assert "runs already" in _by_hand(checkout, "up").stderr

            # A server that is killed comes back, and the web server finds it again.
            database = next(number for number, name in processes.left_over(home).items() if name == "postgres")
            os.kill(database, signal.SIGKILL)
            _until(lambda: "postgres had ended and was started again" in (checkout / "up.log").read_text())
            _until(lambda: _is_healthy(address))

            process.send_signal(signal.SIGTERM)
            assert process.wait(SECONDS) == 0
            assert processes.left_over(home) == {}

    with _up(checkout) as process:
        text = _welcome(checkout, process)
        count = "from feedback.models import Event; print(Event.objects.count())"

        assert f"runs on {address}\n" in text
        assert "taken" not in text
        assert secrets.keep(home.secrets) == made
        assert made["ADMIN_PASSWORD"] in text
        assert _post_as_printed(text) == "202"
        _until(lambda: _by_hand(checkout, "shell", "-v0", "-c", count).stdout.strip() == "2")

        process.kill()
        process.wait()
        _until(lambda: processes.left_over(home) == {})


def test_a_start_that_cannot_work_says_why_in_one_sentence(checkout):
    with _up(checkout, "nonsense") as process:
        assert process.wait(SECONDS) == 1

    assert (checkout / "up.log").read_text() == (
        "CommandError: PORT must be a number from 1 to 65535, not 'nonsense'.\n"
    )
    assert Path(checkout / ".local" / "postgres").exists() is False
