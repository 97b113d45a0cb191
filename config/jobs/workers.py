"""Heartbeats of Celery workers: each publishes the queues it consumes while it consumes them."""

import time
from dataclasses import dataclass

import msgspec
import redis
import structlog
from celery import bootsteps
from django.conf import settings

from feedback import valkey
from feedback.jobs import statement_time

log = structlog.get_logger(__name__)

KEY = "crucible:worker:"
RENEW_SECONDS = 5
ALIVE_SECONDS = 30


@dataclass(frozen=True)
class RunningWorker:
    name: str
    queues: list[str]
    processes: int
    started_at: float


class StatementTime(bootsteps.Step):
    """Limits the statements of a worker's processes, before it starts them."""

    def __init__(self, worker, **options):
        statement_time.limit(settings.WORKER_STATEMENT_SECONDS)


class WorkerHeartbeat(bootsteps.StartStopStep):
    """A step of the worker's own loop that runs while the worker consumes tasks."""

    requires = {"celery.worker.consumer.tasks:Tasks"}

    def __init__(self, consumer, **options):
        self._started_at = time.time()
        self._timer = None

    def start(self, consumer):
        self._publish(consumer)
        self._timer = consumer.timer.call_repeatedly(RENEW_SECONDS, self._publish, (consumer,), priority=10)

    def stop(self, consumer):
        if self._timer:
            self._timer.cancel()
            self._timer = None
        try:
            valkey.client().delete(f"{KEY}{consumer.hostname}")
        except redis.RedisError as error:
            log.warning("worker_leaves_silently", error=type(error).__name__)

    def shutdown(self, consumer):
        self.stop(consumer)

    def _publish(self, consumer):
        queues = sorted(queue.name for queue in consumer.task_consumer.queues)
        publish(RunningWorker(consumer.hostname, queues, consumer.pool.num_processes, self._started_at))


def publish(worker: RunningWorker) -> None:
    try:
        valkey.client().set(f"{KEY}{worker.name}", msgspec.json.encode(worker), ex=ALIVE_SECONDS)
    except redis.RedisError as error:
        log.warning("worker_not_heard", error=type(error).__name__)


def alive() -> list[RunningWorker]:
    """The workers with a heartbeat within ALIVE_SECONDS, by name."""
    names = sorted(valkey.client().scan_iter(f"{KEY}*"))
    found = valkey.client().mget(names) if names else []
    return [msgspec.json.decode(value, type=RunningWorker) for value in found if value]
