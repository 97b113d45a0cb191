"""The durable stream between the API and the writers, in Valkey or Redis."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
import redis
from django.conf import settings

from feedback.choices import ItemKind

STREAM = "crucible:ingest"
GROUP = "writers"
HEARTBEAT = "crucible:writer:"
HEARTBEAT_SECONDS = 10
PENDING = "crucible:pending:"


class StreamUnavailable(Exception):
    """The stream's server cannot be reached."""


class BacklogFull(Exception):
    """More entries wait to be written than INGEST_MAX_BACKLOG_ENTRIES allows."""


@dataclass(frozen=True)
class Entry:
    """One request as it travels: its valid rows, and how many items of each deployment were refused."""

    batch_id: UUID
    kind: ItemKind
    rows: Sequence[dict[str, Any]]
    invalid: Mapping[str, int]
    received_at: float
    stream_id: str = ""

    def accepted(self) -> Counter[str]:
        """Number of rows by deployment."""
        return Counter(row["deployment_id"] for row in self.rows)


@dataclass(frozen=True)
class Backlog:
    entries: int
    oldest_age_seconds: float | None


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=5, health_check_interval=30)


def client() -> redis.Redis:
    return _client(settings.REDIS_URL)


def append(entry: Entry) -> None:
    """Make a request durable, and its pending counts visible, in one transaction of the server."""
    counts = {f"accepted:{name}": n for name, n in entry.accepted().items()}
    counts |= {f"invalid:{name}": n for name, n in entry.invalid.items()}
    try:
        if client().xlen(STREAM) >= settings.INGEST_MAX_BACKLOG_ENTRIES:
            raise BacklogFull(
                f"{settings.INGEST_MAX_BACKLOG_ENTRIES} requests wait to be written (INGEST_MAX_BACKLOG_ENTRIES)."
            )
        with client().pipeline(transaction=True) as pipeline:
            pipeline.xadd(STREAM, {"batch": entry.batch_id.bytes, "payload": encode(entry)})
            pipeline.hset(f"{PENDING}{entry.batch_id}", mapping=counts)
            pipeline.execute()
    except redis.OutOfMemoryError as error:
        raise BacklogFull("The stream's server is out of memory; writers are emptying it.") from error
    except redis.RedisError as error:
        raise StreamUnavailable(str(error)) from error


def pending(batch_id: UUID) -> dict[str, dict[str, int]]:
    """The counts of a request that is not acknowledged yet: {"accepted": {deployment: n}, "invalid": {…}}."""
    counts: dict[str, dict[str, int]] = {"accepted": {}, "invalid": {}}
    for name, n in client().hgetall(f"{PENDING}{batch_id}").items():
        kind, _, deployment_id = name.decode().partition(":")
        counts[kind][deployment_id] = int(n)
    return counts


def ensure_group() -> None:
    """Make the consumer group unless it is there; asking first, as a full server refuses even to make it again."""
    try:
        if any(group["name"] == GROUP.encode() for group in client().xinfo_groups(STREAM)):
            return
    except redis.ResponseError as error:
        if "no such key" not in str(error):
            raise
    try:
        client().xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    except redis.ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise


def read(consumer: str, *, count: int, block_ms: int) -> list[tuple[str, dict]]:
    """New entries for this consumer as (stream id, fields); they stay pending until `acknowledge`."""
    return _entries(client().xreadgroup(GROUP, consumer, {STREAM: ">"}, count=count, block=block_ms))


def read_own(consumer: str, *, after: str, count: int) -> list[tuple[str, dict]]:
    """Entries that this consumer holds already and has not acknowledged, in order, beyond the id `after`."""
    return _entries(client().xreadgroup(GROUP, consumer, {STREAM: after}, count=count))


def _entries(answer) -> list[tuple[str, dict]]:
    return [(stream_id.decode(), fields) for _, entries in answer or [] for stream_id, fields in entries]


def claim_from_the_dead(consumer: str) -> int:
    """Make what writers without a heartbeat had read this consumer's own, to be had by `read_own`; return how many."""
    claimed = 0
    alive = set(writers_alive())
    for other in client().xinfo_consumers(STREAM, GROUP):
        name = other["name"].decode()
        if name == consumer or name in alive:
            continue
        waiting = client().xpending_range(STREAM, GROUP, "-", "+", max(other["pending"], 1), consumername=name)
        if waiting:
            ids = [row["message_id"] for row in waiting]
            claimed += len(client().xclaim(STREAM, GROUP, consumer, min_idle_time=0, message_ids=ids, justid=True))
        else:
            client().xgroup_delconsumer(STREAM, GROUP, name)
    return claimed


def acknowledge(entries: Sequence[Entry]) -> None:
    """Forget entries that the database holds."""
    ids = [entry.stream_id for entry in entries]
    with client().pipeline(transaction=True) as pipeline:
        pipeline.xack(STREAM, GROUP, *ids)
        pipeline.xdel(STREAM, *ids)
        pipeline.delete(*(f"{PENDING}{entry.batch_id}" for entry in entries))
        pipeline.execute()


def beat(consumer: str) -> None:
    client().set(f"{HEARTBEAT}{consumer}", int(time.time()), ex=HEARTBEAT_SECONDS)


def leave(consumer: str) -> None:
    client().delete(f"{HEARTBEAT}{consumer}")


def writers_alive() -> list[str]:
    """The names of writers whose heartbeat is younger than HEARTBEAT_SECONDS."""
    return sorted(key.decode().removeprefix(HEARTBEAT) for key in client().scan_iter(f"{HEARTBEAT}*"))


def backlog() -> Backlog:
    """How many requests wait, and for how long the oldest has."""
    oldest = client().xrange(STREAM, count=1)
    if not oldest:
        return Backlog(0, None)
    sent_at = int(oldest[0][0].split(b"-")[0]) / 1_000
    return Backlog(client().xlen(STREAM), max(0.0, time.time() - sent_at))


_PAYLOAD = msgspec.msgpack.Decoder(dict[str, Any])


def encode(entry: Entry) -> bytes:
    return msgspec.msgpack.encode(
        {
            "kind": entry.kind.value,
            "rows": entry.rows,
            "invalid": dict(entry.invalid),
            "received_at": entry.received_at,
        }
    )


def decode(stream_id: str, fields: dict) -> Entry:
    """An entry as read from the stream. Raises msgspec.MsgspecError, KeyError or ValueError for a damaged one."""
    payload = _PAYLOAD.decode(fields[b"payload"])
    return Entry(
        batch_id=UUID(bytes=fields[b"batch"]),
        kind=ItemKind(payload["kind"]),
        rows=payload["rows"],
        invalid=payload["invalid"],
        received_at=payload["received_at"],
        stream_id=stream_id,
    )
