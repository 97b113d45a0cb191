"""Finds a Chromium for the browser tests, or fetches one. `python -m tests.chromium` does so and names it."""

import os
import selectors
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
# A download that is refused ends at once; one that hangs is given up when nothing has been said for this long.
SILENT_SECONDS = 60
MISSING = (
    "The browser tests need Chromium and none could be found or fetched: install the package `chromium` of your "
    "distribution (Debian: apt-get install chromium), or run `.venv/bin/python -m playwright install chromium`."
)


class NoChromium(Exception):
    def __init__(self):
        super().__init__(MISSING)


@cache
def executable() -> str:
    """Return the path of a Chromium that starts, installing one if this machine has none."""
    for find in (_system, _playwright, _fetched_by_playwright, _fetched_by_apt):
        for path in find():
            if _starts(path):
                return path
    raise NoChromium


def _system() -> Iterator[str]:
    yield from filter(None, map(shutil.which, NAMES))


def _playwright() -> Iterator[str]:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if Path(path).exists():
        yield path


def _fetched_by_playwright() -> Iterator[str]:
    _tell("Fetching Chromium with playwright")
    if _run(sys.executable, "-m", "playwright", "install", "chromium"):
        yield from _playwright()


def _fetched_by_apt() -> Iterator[str]:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    _tell("Fetching Chromium with apt-get")
    if _run("apt-get", "update", "-q") and _run(
        "apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"
    ):
        yield from _system()


def _run(*command: str) -> bool:
    """Run a command as long as it says something; return whether it succeeded."""
    process = subprocess.Popen(
        command,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    with process, selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while selector.select(SILENT_SECONDS):
            if not os.read(process.stdout.fileno(), 65_536):
                return process.wait() == 0
        os.killpg(process.pid, signal.SIGKILL)
    return False


def _starts(path: str) -> bool:
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    try:
        _tell(f"Browser tests use {executable()}")
    except NoChromium as missing:
        sys.exit(str(missing))
