"""`run_trainers`: hands runs to trainers that are commands and watches them, until stopped.

It may be killed at any moment: commands go on, and the next start finds them by what their wrappers left.
"""

import fcntl
import shutil
import signal
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import redis
import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from exports.models import TrainerCall, TrainingRun
from exports.models.training import ENDED
from exports.training import trainers
from exports.training.commands.folders import RunFolder, end_left_over
from exports.training.handover import calls, keys, observing

log = structlog.get_logger(__name__)
CHECK_SECONDS, IDLE_SECONDS = 1.0, 10.0
LONGEST_PAUSE_SECONDS = 30.0
TIDY_SECONDS = 600.0
HEARTBEAT, HEARTBEAT_SECONDS = "run_trainers:heartbeat", 60


class AlreadyRunning(Exception):
    def __init__(self, folder: Path):
        super().__init__(f"Another run_trainers uses {folder} (TRAINING_FOLDER).")


@contextmanager
def alone(folder: Path) -> Iterator[str]:
    """Hold the training folder and give the name of this machine, which is kept in it. Raises AlreadyRunning."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "machine").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(folder) from error
        file.seek(0)
        name = file.read().strip()
        if not name:
            name = str(uuid.uuid4())
            file.write(name)
            file.flush()
        yield name


def step(machine: str) -> None:
    """Make the calls that are due and check every run of this machine."""
    calls.open_calls()
    supervised = trainers.supervised()
    due = TrainerCall.objects.of_trainers(supervised).of_machine(machine).due(timezone.now())
    try:
        for call_id in due.order_by("pk").values_list("pk", flat=True):
            calls.attempt(call_id, machine=machine)
        for run in observing.started(machine):
            observing.observe(run)
    finally:
        keys.revoke_ended()


def remove_folders() -> None:
    """Remove the folders of runs that are deleted, and end their commands; of runs that are over, the copied export."""
    paths = [path for path in Path(settings.TRAINING_FOLDER).iterdir() if path.name.isdecimal()]
    folders = {int(path.name): RunFolder(path) for path in paths}
    runs = dict(TrainingRun.objects.filter(pk__in=folders).values_list("pk", "status"))
    for run_id, folder in folders.items():
        if run_id not in runs:
            _remove(folder)
        elif runs[run_id] in ENDED and not folder.is_in_use:
            folder.remove_dataset()


def _remove(folder: RunFolder) -> None:
    if processes := folder.processes():
        its_wrapper, command = processes
        its_wrapper.signal(signal.SIGKILL)
        end_left_over(command)
    shutil.rmtree(folder.path, ignore_errors=True)


def run() -> None:
    """Supervise until SIGTERM or Ctrl-C. Raises AlreadyRunning."""
    stopping = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with alone(Path(settings.TRAINING_FOLDER)) as machine:
        log.info("trainers_started", machine=machine, trainers=trainers.supervised())
        pause, tidied_at = CHECK_SECONDS, float("-inf")
        while not stopping.wait(pause):
            try:
                step(machine)
                if time.monotonic() - tidied_at > TIDY_SECONDS:
                    remove_folders()
                    tidied_at = time.monotonic()
                cache.set(HEARTBEAT, time.time(), HEARTBEAT_SECONDS)
                pause = CHECK_SECONDS if trainers.supervised() else IDLE_SECONDS
            except (OperationalError, InterfaceError, redis.RedisError, BrokerError) as error:
                log.warning("server_unavailable", error=type(error).__name__, retry_seconds=pause)
                close_old_connections()
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
    log.info("trainers_stopped", machine=machine)
