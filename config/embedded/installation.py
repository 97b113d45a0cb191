"""One running installation: its own servers where none are given, and the programs that use them."""

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial

from config.embedded import account, environment, room, variables
from config.embedded.errors import CannotStart
from config.embedded.home import ROOT, Home
from config.embedded.running import processes
from config.embedded.running.programs import Program, application_programs, postgres_program, tied, valkey_program
from config.embedded.running.supervision import Supervisor
from config.embedded.servers import postgres, valkey
from config.embedded.servers.postgres import Postgres
from config.embedded.servers.valkey import Valkey

# How long a server may fail and be tried again before the start is given up.
FAILING_SECONDS = 15
WEB_SECONDS = 120
LOOK_SECONDS = 1


class Installation:
    def __init__(self, home: Home, *, secrets: dict[str, str], port: int, say: Callable[[str], None]):
        self.home = home
        self.secrets = secrets
        self.address = f"http://127.0.0.1:{port}"
        self.say = say
        self.applications = application_programs(port)
        self.supervisor = Supervisor(home, self.applications)
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None

    def start_servers(self) -> None:
        """Start supervisord, and with it the servers that the environment does not name, and wait for their answers."""
        self.supervisor.programs = [*self._servers(), *self.applications]
        os.environ.setdefault("PUBLIC_URL", self.address)
        variables.write(self.home.runtime, environment.shared() | {"ADDRESS": self.address})
        self.supervisor.start()
        self._wait_for_servers()

    def start_applications(self) -> None:
        """Start the writer, the workers, beat and the web server; return when the web server answers."""
        self.supervisor.start_applications()
        deadline = time.monotonic() + WEB_SECONDS
        while not self._web_answers():
            if time.monotonic() > deadline or not self.supervisor.is_alive():
                raise CannotStart(f"The web server did not start:\n{self.supervisor.log_tail('web')}")
            time.sleep(0.2)

    def manage(self, *arguments: str, shown: bool = False) -> None:
        """Run a management command; what it says goes to the terminal, or to a log that is shown if it fails."""
        with (self.home.logs / f"{arguments[0]}.log").open("w") as log:
            ended = subprocess.run(
                tied([sys.executable, "manage.py", *arguments]),
                cwd=ROOT,
                env=os.environ | {processes.MARK: str(self.home.folder)},
                stdin=subprocess.DEVNULL,
                stdout=None if shown else log,
                stderr=None if shown else log,
                check=False,
                start_new_session=True,
            )
        if ended.returncode:
            raise CannotStart(f"`manage.py {' '.join(arguments)}` failed.\n{self.supervisor.log_tail(arguments[0])}")

    def watch(self) -> None:
        """Tell of every program that had to be started again, and start supervisord again, until interrupted.

        While the disk is full, wait for room; then start what had stopped.
        """
        pids: dict[str, int] = {}
        while True:
            time.sleep(LOOK_SECONDS)
            if self.wait_for_room():
                self.supervisor.start_stopped()
            if not self.supervisor.is_alive():
                try:
                    self._begin_again()
                except (CannotStart, OSError):
                    if not room.is_low(self.home.folder):
                        raise
                pids = {}
            for state in self.supervisor.states():
                if state.pid and pids.setdefault(state.name, state.pid) != state.pid:
                    self.say(f"{state.name} had ended and was started again: see {self._shown_log(state.name)}")
                    pids[state.name] = state.pid

    def wait_for_room(self) -> bool:
        return room.wait(self.home.folder, self.say)

    def stop(self) -> None:
        self.supervisor.stop()
        shutil.rmtree(self.home.sockets, ignore_errors=True)

    def _servers(self) -> list[Program]:
        programs = []
        if os.environ["DATABASE_URL"] == postgres.url(self.home):
            user = account.ensure()
            self.home.make(user)  # An earlier start that was still stopping may have removed the sockets' folder.
            self._open_passage(user)
            self.postgres = Postgres.of(self.home, user)
            self.postgres.prepare(self.say)
            programs.append(postgres_program(self.postgres))
        password = self.secrets["VALKEY_PASSWORD"]
        if valkey.is_ours(os.environ["REDIS_URL"], password):
            self.valkey = Valkey(self.home, valkey.port_of(os.environ["REDIS_URL"]), password)
            self.valkey.prepare()
            programs.append(valkey_program(self.valkey))
        return programs

    def _open_passage(self, user: account.Account | None) -> None:
        for folder in account.open_passage(user, self.home.folder) if user else []:
            self.say(
                f"PostgreSQL runs as the system user {user.name}, who may now pass through {folder}, and only that."
            )

    def _wait_for_servers(self) -> None:
        if self.postgres:
            self._wait("postgres", "PostgreSQL", partial(postgres.wait_until_ready, self.home))
            postgres.make_database(self.home)
        if self.valkey:
            self._wait("valkey", "Valkey", self.valkey.wait_until_ready)

    def _wait(self, name: str, title: str, wait: Callable) -> None:
        self.say(f"Starting {title}")
        patient_until = time.monotonic() + FAILING_SECONDS
        try:
            wait(alive=lambda: self.supervisor.is_trying(name) or time.monotonic() < patient_until, say=self.say)
        except CannotStart as refusal:
            raise CannotStart(f"{refusal}; the end of its log says:\n{self.supervisor.log_tail(name)}") from None

    def _web_answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=5) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def _begin_again(self) -> None:
        self.say("supervisord had ended: starting it and its programs again")
        processes.stop_left_over(self.home, self.say)
        self.supervisor.start()
        self._wait_for_servers()
        self.start_applications()

    def _shown_log(self, name: str) -> str:
        return os.path.relpath(self.home.logs / f"{name}.log", ROOT)
