"""One worker at a time on a job: it holds a lease, renews it while it works, and loses it when it falls silent."""

import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.db.models.functions import Now

from feedback.models import JobLease

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 5
GIVEN_UP = f"The worker ended without a word {MAX_ATTEMPTS} times. See its log, then try again."
# A job that waits in a long queue is not queued again and again.
QUEUE_AGAIN_AFTER = timedelta(minutes=15)
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
_QUEUE_AGAIN = """
    INSERT INTO feedback_joblease AS lease (task, key, worker, attempts, queued_again_at)
    SELECT %s, key, '', 0, statement_timestamp() FROM unnest(%s::text[]) AS key ORDER BY key
    ON CONFLICT (task, key) DO UPDATE SET queued_again_at = excluded.queued_again_at
    WHERE (lease.expires_at IS NULL OR lease.expires_at <= statement_timestamp())
        AND (lease.queued_again_at IS NULL OR lease.queued_again_at <= statement_timestamp() - %s)
    RETURNING key
"""


@dataclass(frozen=True)
class LeftLying:
    """Keys of jobs that no worker has in hand: to be queued again, and those that ended their worker too often."""

    to_queue: list[str]
    to_give_up: list[str]


@contextmanager
def held(task: str, key: str, *, worker: str = "") -> Iterator[bool]:
    """Hold the lease of a job while the block runs; gives False when another worker holds it."""
    token = uuid.uuid4()
    if not _execute(_TAKE, [task, key, token, worker, _length()]):
        yield False
        return
    ended = threading.Event()
    keeper = threading.Thread(target=_keep, args=(token, ended), name=f"lease of {task}", daemon=True)
    keeper.start()
    try:
        yield True
    finally:
        ended.set()
        keeper.join()
        _release(token)


def left_lying(task: str, keys: Iterable[str | int]) -> LeftLying:
    """Of unfinished jobs, those that nobody is at. One is queued again at once after its worker's end, then seldom."""
    keys = [str(key) for key in keys]
    free = JobLease.objects.of_task(task).free()
    free.exclude(key__in=keys).delete()
    exhausted = free.attempted(MAX_ATTEMPTS)
    to_give_up = sorted(exhausted.values_list("key", flat=True))
    exhausted.delete()
    rest = sorted(set(keys) - set(to_give_up))
    return LeftLying([key for (key,) in _execute(_QUEUE_AGAIN, [task, rest, QUEUE_AGAIN_AFTER])], to_give_up)


def in_hand() -> list[JobLease]:
    """What workers are at, the oldest first."""
    return list(JobLease.objects.in_hand().order_by("started_at"))


def _length() -> timedelta:
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def _keep(token: UUID, ended: threading.Event) -> None:
    """Renew a lease until the job has ended. One that was lost meanwhile stays lost: only the holder renews."""
    try:
        while not ended.wait(settings.JOB_LEASE_SECONDS / 4):
            try:
                JobLease.objects.filter(token=token).update(expires_at=Now() + _length())
            except (DatabaseError, InterfaceError) as error:
                log.warning("lease_not_renewed", error=type(error).__name__)
                close_old_connections()
    finally:
        connection.close()


def _release(token: UUID) -> None:
    """Give a lease back. Where the database is away, which may be why the job ended, it expires by itself."""
    try:
        JobLease.objects.filter(token=token).delete()
    except (DatabaseError, InterfaceError) as error:
        log.warning("lease_not_released", error=type(error).__name__)


def _execute(sql: str, parameters: list) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
