"""Finds and ends the programs that an earlier start of this installation left running."""

import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from config.embedded import process_table, variables
from config.embedded.errors import CannotStart
from config.embedded.home import Home
from config.embedded.servers import postgres

# Every program that `up` starts carries the home in this variable, which /proc shows for as long as it lives.
MARK = "CRUCIBLE_HOME"
SUPERVISOR_SECONDS, PROGRAM_SECONDS = 90, 30


@contextmanager
def claimed(home: Home, say: Callable[[str], None]) -> Iterator[None]:
    """Make sure that no other start uses this home, and end what a broken one left behind."""
    with (home.folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            address = variables.read(home.runtime).get("ADDRESS", "an address that it printed")
            raise CannotStart(f"This folder's installation runs already, on {address}: stop that one first.") from None
        stop_left_over(home, say)
        yield


def left_over(home: Home) -> dict[int, str]:
    """Return the process numbers and names of all programs of this home, its servers started by hand included."""
    mark = f"{MARK}={home.folder}"
    names = {number: process_table.name(number) for number in process_table.numbers() if number != os.getpid()}
    found = {number: name for number, name in names.items() if mark in process_table.environment(number)}
    # Servers write their titles over their environment, but stand in the folder of their data.
    found |= {
        number: name
        for number, name in names.items()
        if name == "valkey-server" and process_table.working_folder(number) == str(home.valkey)
    }
    server = postgres.running(home.postgres)
    return found | ({server: "postgres"} if server else {})


def stop_left_over(home: Home, say: Callable[[str], None]) -> None:
    """End what an earlier start left behind, in order where possible; two servers on one data folder destroy it."""
    found = left_over(home)
    if not found:
        return
    say(f"Stopping what an earlier start left running (processes: {len(found)})")
    supervisors = [number for number in found if "supervisor.supervisord" in process_table.arguments(number)]
    if supervisors:
        _send(supervisors, signal.SIGTERM)
        _wait_for_end(home, SUPERVISOR_SECONDS)
    for number, name in left_over(home).items():
        # PostgreSQL would wait under SIGTERM for its clients to go.
        _send([number], signal.SIGINT if name == "postgres" else signal.SIGTERM)
    _wait_for_end(home, PROGRAM_SECONDS)
    if found := left_over(home):
        raise CannotStart(
            f"An earlier start left programs that do not stop: {_listed(found)}. End them, then try again."
        )


def _wait_for_end(home: Home, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while left_over(home) and time.monotonic() < deadline:
        time.sleep(0.2)


def _listed(found: dict[int, str]) -> str:
    return ", ".join(f"{name} ({number})" for number, name in sorted(found.items()))


def _send(numbers: list[int], number: int) -> None:
    for pid in numbers:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
