"""Rate limits: how many requests a key makes in a clock minute, over all processes."""

import time
from dataclasses import dataclass, field
from threading import Lock

import redis
import structlog
from django.conf import settings

from feedback import valkey
from feedback.models import ApiKey

log = structlog.get_logger(__name__)
COUNTER = "crucible:requests:"
WINDOW_SECONDS = 60
# The server syncs each write to disk, so a process takes requests from a key's limit in blocks, not one by one.
BLOCKS = 1_000
# After a failure the server is not asked for this long, or each request would wait for it again.
PAUSE_SECONDS = 5.0


class TooManyRequests(Exception):
    """The key has used up its minute."""

    def __init__(self, limit: int, setting: str, retry_seconds: int):
        super().__init__(f"This API key may make {limit:,} requests a minute ({setting}).")
        self.retry_seconds = retry_seconds


@dataclass
class _Block:
    """Requests of one minute that this process may still accept."""

    minute: int
    left: int = 0
    is_last: bool = False


@dataclass
class _Known:
    """What this process knows: its block of each key, and until when it does not ask the server."""

    blocks: dict[int, _Block] = field(default_factory=dict)
    paused_until: float = float("-inf")


_known = _Known()
_lock = Lock()


def count(key: ApiKey) -> None:
    """Count one request of this key. Raises TooManyRequests. While the server is unavailable there is no limit."""
    if key.is_public:
        limit, setting = settings.PUBLIC_KEY_REQUESTS_PER_MINUTE, "PUBLIC_KEY_REQUESTS_PER_MINUTE"
    else:
        limit, setting = settings.API_KEY_REQUESTS_PER_MINUTE, "API_KEY_REQUESTS_PER_MINUTE"
    if limit == 0:
        return
    now = time.time()
    minute, passed_seconds = divmod(int(now), WINDOW_SECONDS)
    if not _take(key.pk, minute, limit, now):
        raise TooManyRequests(limit, setting, retry_seconds=WINDOW_SECONDS - passed_seconds)


def _take(key_id: int, minute: int, limit: int, now: float) -> bool:
    with _lock:
        block = _known.blocks.get(key_id)
        if block is None or block.minute != minute:
            block = _known.blocks[key_id] = _Block(minute)
        if block.left:
            block.left -= 1
            return True
        if block.is_last:
            return False
        if now < _known.paused_until <= now + PAUSE_SECONDS:
            return True
    size = max(1, limit // BLOCKS)
    try:
        granted = _reserve(f"{COUNTER}{key_id}:{minute}", size, limit)
    except redis.RedisError as error:
        log.debug("requests_not_counted", key=key_id, error=type(error).__name__)
        _known.paused_until = now + PAUSE_SECONDS
        return True
    with _lock:
        block.is_last = granted < size
        block.left += max(0, granted - 1)
    return granted > 0


def _reserve(counter: str, size: int, limit: int) -> int:
    """How many of `size` requests are left of the limit, in one round trip."""
    with valkey.client().pipeline(transaction=False) as pipeline:
        pipeline.incrby(counter, size)
        pipeline.expire(counter, 2 * WINDOW_SECONDS)
        used, _ = pipeline.execute()
    return max(0, min(size, limit - (used - size)))


def forget() -> None:
    """Ask the server again at the next request."""
    with _lock:
        _known.blocks.clear()
        _known.paused_until = float("-inf")
