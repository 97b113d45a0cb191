"""The jobs on the System page: queues with their workers, running jobs, and beat."""

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
    """The queues, the running jobs, the active beat, and when a worker last received its heartbeat."""

    queues: list[QueueRow]
    running: list[JobLease]
    beat_name: str
    beat_heard_at: datetime | None


def read() -> Jobs | None:
    """Return None when the server of the stream and the queues is down."""
    try:
        sender = beat.holder()
        return Jobs(_queue_rows(), leases.in_hand(), sender.name if sender else "", _heard_at())
    except redis.RedisError:
        return None  # The doctor reports the reason.


def _queue_rows() -> list[QueueRow]:
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    alive = workers.alive()
    rows = []
    for name, purpose in queues.PURPOSES.items():
        consumers = [worker for worker in alive if name in worker.queues]
        waiting = valkey.client().llen(f"{prefix}{name}")
        processes = sum(worker.processes for worker in consumers)
        rows.append(QueueRow(name, purpose, waiting, [worker.name for worker in consumers], processes))
    return rows


def _heard_at() -> datetime | None:
    seconds = cache.get("beat:heartbeat")
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
