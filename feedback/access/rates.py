"""Limits of a key: the requests, items, bytes and processor time of a clock minute, over all processes."""

import time
from dataclasses import dataclass, field
from enum import Enum
from threading import Lock

import redis
import structlog
from django.conf import settings

from feedback import valkey
from feedback.models import ApiKey

log = structlog.get_logger(__name__)
COUNTER = "crucible:requests:"
WINDOW_SECONDS = 60
# The server syncs each write to disk, so a process takes from a key's limit in blocks, not one by one.
BLOCKS = 1_000
# After a failure the server is not asked for this long, or each request would wait for it again.
PAUSE_SECONDS = 5.0


class Cost(Enum):
    """What is counted: what its limit says, and in how many parts a unit of it is counted."""

    REQUESTS = "make {:,} requests a minute", 1
    ITEMS = "send {:,} items a minute", 1
    BYTES = "send {:,} bytes a minute", 1
    SECONDS = "use {:,} seconds of processor time a minute", 1_000

    def __init__(self, right: str, parts: int):
        self.right = right
        self.parts = parts


def _limit(key: ApiKey, cost: Cost) -> tuple[int, str]:
    """The limit of this key, 0 for none, and the setting that names it."""
    is_public = key.is_public
    match cost:
        case Cost.REQUESTS:
            limits = settings.API_KEY_REQUESTS_PER_MINUTE, settings.PUBLIC_KEY_REQUESTS_PER_MINUTE
        case Cost.ITEMS:
            limits = settings.API_KEY_ITEMS_PER_MINUTE, settings.PUBLIC_KEY_ITEMS_PER_MINUTE
        case Cost.BYTES:
            limits = settings.API_KEY_BYTES_PER_MINUTE, settings.PUBLIC_KEY_BYTES_PER_MINUTE
        case Cost.SECONDS:
            limits = settings.API_KEY_PROCESSOR_SECONDS_PER_MINUTE, settings.PUBLIC_KEY_PROCESSOR_SECONDS_PER_MINUTE
    unit = "PROCESSOR_SECONDS" if cost == Cost.SECONDS else cost.name
    return limits[is_public], f"{'PUBLIC' if is_public else 'API'}_KEY_{unit}_PER_MINUTE"


class TooMuch(Exception):
    """The key has used up its minute."""

    def __init__(self, cost: Cost, limit: int, setting: str, retry_seconds: int):
        super().__init__(f"This API key may {cost.right.format(limit)} ({setting}).")
        self.retry_seconds = retry_seconds


@dataclass
class _Block:
    """What this process may still accept of one minute."""

    minute: int
    left: int = 0
    is_last: bool = False


@dataclass
class _Known:
    """What this process knows: its block of each counter, and until when it does not ask the server."""

    blocks: dict[tuple[int, Cost], _Block] = field(default_factory=dict)
    paused_until: float = float("-inf")


_known = _Known()
_lock = Lock()


def count(key: ApiKey) -> None:
    """Count one request of this key. Raises TooMuch. While the server is unavailable there is no limit."""
    _spend(key, Cost.REQUESTS, 1)


def count_body(key: ApiKey, *, items: int, size: int) -> None:
    """Count the items and bytes of a request before anything is done with them. Raises TooMuch, too, where earlier
    requests have used up the processor time.
    """
    _spend(key, Cost.SECONDS, 1)
    _spend(key, Cost.ITEMS, items)
    _spend(key, Cost.BYTES, size)


def charge(key: ApiKey, *, seconds: float) -> None:
    """Count processor time that a request has used; the next request is rejected where it was too much."""
    limit, _ = _limit(key, Cost.SECONDS)
    if limit:
        _take(key.pk, Cost.SECONDS, round(seconds * Cost.SECONDS.parts), limit, time.time(), is_owed=True)


def _spend(key: ApiKey, cost: Cost, amount: int) -> None:
    limit, setting = _limit(key, cost)
    if limit == 0:
        return
    now = time.time()
    if not _take(key.pk, cost, amount, limit, now):
        raise TooMuch(cost, limit, setting, retry_seconds=WINDOW_SECONDS - int(now) % WINDOW_SECONDS)


def _take(key_id: int, cost: Cost, amount: int, limit: int, now: float, *, is_owed: bool = False) -> bool:
    minute = int(now) // WINDOW_SECONDS
    with _lock:
        block = _known.blocks.get((key_id, cost))
        if block is None or block.minute != minute:
            block = _known.blocks[key_id, cost] = _Block(minute)
        if block.left < amount and block.is_last and not is_owed:
            return False
        here = min(block.left, amount)
        block.left -= here
        if here == amount or now < _known.paused_until <= now + PAUSE_SECONDS:
            return True
    most, missing = limit * cost.parts, amount - here
    size = max(missing, most // BLOCKS)
    try:
        granted = _reserve(_counter(key_id, cost, minute), size, most)
    except redis.RedisError as error:
        log.debug("requests_not_counted", key=key_id, error=type(error).__name__)
        _known.paused_until = now + PAUSE_SECONDS
        return True
    with _lock:
        block.is_last = block.is_last or granted < size
        is_enough = granted >= missing
        block.left += granted - missing if is_enough else 0 if is_owed else granted + here
    return is_enough


def _counter(key_id: int, cost: Cost, minute: int) -> str:
    kind = "" if cost == Cost.REQUESTS else f"{cost.name.lower()}:"
    return f"{COUNTER}{kind}{key_id}:{minute}"


def _reserve(counter: str, size: int, limit: int) -> int:
    """How much of `size` is left of the limit, in one round trip."""
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
