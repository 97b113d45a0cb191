"""The jobs on the System page: queues with their workers, jobs in hand, and beat."""

from dataclasses import dataclass
from datetime import UTC, datetime

import redis
from django.conf import settings
from django.core.cache import cache

from config.jobs import beat, queues, workers
from feedback import valkey
from feedback.jobs import leases
from feedback.models import JobLease


@dataclass(frozen=True)
class QueueRow:
    name: str
    purpose: str
    waiting: int
    workers: list[str]
    processes: int


@dataclass(frozen=True)
class Jobs:
    """The queues, the jobs that workers hold, which beat sends, and when a worker last received its heartbeat."""

    queues: list[QueueRow]
    in_hand: list[JobLease]
    beat_name: str
    beat_heard_at: datetime | None


def read() -> Jobs | None:
    """None when the stream's server, which holds the queues, is down."""
    try:
        sender = beat.holder()
        return Jobs(_queue_rows(), leases.in_hand(), sender.name if sender else "", _heard_at())
    except redis.RedisError:
        return None  # The reason is among the problems.


def _queue_rows() -> list[QueueRow]:
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    alive = workers.alive()
    rows = []
    for name, purpose in queues.PURPOSES.items():
        takers = [worker for worker in alive if name in worker.queues]
        waiting = valkey.client().llen(f"{prefix}{name}")
        processes = sum(worker.processes for worker in takers)
        rows.append(QueueRow(name, purpose, waiting, [worker.name for worker in takers], processes))
    return rows


def _heard_at() -> datetime | None:
    seconds = cache.get("beat:heartbeat")
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
