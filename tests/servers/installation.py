"""A whole installation in a folder of its own, with durable servers, for tests that kill its parts."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psycopg
import redis

from config.embedded import account, process_table
from config.embedded.home import ROOT, Home
from config.embedded.running.programs import Program, application_programs, postgres_program, valkey_program
from config.embedded.servers import ports, postgres, valkey
from config.embedded.servers.postgres import Postgres
from config.embedded.servers.valkey import Valkey
from feedback.ingestion import stream, writers

SECONDS = 180
POSTGRES, VALKEY, WEB, WRITER, SECOND_WRITER = "postgres", "valkey", "web", "writer", "second writer"
PARTS = (POSTGRES, VALKEY, WEB, WRITER, SECOND_WRITER)
SET_UP = """
from django.contrib.auth import get_user_model
from django.core.management import call_command
call_command("migrate", verbosity=0)
get_user_model().objects.create_superuser("operator")
call_command("create_api_key", "--user", "operator", "--scopes", "ingest", "signals", "read", "operate")
"""


def until(holds: Callable[[], bool], *, seconds: float = SECONDS) -> None:
    """Wait until a condition holds; the test fails when it does not in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


class Installation:
    """PostgreSQL and Valkey as `make run` has them, a web server and two writers; each can be killed and started."""

    def __init__(self, folder: Path, *, flush_seconds: float = 0.05, settings: Mapping[str, str] | None = None):
        self.home = Home(folder)
        self.settings = {"INGEST_FLUSH_SECONDS": str(flush_seconds), **(settings or {})}
        user = account.ensure()
        self.home.make(user)
        if user:
            account.open_passage(user, folder)
        self.database = Postgres.of(self.home, user)
        self.stream_server = Valkey(self.home, ports.first_free(18_000 + secrets.randbelow(2_000)), "secret")
        self.port = ports.first_free(self.stream_server.port + 1)
        self.stream = redis.Redis.from_url(self.redis_url, socket_timeout=5, socket_connect_timeout=5)
        self.running: dict[str, subprocess.Popen] = {}
        self.key = ""

    @property
    def redis_url(self) -> str:
        return valkey.url(self.stream_server.port, self.stream_server.password)

    @property
    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": postgres.url(self.home),
            "REDIS_URL": self.redis_url,
            "SECRET_KEY": "secret" * 6,
            "HASH_KEY": "secret" * 6,
            "EXPORT_URL": f"file://{self.home.exports}",
            "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "TRAINING_FOLDER": str(self.home.folder / "training"),
            **self.settings,
        }

    def set_up(self) -> None:
        """Start the servers, make the tables and a key, then start the rest."""
        self.stream_server.prepare()
        self.start(POSTGRES, VALKEY)
        self.make_database()
        self.key = self.manage("shell", "--no-imports", "--command", SET_UP).split()[-1]
        self.start(WEB, WRITER)

    def make_database(self) -> None:
        postgres.make_database(self.home)

    def manage(self, *arguments: str) -> str:
        """Run a management command and return what it prints. Raises CalledProcessError when it fails."""
        made = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=SECONDS,
        )
        return made.stdout

    def run_postgres_program(self, name: str, *arguments: str) -> str:
        """Run a client program that comes with PostgreSQL, such as pg_dump, on the database."""
        program = [str(self.database.programs.folder / name), "--dbname", postgres.url(self.home), *arguments]
        ended = subprocess.run(program, stdout=subprocess.PIPE, text=True, check=True, timeout=SECONDS)
        return ended.stdout

    def start(self, *names: str) -> None:
        """Start these parts and wait until they answer."""
        for name in names:
            self.launch(name)
        for name in names:
            until(lambda name=name: self.is_ready(name))

    def launch(self, name: str) -> None:
        if name == POSTGRES:
            self.database.prepare(lambda _: None)
        with (self.home.logs / f"{name}.log").open("a") as log:
            self.running[name] = subprocess.Popen(
                self._program(name).line(),
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _program(self, name: str) -> Program:
        if name == POSTGRES:
            return postgres_program(self.database)
        if name == VALKEY:
            return valkey_program(self.stream_server)
        programs = {program.name: program for program in application_programs(self.port)}
        return programs[WRITER if name == SECOND_WRITER else name]

    def is_ready(self, name: str) -> bool:
        if self.running[name].poll() is not None:
            # As a supervisor does: a web server cannot have its port while workers of the killed one still hold it.
            self.launch(name)
        try:
            if name == POSTGRES:
                psycopg.connect(postgres.url(self.home, "postgres"), connect_timeout=5).close()
                return True
            if name == VALKEY:
                return self.stream.ping()
            if name == WEB:
                return self._web_answers()
            return bool(self._heartbeats(name))
        except (psycopg.OperationalError, redis.RedisError):
            return False

    def _web_answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def kill(self, name: str) -> None:
        """End a part at once: of PostgreSQL every process, of the web server the master, as its workers outlive it."""
        process = self.running.pop(name)
        children = children_of(process.pid) if name == POSTGRES else []
        process.kill()
        process.wait()
        kill_and_wait(children)

    def kill_a_web_worker(self) -> None:
        """Kill one worker and wait until the master has started another."""
        before = children_of(self.running[WEB].pid)
        kill_and_wait(before[:1])
        until(lambda: len(set(children_of(self.running[WEB].pid)) - {before[0]}) == len(before))

    def stop(self, name: str) -> int:
        """End a part as a supervisor does and return its exit status."""
        process = self.running.pop(name)
        process.send_signal(self._program(name).stop_signal)
        return process.wait(timeout=SECONDS)

    def pause(self, name: str) -> None:
        self.running[name].send_signal(signal.SIGSTOP)

    def go_on(self, name: str) -> None:
        self.running[name].send_signal(signal.SIGCONT)

    def let_heartbeat_lapse(self, pid: int) -> None:
        """Do what time would do to the heartbeat of a dead or hanging writer."""
        for name in self._heartbeats_of(pid):
            self.stream.delete(name)

    def _heartbeats(self, name: str) -> list[bytes]:
        return self._heartbeats_of(self.running[name].pid)

    def _heartbeats_of(self, pid: int) -> list[bytes]:
        return list(self.stream.scan_iter(f"{writers.HEARTBEAT}*:{pid}:*"))

    def entries(self) -> int:
        """How many requests wait in the stream."""
        return self.stream.xlen(stream.STREAM)

    def held_by(self, pid: int) -> int:
        """How many entries the writer with this process number has read and not acknowledged."""
        consumers = self.stream.xinfo_consumers(stream.STREAM, stream.GROUP)
        return sum(row["pending"] for row in consumers if f":{pid}:" in row["name"].decode())

    def drain(self) -> None:
        until(lambda: self.entries() == 0)

    def query(self, statement: str, *parameters) -> list[tuple]:
        with psycopg.connect(postgres.url(self.home), autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def log(self, name: str) -> str:
        return (self.home.logs / f"{name}.log").read_text()

    def tear_down(self) -> None:
        for name in list(self.running):
            self.kill(name)
        self.stream.close()
        shutil.rmtree(self.home.sockets)


@contextmanager
def installation(folder: Path, **options):
    """A running installation, which ends with the block and with this process, however that goes."""
    made = Installation(folder, **options)
    try:
        made.set_up()
        yield made
    finally:
        made.tear_down()


def children_of(pid: int) -> list[int]:
    return sorted(number for number in process_table.numbers() if _status(number)[1:2] == [str(pid)])


def kill_and_wait(pids: Iterable[int]) -> None:
    pids = list(pids)
    for pid in pids:
        with suppress(ProcessLookupError):  # What lost its parent may have ended by itself.
            os.kill(pid, signal.SIGKILL)
    until(lambda: all(_status(pid)[:1] in ([], ["Z"]) for pid in pids))


def _status(pid: int) -> list[str]:
    """State, parent and further fields of a process; nothing of one that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
