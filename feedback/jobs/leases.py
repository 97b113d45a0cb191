"""One worker at a time on a job: it holds a lease, renews it while it works, and loses it when renewals stop."""

import math
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.db.models.functions import Now

from feedback.models import JobLease

log = structlog.get_logger(__name__)

# All times are the database's: the clocks of several machines differ.
_TAKE = """
    INSERT INTO feedback_joblease AS lease (task, key, token, worker, attempts, started_at, expires_at)
    VALUES (%s, %s, %s, %s, 1, statement_timestamp(), statement_timestamp() + %s)
    ON CONFLICT (task, key) DO UPDATE
    SET token = excluded.token, worker = excluded.worker, attempts = lease.attempts + 1,
        started_at = excluded.started_at, expires_at = excluded.expires_at, queued_again_at = NULL
    WHERE lease.expires_at IS NULL OR lease.expires_at <= statement_timestamp()
    RETURNING 1
"""


class LeaseLost(Exception):
    """Another worker may have taken the job over."""

    def __init__(self, lease: "Lease"):
        super().__init__(f"The lease of {lease.task}({lease.key}) was lost.")


class Lease:
    """The right of one worker to a job."""

    def __init__(self, task: str, key: str):
        self.task = task
        self.key = key
        self.token = uuid.uuid4()
        self._ends_at = time.monotonic() + settings.JOB_LEASE_SECONDS

    @property
    def is_lost(self) -> bool:
        """Whether another worker has taken the job over, or may have: no renewal reached the database for so long."""
        return time.monotonic() >= self._ends_at

    def require(self) -> None:
        """Raise LeaseLost if the lease is lost, as far as this process knows; costs no query."""
        if self.is_lost:
            raise LeaseLost(self)

    def confirm(self) -> None:
        """Renew as the holder. Within a transaction no other worker can take the job before it ends.

        Raises LeaseLost, changing nothing, when another worker has taken the job over or it was given up.
        """
        ends_at = time.monotonic() + settings.JOB_LEASE_SECONDS
        if not JobLease.objects.filter(token=self.token).update(expires_at=Now() + length()):
            self._ends_at = -math.inf
            raise LeaseLost(self)
        self._ends_at = ends_at


_current: ContextVar[Lease | None] = ContextVar("current_lease", default=None)


@contextmanager
def held(task: str, key: str, *, worker: str = "") -> Iterator[Lease | None]:
    """Hold the lease of a job while the block runs; gives None when another worker holds it."""
    lease = Lease(task, key)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [task, key, lease.token, worker, length()])
        is_ours = cursor.fetchone() is not None
    if not is_ours:
        yield None
        return
    ended = threading.Event()
    keeper = threading.Thread(target=_keep, args=(lease, ended), name=f"lease of {task}", daemon=True)
    keeper.start()
    before = _current.set(lease)
    try:
        yield lease
    finally:
        _current.reset(before)
        ended.set()
        keeper.join()
        _release(lease)


@contextmanager
def of_job(task: str, key: str | int) -> Iterator[Lease | None]:
    """The lease that the running task holds; taken here for a job that runs without its task, as in a command."""
    current = _current.get()
    if current is not None and (current.task, current.key) == (task, str(key)):
        yield current
        return
    with held(task, str(key)) as lease:
        yield lease


def in_hand() -> list[JobLease]:
    """The jobs that workers hold, the oldest first."""
    return list(JobLease.objects.in_hand().order_by("started_at"))


def tokens(task: str) -> set[str]:
    """The tokens of all leases of a task, also of those that expired and may still be renewed by their holders."""
    found = JobLease.objects.of_task(task).values_list("token", flat=True)
    return {str(token) for token in found if token is not None}


def length() -> timedelta:
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def _keep(lease: Lease, ended: threading.Event) -> None:
    """Renew a lease until the job has ended. One that was lost meanwhile stays lost: only the holder renews."""
    try:
        while not ended.wait(settings.JOB_LEASE_SECONDS / 4):
            try:
                lease.confirm()
            except LeaseLost:
                log.warning("lease_lost", task=lease.task, key=lease.key)
                return
            except (DatabaseError, InterfaceError) as error:
                log.warning("lease_not_renewed", error=type(error).__name__)
                close_old_connections()
    finally:
        connection.close()


def _release(lease: Lease) -> None:
    """Give a lease back. Where the database is down, which may be why the job ended, it expires by itself."""
    try:
        JobLease.objects.filter(token=lease.token).delete()
    except (DatabaseError, InterfaceError) as error:
        log.warning("lease_not_released", error=type(error).__name__)
