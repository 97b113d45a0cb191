"""A trainer that is a command on the machine of `run_trainers`."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Annotated, ClassVar

import msgspec

from exports.choices import RunStatus
from exports.training.adapters.base import HandOff, Observed, TrainerFailed
from exports.training.commands import datasets, wrapper
from exports.training.commands.folders import Exit, Process, RunFolder, end_left_over, folder_of

START_SECONDS = 30.0
GRACE_SECONDS = 30
LOG_BYTES = 16 * 2**20
# What a command sees of the environment of `run_trainers`: no secret of the installation.
PASSED_ON = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "SHELL", "VIRTUAL_ENV")
PASSED_ON_BEGINNINGS = ("LC_", "LD_LIBRARY_", "CUDA_", "NVIDIA_", "ROCR_", "HIP_", "SSL_CERT_")
# Wrappers that this process started, kept until they end so that the kernel can forget them.
_children: list[subprocess.Popen] = []


class CommandAdapter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    command: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    cwd: str | None = None
    environment: dict[str, str] = {}
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0)] | None = None

    is_supervised: ClassVar[bool] = True

    def validate(self) -> Iterator[str]:
        if not self.command[0]:
            yield "command: the program is empty."
        if self.cwd is not None and not os.path.isabs(self.cwd):
            yield "cwd: write an absolute path."
        for name in self.environment:
            if name.startswith("CRUCIBLE_"):
                yield f"environment: {name} is set by Crucible Feedback; choose a name without CRUCIBLE_."

    def start(self, hand_off: HandOff) -> Observed:
        folder = folder_of(hand_off.run_id)
        try:
            return self._started(hand_off, folder)
        except TrainerFailed as failure:
            if not failure.is_temporary:
                folder.remove_dataset()
            raise

    def _started(self, hand_off: HandOff, folder: RunFolder) -> Observed:
        if not folder.is_claimed:
            folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            variables = self._variables(hand_off, folder)
            self._start_wrapper(folder, variables)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if processes := folder.processes():
                return _running(processes[1])
            if ended := folder.exit():
                raise TrainerFailed(f"The command could not be started: {ended.error}.", is_temporary=False)
            time.sleep(0.02)
        raise TrainerFailed(
            "The command was claimed, but it is not known whether it ran; it is not started twice.", is_temporary=False
        )

    def _start_wrapper(self, folder: RunFolder, variables: dict[str, str]) -> None:
        try:
            _children.append(subprocess.Popen(self._line(folder), env=variables, **_DETACHED))
        except OSError as error:
            if error.errno != errno.E2BIG:
                raise
            size = len(variables["CRUCIBLE_CONFIG"].encode())
            reason = (
                f"The configuration has {size:,} bytes, too many for the variable CRUCIBLE_CONFIG. Make it smaller."
            )
            raise TrainerFailed(reason, is_temporary=False) from error

    def poll(self, hand_off: HandOff) -> Observed | None:
        _children[:] = [child for child in _children if child.poll() is None]
        folder = folder_of(hand_off.run_id)
        processes = folder.processes()
        if processes is not None and processes[0].is_alive:
            return _running(processes[1])
        # Read after the check: the wrapper may have ended in between.
        ended = folder.exit()
        if processes is not None and ended is None:
            end_left_over(processes[1])
        folder.remove_dataset()
        if ended is not None:
            return self._ended(ended)
        if processes is None:
            return Observed(RunStatus.FAILED, error=f"Nothing is known of the command in {folder.path}.")
        return Observed(
            RunStatus.FAILED,
            error="The command ended without an exit code: its machine was restarted, or its wrapper was killed.",
        )

    def cancel(self, hand_off: HandOff) -> None:
        """Send SIGTERM to the command and its processes, and SIGKILL after the grace time."""
        if processes := folder_of(hand_off.run_id).processes():
            its_wrapper, command = processes
            its_wrapper.signal(signal.SIGTERM)
            if not its_wrapper.is_alive:
                end_left_over(command)

    def _ended(self, ended: Exit) -> Observed:
        if ended.code == 0 and not ended.is_overdue:
            return Observed(RunStatus.COMPLETED, exit_code=0)
        return Observed(RunStatus.FAILED, error=self._reason(ended), exit_code=ended.code)

    def _reason(self, ended: Exit) -> str:
        if ended.is_overdue:
            return f"The command took longer than {self.timeout_seconds:,g} s (timeout_seconds) and was stopped."
        if ended.error:
            return f"The command could not be started: {ended.error}."
        if ended.code < 0:
            name = signal.Signals(-ended.code).name if -ended.code in set(signal.Signals) else f"signal {-ended.code}"
            return f"The command was ended by {name}. Its log has its last output."
        return f"The command ended with exit code {ended.code}. Its log says why."

    def _line(self, folder: RunFolder) -> list[str]:
        options = ["--grace", str(GRACE_SECONDS), "--log-bytes", str(LOG_BYTES)]
        options += ["--cwd", self.cwd] if self.cwd else []
        options += ["--timeout", str(self.timeout_seconds)] if self.timeout_seconds else []
        program = [sys.executable, "-I", "-S", wrapper.__file__]
        return [*program, str(folder.path), *options, "--", *self.command]

    def _variables(self, hand_off: HandOff, folder: RunFolder) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if name in PASSED_ON or name.startswith(PASSED_ON_BEGINNINGS)
        }
        dataset = datasets.local(hand_off.dataset, folder.dataset) if hand_off.dataset else ""
        return {
            **kept,
            **self.environment,
            "CRUCIBLE_RUN_ID": str(hand_off.run_id),
            "CRUCIBLE_DEPLOYMENT": hand_off.deployment,
            "CRUCIBLE_DATASET": dataset,
            "CRUCIBLE_REPORT_URL": hand_off.report_url,
            "CRUCIBLE_KEY": hand_off.key,
            "CRUCIBLE_CONFIG": json.dumps(hand_off.config),
        }


_DETACHED = {
    "start_new_session": True,
    "stdin": subprocess.DEVNULL,
    "stdout": subprocess.DEVNULL,
    "stderr": subprocess.DEVNULL,
}


def _running(command: Process) -> Observed:
    return Observed(RunStatus.RUNNING, process_id=command.pid, process_started=command.started)
