"""The servers of an installation and what keeps them running, with real processes."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import psycopg
import pytest
import redis

from config.embedded import account
from config.embedded.home import Home
from config.embedded.running import processes
from config.embedded.running.programs import Program, postgres_program, valkey_program
from config.embedded.running.supervision import Supervisor
from config.embedded.servers import ports, postgres, valkey
from config.embedded.servers.postgres import Postgres
from config.embedded.servers.valkey import Valkey

pytestmark = pytest.mark.slow
SECONDS = 60
SHOW_ARGUMENTS = "import json, pathlib, sys; pathlib.Path(sys.argv[1]).write_text(json.dumps(sys.argv[2:]))"


class Servers:
    """A supervised PostgreSQL and Valkey in one home."""

    def __init__(self, home):
        self.home = home
        self.postgres = Postgres.of(home, account.ensure())
        self.valkey = Valkey(home, ports.first_free(18_000), "secret")
        self.supervisor = None

    @contextmanager
    def running(self, *others):
        self.postgres.prepare(_silent)
        self.valkey.prepare()
        programs = [postgres_program(self.postgres), valkey_program(self.valkey), *others]
        self.supervisor = Supervisor(self.home, programs)
        self.supervisor.start()
        try:
            self.wait()
            yield self
        finally:
            self.supervisor.stop()

    def wait(self):
        deadline = time.monotonic() + SECONDS
        postgres.wait_until_ready(self.home, alive=lambda: time.monotonic() < deadline, say=_silent)
        self.valkey.wait_until_ready(alive=lambda: time.monotonic() < deadline, say=_silent)

    def query(self, statement):
        with psycopg.connect(postgres.url(self.home, "postgres"), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else None

    def stream(self):
        return redis.Redis.from_url(valkey.url(self.valkey.port, self.valkey.password), decode_responses=True)

    def pid(self, name):
        return next(state.pid for state in self.supervisor.states() if state.name == name)


def _silent(_text):
    pass


def _until(condition):
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture
def servers(tmp_path):
    home = Home(tmp_path / "with space ;#100%" / ".local")
    user = account.ensure()
    home.make(user)
    if user:
        account.open_passage(user, home.folder)
    yield Servers(home)
    processes.stop_left_over(home, _silent)
    (home.sockets / "postgres").rmdir()
    home.sockets.rmdir()


def test_killed_servers_come_back_with_their_data(servers, tmp_path):
    shown, words = tmp_path / "shown", ["a b", "c ;d", " #e", "", "100%", "it's"]
    odd = Program("odd", [sys.executable, "-c", SHOW_ARGUMENTS, str(shown), *words])
    with servers.running(odd):
        servers.query("CREATE EXTENSION vector")
        servers.query("CREATE TABLE kept AS SELECT '[1,2]'::vector AS v")
        servers.stream().set("kept", "1")
        before = {name: servers.pid(name) for name in ("postgres", "valkey")}

        servers.supervisor.start_applications()
        for pid in before.values():
            os.kill(pid, signal.SIGKILL)
        _until(lambda: all(servers.pid(name) not in (0, pid) for name, pid in before.items()))
        servers.wait()

        assert servers.query("SELECT v::text FROM kept") == [("[1,2]",)]
        assert servers.stream().get("kept") == "1"
        assert json.loads(shown.read_text()) == words
    assert processes.left_over(servers.home) == {}


def test_a_lock_file_that_names_another_program_does_not_stop_the_start(servers):
    servers.postgres.prepare(_silent)
    (servers.home.postgres / "postmaster.pid").write_text(f"{os.getppid()}\n{servers.home.postgres}\n0\n")

    with servers.running():
        assert servers.query("SELECT 1") == [(1,)]


def test_a_second_server_on_the_same_data_is_refused_and_the_first_one_can_be_ended(servers):
    servers.postgres.prepare(_silent)
    servers.valkey.prepare()
    commands = [postgres_program(servers.postgres).line(), valkey_program(servers.valkey).line()]
    # Started with the mark that `up` gives and never ended by whoever started them.
    marked = os.environ | {processes.MARK: str(servers.home.folder)}
    first = [subprocess.Popen(command, env=marked, stderr=subprocess.DEVNULL) for command in commands]
    servers.wait()

    second = [subprocess.run(command, capture_output=True, text=True, timeout=SECONDS) for command in commands]

    assert [bool(process.returncode) for process in second] == [True, True]
    assert "already exists" in second[0].stderr
    assert "holds" in second[1].stderr
    assert set(processes.left_over(servers.home).values()) == {"postgres", "valkey-server"}
    processes.stop_left_over(servers.home, _silent)
    assert [process.wait() for process in first] == [0, 0]


def test_everything_ends_when_the_process_that_started_it_is_killed(servers):
    starter = subprocess.Popen(
        [sys.executable, "-c", START_AND_WAIT, str(servers.home.folder)], stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout.readline() == "ready\n"
    assert len(processes.left_over(servers.home)) >= 2

    starter.kill()
    starter.wait()

    _until(lambda: not processes.left_over(servers.home))


START_AND_WAIT = """
import pathlib, sys, time
from config.embedded.home import Home
from tests.config.embedded.test_servers import Servers
with Servers(Home(pathlib.Path(sys.argv[1]))).running():
    sys.stdout.write("ready\\n")
    sys.stdout.flush()
    time.sleep(600)
"""


def test_what_waits_for_its_next_try_is_started_at_once(servers, tmp_path):
    """After a full disk a program may have failed so often that supervisord waits for minutes."""
    flag = tmp_path / "room"
    program = f"import pathlib, sys, time; pathlib.Path({str(flag)!r}).exists() or sys.exit(1); time.sleep(600)"
    failing = Program("failing", [sys.executable, "-c", program], is_server=True)

    with servers.running(failing) as running:
        _until(lambda: any(one.status == "BACKOFF" for one in running.supervisor.states()))
        flag.touch()
        running.supervisor.start_stopped()

        _until(lambda: [one.status for one in running.supervisor.states() if one.name == "failing"] == ["RUNNING"])
