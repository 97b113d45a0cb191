"""Finds unfinished jobs that no worker holds: queues them again, and fails those that crash their workers."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from celery import Task
from django.db import connection, transaction
from django.utils import timezone

from feedback.jobs import leases
from feedback.models import JobLease

MAX_ATTEMPTS = 5
# Scheduled jobs of one kind that are in the queue or in hand; the others wait as rows, so that what a user asks for
# waits for these at most.
SCHEDULED_AT_ONCE = 50
CRASHED = f"The worker crashed {MAX_ATTEMPTS} times on this job. See its log, then try again."
# A job that waits in a long queue is not queued again and again.
QUEUE_AGAIN_AFTER = timedelta(minutes=15)
_GIVE_UP = """
    DELETE FROM feedback_joblease
    WHERE task = %s AND key = ANY(%s) AND attempts >= %s AND (expires_at IS NULL OR expires_at <= statement_timestamp())
    RETURNING key
"""
_QUEUE_AGAIN = """
    INSERT INTO feedback_joblease AS lease (task, key, worker, attempts, queued_again_at)
    SELECT %s, key, '', 0, statement_timestamp() FROM unnest(%s::text[]) AS key ORDER BY key
    ON CONFLICT (task, key) DO UPDATE SET queued_again_at = excluded.queued_again_at
    WHERE (lease.expires_at IS NULL OR lease.expires_at <= statement_timestamp())
        AND (lease.queued_again_at IS NULL OR lease.queued_again_at <= statement_timestamp() - %s)
    RETURNING key
"""


def sweep(task: Task, unfinished: Iterable[int | str], *, give_up: Callable[[Any, str], object]) -> None:
    """Queue unfinished jobs that no worker holds: at once after a crash, then rarely.

    task: takes one of these keys and finishes the job, or does nothing when it is finished.
    unfinished: keys of all jobs that a worker should hold by now. A lease of any other job is removed.
    give_up: ends a job that crashed MAX_ATTEMPTS workers, with a message that says so.
    """
    with transaction.atomic():
        keys = {str(key): key for key in unfinished}
        JobLease.objects.of_task(task.name).free().exclude(key__in=keys).delete()
        given_up = _keys(_GIVE_UP, [task.name, list(keys), MAX_ATTEMPTS])
        for key in given_up:
            give_up(keys[key], CRASHED)
        queue(task, [key for text, key in keys.items() if text not in given_up])


def queue(task: Task, waiting: Iterable[int | str]) -> None:
    """Queue the jobs of these keys, in this order, that no worker holds and that were not queued lately."""
    with transaction.atomic():
        keys = {str(key): key for key in waiting}
        free = _keys(_QUEUE_AGAIN, [task.name, list(keys), QUEUE_AGAIN_AFTER])
        for text, key in keys.items():
            if text in free:
                task.delay_on_commit(key)


def overdue_since() -> datetime:
    """A job requested before this moment should be in the hands of a worker, or its message may be lost."""
    return timezone.now() - leases.length()


def _keys(sql: str, parameters: list) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return {key for (key,) in cursor.fetchall()}
