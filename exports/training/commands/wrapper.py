"""Runs one command of a trainer, once: `wrapper.py FOLDER [OPTIONS] -- COMMAND ...`.

Run by path with the standard library only. It outlives `run_trainers` and leaves in FOLDER what that program reads:

claimed   made before the command starts, and only by one wrapper; a second one ends without starting anything
started   the processes of wrapper and command, each with its start time
log       standard output and error, up to a size; what comes later is left out, except for its end
exit      the exit code
"""

import argparse
import ctypes
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
CLAIMED_BEFORE = 75
NOT_STARTED = 127
BLOCK_BYTES = 64 * 1024
TAIL_BYTES = 64 * 1024
CHECK_SECONDS = 0.2
# What a command leaves running may hold its output open; it is ended after this long.
DRAIN_SECONDS = 2.0


def start_ticks(pid: int) -> int | None:
    """When this process started, in clock ticks since boot; None if it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in ("Z", "X") else int(fields[19])


def write(path: Path, facts: dict) -> None:
    """Write a file that is there completely or not at all."""
    draft = path.with_name(f".{path.name}")
    with draft.open("w") as file:
        json.dump(facts, file)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


class Log:
    """A file that is only appended to and ends at a size, followed by the last output."""

    def __init__(self, path: Path, most_bytes: int):
        self._file = path.open("ab", buffering=0)
        self._left = most_bytes
        self._tail = b""
        self._cut = 0

    def add(self, data: bytes) -> None:
        written = self._write(data[: self._left])
        self._left -= written
        if later := data[written:]:
            if not self._cut:
                # Nothing after the first gap, also if the disk has room again.
                self._left = 0
                self._write(b"\n[The log is full: further output is left out, except for its end.]\n")
            self._cut += len(later)
            self._tail = (self._tail + later)[-TAIL_BYTES:]

    def close(self) -> None:
        if self._cut:
            self._write(b"[%d bytes left out]\n" % (self._cut - len(self._tail)) + self._tail)
        self._file.close()

    def _write(self, data: bytes) -> int:
        """Write what fits and return how many bytes: a full disk does not end the command."""
        written = 0
        try:
            while written < len(data):
                written += self._file.write(data[written:])
        except OSError:
            pass
        return written


class Run:
    def __init__(self, folder: Path, options: argparse.Namespace):
        self.folder = folder
        self.options = options
        self.kill_at = float("inf")
        self.ends_at = time.monotonic() + options.timeout if options.timeout else float("inf")
        self.is_overdue = False
        self.process: subprocess.Popen | None = None

    def main(self) -> int:
        try:
            os.close(os.open(self.folder / "claimed", os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return CLAIMED_BEFORE
        # A handler, not SIG_IGN: the command would inherit that.
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.stop)
        log = Log(self.folder / "log", self.options.log_bytes)
        try:
            self.process = self._started()
        except OSError as error:
            log.add(f"{error}\n".encode())
            log.close()
            self._write_exit(NOT_STARTED, error=f"{self.options.command[0]}: {error.strerror}")
            return NOT_STARTED
        self._write_started()
        self._follow(log)
        log.close()
        self._write_exit(self.process.returncode)
        return 0

    def stop(self, *_) -> None:
        """Ask the command and what it started to end, and end them after the grace time."""
        if self.kill_at == float("inf"):
            self.kill_at = time.monotonic() + self.options.grace
            self._signal(signal.SIGTERM)

    def _started(self) -> subprocess.Popen:
        libc = ctypes.CDLL(None)
        return subprocess.Popen(
            self.options.command,
            cwd=self.options.cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # No command without the process that keeps its exit code.
            preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL),
        )

    def _follow(self, log: Log) -> None:
        output = self.process.stdout
        os.set_blocking(output.fileno(), False)
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            drained_at = float("inf")
            while time.monotonic() < drained_at:
                if selector.select(CHECK_SECONDS):
                    data = os.read(output.fileno(), BLOCK_BYTES)
                    if not data:
                        break
                    log.add(data)
                if self.process.poll() is not None:
                    drained_at = min(drained_at, time.monotonic() + DRAIN_SECONDS)
                self._enforce_deadlines()
        while self.process.poll() is None:
            time.sleep(CHECK_SECONDS)
            self._enforce_deadlines()
        self._signal(signal.SIGKILL)

    def _enforce_deadlines(self) -> None:
        now = time.monotonic()
        if now >= self.ends_at and not self.is_overdue:
            self.is_overdue = True
            self.stop()
        if now >= self.kill_at:
            self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except (ProcessLookupError, PermissionError):
                return

    def _write_started(self) -> None:
        own, command = os.getpid(), self.process.pid
        facts = {"wrapper": [own, start_ticks(own)], "command": [command, start_ticks(command)]}
        write(self.folder / "started", facts)

    def _write_exit(self, code: int, error: str = "") -> None:
        write(self.folder / "exit", {"exit_code": code, "is_overdue": self.is_overdue, "error": error})


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cwd")
    parser.add_argument("--timeout", type=float, default=0)
    parser.add_argument("--grace", type=float, default=30)
    parser.add_argument("--log-bytes", type=int, default=2**24)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    return Run(options.folder, options).main()


if __name__ == "__main__":
    sys.exit(main())
