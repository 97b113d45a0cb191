"""Beat with a lock: one instance sends, the others stand by until it stops."""

import os
import socket
import time
import uuid
from dataclasses import dataclass

import msgspec
import redis
import structlog
from django_celery_beat.schedulers import DatabaseScheduler

from feedback import valkey

log = structlog.get_logger(__name__)

KEY = "crucible:beat"
HOLD_SECONDS = 6
RENEW_SECONDS = 2
STAND_BY_SECONDS = 1
_TAKE = """
    local holder = redis.call('GET', KEYS[1])
    if holder == ARGV[1] then
        redis.call('EXPIRE', KEYS[1], ARGV[2])
        return 'held'
    end
    if holder then return 'taken' end
    redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
    return 'new'
"""
_LEAVE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


@dataclass(frozen=True)
class Holder:
    """The active beat; it renewed the lock within HOLD_SECONDS."""

    name: str
    started_at: float


class OneBeat(DatabaseScheduler):
    """Sends scheduled tasks while it holds the lock, which it renews on each tick."""

    def __init__(self, *args, **options):
        # Unique for each start, so that no beat mistakes an earlier one's lock for its own.
        name = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._me = msgspec.json.encode(Holder(name, time.time()))
        self._sends = None
        super().__init__(*args, **options)

    def tick(self, *args, **options):
        if not self._may_send():
            return STAND_BY_SECONDS
        return min(super().tick(*args, **options), RENEW_SECONDS)

    def close(self):
        super().close()
        try:
            valkey.client().eval(_LEAVE, 1, KEY, self._me)
        except redis.RedisError as error:
            log.warning("beat_leaves_silently", error=type(error).__name__)

    def _may_send(self) -> bool:
        try:
            answer = valkey.client().eval(_TAKE, 1, KEY, self._me, HOLD_SECONDS)
        except redis.RedisError as error:
            log.warning("beat_without_lock", error=type(error).__name__)
            answer = b"unavailable"
        sends = answer in (b"held", b"new")
        if answer == b"new":
            self._reload_schedules()
        if sends != self._sends:
            log.info("beat_sends" if sends else "beat_stands_by")
        self._sends = sends
        return sends

    def _reload_schedules(self) -> None:
        """Discard cached schedules: another beat may have sent tasks since and recorded it in the database."""
        self._dirty.clear()
        self._initial_read = True
        self._heap = None


def holder() -> Holder | None:
    found = valkey.client().get(KEY)
    return msgspec.json.decode(found, type=Holder) if found else None
