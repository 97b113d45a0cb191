import os
import signal
import time
from pathlib import Path

import redis
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections

from config import doctor
from config.embedded import access, environment, room, secrets
from config.embedded.errors import CannotStart
from config.embedded.home import Home
from config.embedded.installation import Installation
from config.embedded.running import launch, processes
from config.embedded.servers import ports
from feedback.models import Deployment
from feedback.simulation.scenarios import DEMO

FIRST_PORT = "8000"
READY_SECONDS = 60
EVENT = '{"deployment_id": "first-steps", "prompt": "What is 2 + 2?", "response": "2 + 2 is 4."}'
WELCOME = """
Crucible Feedback runs on {address}

  Console    {address}/admin/
  User       {user}
  Password   {password}
  API key    {key}

Send an event:

  curl -sS {address}/api/v1/events -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{event}'

Logs are in {logs}. Ctrl-C stops everything.
"""


class Command(BaseCommand):
    help = "Start the whole installation on this machine, with its own PostgreSQL and Valkey unless others are named."
    requires_system_checks = []

    def handle(self, **options):
        self._obey_signals()
        home = environment.home_of(settings.BASE_DIR)
        try:
            with processes.claimed(home, self._say):
                self._run(Installation(home, secrets=secrets.keep(home.secrets), port=self._port(home), say=self._say))
        except CannotStart as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            self._say("Stopped")

    def _run(self, installation: Installation) -> None:
        try:
            self._start_with_room(installation)
            self._load_demo(installation)
            installation.watch()
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            self._say("Stopping, which takes a few seconds")
            installation.stop()

    def _start_with_room(self, installation: Installation) -> None:
        """Start; where the disk fills up meanwhile, stop, wait for room and start again."""
        while True:
            try:
                return self._start(installation)
            except (CannotStart, OSError, redis.RedisError, DatabaseError):
                if not room.is_low(installation.home.folder):
                    raise
                installation.stop()
                installation.wait_for_room()

    def _start(self, installation: Installation) -> None:
        installation.start_servers()
        for check in (doctor.database, doctor.stream_server):
            if finding := check():
                raise CannotStart(finding.problem)
        connections.close_all()
        self._say("Bringing the database up to date")
        installation.manage("migrate", "--no-input")
        if not _static_files_are_current():
            self._say("Collecting static files")
            installation.manage("collectstatic", "--no-input")
        self._say("Starting the writer, the workers, beat and the web server")
        installation.start_applications()
        self._wait_for_writer_and_workers()
        self._welcome(installation)

    def _wait_for_writer_and_workers(self) -> None:
        """Wait until the writer and the workers run, so that everything works when the welcome is printed."""
        deadline = time.monotonic() + READY_SECONDS
        for check in (doctor.writer, doctor.worker):
            while finding := check():
                if time.monotonic() > deadline:
                    self._say(f"{finding.problem} {finding.advice}")
                    break
                time.sleep(0.2)

    def _welcome(self, installation: Installation) -> None:
        password = installation.secrets["ADMIN_PASSWORD"]
        admin = access.ensure_admin(password)
        text = WELCOME.format(
            address=installation.address,
            user=access.ADMIN,
            password=password if admin.check_password(password) else "(changed since the first start)",
            key=access.ensure_key(admin, installation.home),
            event=EVENT,
            logs=os.path.relpath(installation.home.logs),
        )
        connections.close_all()
        self._say(text)

    def _load_demo(self, installation: Installation) -> None:
        """Load demo traffic into an empty installation, or finish what an interrupted start began."""
        state = installation.home.folder / "demo.state"
        if state.exists() and state.read_text() == "done":
            return
        if not state.exists() and Deployment.objects.exists():
            return
        connections.close_all()
        state.write_text("started")
        self._say("Loading demo traffic, on the first start only")
        try:
            installation.manage("simulate", "--demo", shown=True)
            self._check_demo(installation)
        except CannotStart as error:
            self._say(f"{error} The next start tries again.")
        else:
            state.write_text("done")
            self._say(f"The demo traffic is loaded: open {installation.address}/admin/")

    def _check_demo(self, installation: Installation) -> None:
        """Create the first rows of the console's pages without waiting for the schedules."""
        self._say("Checking the demo traffic for drift and curating a first set")
        for scenario in DEMO:
            installation.manage("detect_drift", scenario.deployment_id)
            installation.manage("check_triggers", scenario.deployment_id)
        installation.manage("curate", DEMO[0].deployment_id, "--name", "demo", "--limit", "200")

    def _port(self, home: Home) -> int:
        """The port of PORT, else the one of the last start, so that its address stays; the next free one if taken."""
        last = home.port.read_text().strip() if home.port.exists() else FIRST_PORT
        wanted = ports.wanted(os.environ.get("PORT", last))
        port = ports.first_free(wanted)
        if port != wanted:
            self._say(f"Port {wanted} is taken, so this uses port {port}")
        home.port.write_text(f"{port}\n")
        return port

    def _say(self, text: str) -> None:
        try:
            self.stdout.write(text)
            self.stdout.flush()
        except OSError as error:
            # The output may be a file on the full disk.
            if error.errno not in room.FULL:
                raise

    def _obey_signals(self) -> None:
        """Treat termination signals and a killed `make` like Ctrl-C; under nohup, ignore a closed terminal."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, signal.default_int_handler)
        if "MAKELEVEL" in os.environ:
            launch.end_with_parent(signal.SIGTERM)


def _static_files_are_current() -> bool:
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    sources = [
        settings.BASE_DIR / "requirements.txt",
        *(path for folder in settings.STATICFILES_DIRS for path in folder.rglob("*")),
    ]
    return manifest.exists() and manifest.stat().st_mtime > max(source.stat().st_mtime for source in sources)
