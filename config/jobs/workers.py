"""Signs of life of Celery workers: each says which queues it takes from for as long as it does."""

import time
from dataclasses import dataclass

import msgspec
import redis
import structlog
from celery import bootsteps

from feedback import valkey

log = structlog.get_logger(__name__)

KEY = "crucible:worker:"
RENEW_SECONDS = 5
ALIVE_SECONDS = 30


@dataclass(frozen=True)
class LivingWorker:
    name: str
    queues: list[str]
    processes: int
    started_at: float


class SignOfLife(bootsteps.StartStopStep):
    """A step of the worker's own loop: it starts when tasks are taken, and ends when they no longer are."""

    requires = {"celery.worker.consumer.tasks:Tasks"}

    def __init__(self, consumer, **options):
        self._started_at = time.time()
        self._timer = None

    def start(self, consumer):
        self._tell(consumer)
        self._timer = consumer.timer.call_repeatedly(RENEW_SECONDS, self._tell, (consumer,), priority=10)

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

    def _tell(self, consumer):
        queues = sorted(queue.name for queue in consumer.task_consumer.queues)
        tell(LivingWorker(consumer.hostname, queues, consumer.pool.num_processes, self._started_at))


def tell(worker: LivingWorker) -> None:
    try:
        valkey.client().set(f"{KEY}{worker.name}", msgspec.json.encode(worker), ex=ALIVE_SECONDS)
    except redis.RedisError as error:
        log.warning("worker_not_heard", error=type(error).__name__)


def alive() -> list[LivingWorker]:
    """The workers that were heard within ALIVE_SECONDS, by name."""
    names = sorted(valkey.client().scan_iter(f"{KEY}*"))
    found = valkey.client().mget(names) if names else []
    return [msgspec.json.decode(value, type=LivingWorker) for value in found if value]
