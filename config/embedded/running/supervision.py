"""supervisord keeps the programs running; this writes its configuration, starts it and talks to it."""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from http.client import HTTPException
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from config.embedded.errors import CannotStart
from config.embedded.home import Home
from config.embedded.running.processes import MARK
from config.embedded.running.programs import Program, tied

ANSWER_SECONDS = 30
TAIL_LINES = 15
HEAD = """\
[supervisord]
nodaemon = true
silent = true
user = {user}
logfile = logs/supervisord.log
pidfile = supervisord.pid
childlogdir = logs

[unix_http_server]
file = {socket}
chmod = 0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
# A program is tried again for as long as it takes: supervisord waits one second longer before every further try.
PROGRAM = """
[program:{name}]
command = {command}
priority = {priority}
autostart = {autostart}
autorestart = true
startretries = 1000000
stopsignal = {signal}
stopwaitsecs = {seconds}
killasgroup = true
redirect_stderr = true
stdout_logfile = logs/{name}.log
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 3
"""
NOT_RUNNING = ("BACKOFF", "EXITED", "FATAL", "STOPPED")
UNREACHABLE = (OSError, HTTPException)


@dataclass(frozen=True)
class ProgramState:
    name: str
    status: str
    pid: int

    @property
    def is_down(self) -> bool:
        return self.status in NOT_RUNNING


class Supervisor:
    def __init__(self, home: Home, programs: Iterable[Program]):
        self.home = home
        self.programs = list(programs)
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start supervisord and with it the servers; it ends with this process, however that goes."""
        path = self.home.folder / "supervisord.conf"
        path.write_text(self._configuration())
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", path.name]
        with (self.home.logs / "supervisord.errors.log").open("w") as errors:
            self.process = subprocess.Popen(
                tied(command),
                # Paths are relative to it: no quoting keeps supervisord from reading a ` ;` in a path as a comment.
                cwd=self.home.folder,
                env=os.environ | {MARK: str(self.home.folder)},
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                # Ctrl-C in a terminal reaches `up` alone, which then stops everything in order.
                start_new_session=True,
            )
        self._wait_for_answer()

    def start_applications(self) -> None:
        for program in self.programs:
            if not program.is_server:
                self._connection.startProcess(program.name, False)

    def start_stopped(self) -> None:
        """Start at once what would otherwise wait longer and longer for its next try."""
        for state in self.states():
            if state.is_down:
                try:
                    if state.status == "BACKOFF":
                        self._connection.stopProcess(state.name, True)
                    self._connection.startProcess(state.name, False)
                except (*UNREACHABLE, Fault):
                    continue

    def states(self) -> list[ProgramState]:
        try:
            found = self._connection.getAllProcessInfo()
        except UNREACHABLE:
            return []
        return [ProgramState(program["name"], program["statename"], program["pid"]) for program in found]

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def is_trying(self, name: str) -> bool:
        """Return whether this program runs or has just been started, rather than failed."""
        return any(state.name == name and not state.is_down for state in self.states())

    def stop(self) -> None:
        """Stop the programs in the opposite order of their start, and wait until that is done."""
        if self.process:
            self.process.terminate()
            self.process.wait()

    def log_tail(self, name: str) -> str:
        path = self.home.logs / f"{name}.log"
        lines = path.read_text(errors="replace").splitlines() if path.exists() else []
        return "\n".join(lines[-TAIL_LINES:])

    @property
    def _socket(self) -> str:
        return str(self.home.sockets / "supervisor.sock")

    @property
    def _connection(self):
        transport = SupervisorTransport(None, None, serverurl=f"unix://{self._socket}")
        return ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def _wait_for_answer(self) -> None:
        deadline = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < deadline and self.is_alive():
            try:
                self._connection.getState()
            except (*UNREACHABLE, Fault):
                time.sleep(0.1)
            else:
                return
        self.stop()
        raise CannotStart(f"supervisord did not start:\n{self.log_tail('supervisord.errors')}")

    def _configuration(self) -> str:
        head = HEAD.format(user=os.geteuid(), socket=self._socket)
        sections = [
            PROGRAM.format(
                name=program.name,
                command=_escaped(_quoted(program.line())),
                priority=priority,
                autostart=str(program.is_server).lower(),
                signal=program.stop_signal.name.removeprefix("SIG"),
                seconds=program.stop_seconds,
            )
            for priority, program in enumerate(self.programs, start=1)
        ]
        return head + "".join(sections)


def _quoted(words: list[str]) -> str:
    """Quote a command so that no blank stands before a `;` or `#`, where supervisord would see a comment."""
    return " ".join("' '".join(shlex.quote(part) for part in word.split(" ")) for word in words)


def _escaped(text: str) -> str:
    return text.replace("%", "%%")
