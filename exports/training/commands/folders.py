"""What the wrapper of a command leaves in the folder of its run, and whether its processes live."""

import json
import os
import shutil
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from exports.training.commands.wrapper import start_ticks


@dataclass(frozen=True)
class Process:
    """started: the start time in clock ticks since boot, None if it ended before that was read."""

    pid: int
    started: int | None

    @property
    def is_alive(self) -> bool:
        return self.started is not None and start_ticks(self.pid) == self.started

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, unless the process is gone."""
        if self.is_alive:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, number)


@dataclass(frozen=True)
class Exit:
    code: int
    is_overdue: bool
    error: str


@dataclass(frozen=True)
class RunFolder:
    path: Path

    @property
    def log(self) -> Path:
        return self.path / "log"

    @property
    def dataset(self) -> Path:
        return self.path / "dataset"

    @property
    def is_claimed(self) -> bool:
        return (self.path / "claimed").exists()

    def processes(self) -> tuple[Process, Process] | None:
        """The wrapper and the command; None before they started."""
        facts = self._read("started")
        return facts and (Process(*facts["wrapper"]), Process(*facts["command"]))

    def exit(self) -> Exit | None:
        facts = self._read("exit")
        return facts and Exit(facts["exit_code"], facts["is_overdue"], facts["error"])

    @property
    def is_in_use(self) -> bool:
        return any(process.is_alive for process in self.processes() or ())

    def remove_dataset(self) -> None:
        """Remove the copy of the export, if there is one."""
        shutil.rmtree(self.dataset, ignore_errors=True)

    def _read(self, name: str) -> dict | None:
        try:
            return json.loads((self.path / name).read_text())
        except FileNotFoundError:
            return None


def folder_of(run_id: int) -> RunFolder:
    return RunFolder(Path(settings.TRAINING_FOLDER) / str(run_id))


def end_left_over(command: Process) -> None:
    """End what a command without its wrapper left running: the processes of its session."""
    if start_ticks(command.pid) not in (None, command.started):
        return  # Its number belongs to another process, and with it the session of that number.
    for pid in _members(command.pid):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def _members(session: int) -> list[int]:
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdecimal():
            with suppress(ProcessLookupError, PermissionError):
                if os.getsid(int(entry)) == session:
                    found.append(int(entry))
    return found
