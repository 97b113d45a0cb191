"""The programs of one installation, in the order in which they start."""

import signal
import sys
from dataclasses import dataclass

from config.embedded.home import ROOT
from config.embedded.servers.postgres import Postgres
from config.embedded.servers.valkey import Valkey

LAUNCHER = ROOT / "config" / "embedded" / "running" / "launch.py"
CELERY = [sys.executable, "-m", "celery", "-A", "config"]


@dataclass(frozen=True)
class Program:
    name: str
    command: list[str]
    is_server: bool = False
    user: str | None = None
    lock: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: int = 30

    def line(self) -> list[str]:
        """Return the command that ties the program to whoever starts it."""
        options = ["--folder", str(ROOT), "--signal", str(self.stop_signal.value)]
        options += ["--user", self.user] if self.user else []
        options += ["--lock", self.lock] if self.lock else []
        return tied(self.command, *options)


def tied(command: list[str], *options: str) -> list[str]:
    """Return a command that ends with its parent, however that goes."""
    return [sys.executable, "-I", "-S", str(LAUNCHER), *options, "--", *command]


def postgres_program(server: Postgres, *, unsafe: bool = False) -> Program:
    user = server.account.name if server.account else None
    # SIGINT disconnects the clients; under SIGTERM the server would wait until they leave.
    return Program("postgres", server.command(unsafe=unsafe), True, user, None, signal.SIGINT, 90)


def valkey_program(server: Valkey) -> Program:
    return Program("valkey", server.command(), True, lock=server.lock, stop_seconds=90)


def _worker(name: str, queues: list[str], *, processes: int) -> Program:
    options = ["--queues", ",".join(queues), "--concurrency", str(processes), "--hostname", f"{name}@%h"]
    return Program(name, [*CELERY, "worker", *options, "--loglevel", "INFO"])


def application_programs(port: int) -> list[Program]:
    """Return the writer first and the web server last: they stop in the opposite order, so the writer flushes."""
    web = ["gunicorn", "--config", "config/web/gunicorn.py", "--bind", f"127.0.0.1:{port}", "config.wsgi"]
    return [
        Program("writer", [sys.executable, "manage.py", "run_writer"]),
        _worker("worker-ingest", ["ingest"], processes=1),
        _worker("worker", ["drift", "curation", "export"], processes=2),
        Program("trainer", [sys.executable, "manage.py", "run_trainers"]),
        Program("beat", [*CELERY, "beat", "--pidfile", "", "--loglevel", "INFO"]),
        Program("web", [sys.executable, "-m", *web]),
    ]
