"""The durable stream between the API and the writers, in Valkey or Redis."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

import msgspec
import redis
from django.conf import settings

from feedback import valkey
from feedback.choices import ItemKind
from feedback.ingestion import formats, writers
from feedback.ingestion.parsing import reasons
from feedback.ingestion.parsing.reasons import Reasons

STREAM = "crucible:ingest"
GROUP = "writers"
PENDING = "crucible:pending:"
WAITING = "crucible:waiting"
HELD_BYTES = "crucible:bytes"


class StreamUnavailable(Exception):
    """The stream's server is unavailable."""


class BacklogFull(Exception):
    """More waits to be written than INGEST_MAX_BACKLOG_ENTRIES or INGEST_MAX_BACKLOG_BYTES allows."""


@dataclass(frozen=True)
class Entry:
    """One request in the stream: its valid rows, and how many items of each deployment were rejected or sampled out.

    reasons: why items were rejected. key_id: the API key that sent it; None for a file.
    """

    batch_id: UUID
    kind: ItemKind
    rows: Sequence[dict[str, Any]]
    invalid: Mapping[str, int]
    received_at: float
    sampled_out: Mapping[str, int] = field(default_factory=dict)
    reasons: Reasons = field(default_factory=Counter)
    key_id: int | None = None
    stream_id: str = ""
    size_bytes: int = 0

    @cached_property
    def accepted(self) -> Counter[str]:
        """Number of accepted items by deployment: the rows and what is sampled out."""
        return Counter(row["deployment_id"] for row in self.rows) + Counter(self.sampled_out)


@dataclass(frozen=True)
class Backlog:
    entries: int
    bytes: int
    oldest_age_seconds: float | None


# One script, so that concurrent requests cannot pass a limit together.
_APPEND = """
    if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[1]) then return 'entries' end
    local held = tonumber(redis.call('GET', KEYS[2]) or '0')
    if held > 0 and held + #ARGV[4] > tonumber(ARGV[2]) then return 'bytes' end
    redis.call('XADD', KEYS[1], '*', 'batch', ARGV[3], 'payload', ARGV[4], 'format', ARGV[5])
    redis.call('INCRBY', KEYS[2], #ARGV[4])
    for place = 6, #ARGV, 2 do
        redis.call('HSET', KEYS[3], ARGV[place], ARGV[place + 1])
        if string.sub(ARGV[place], 1, 9) == 'accepted:' then
            redis.call('HINCRBY', KEYS[4], string.sub(ARGV[place], 10), ARGV[place + 1])
        end
    end
    return 'ok'
"""
# If two writers hold the same entry, only the one that deletes it subtracts its counts.
_ACKNOWLEDGE = """
    for place = 2, #ARGV, 2 do
        local pending = KEYS[3 + place / 2]
        redis.call('XACK', KEYS[1], ARGV[1], ARGV[place])
        if redis.call('XDEL', KEYS[1], ARGV[place]) == 1 then
            redis.call('DECRBY', KEYS[2], ARGV[place + 1])
            local counts = redis.call('HGETALL', pending)
            for at = 1, #counts, 2 do
                if string.sub(counts[at], 1, 9) == 'accepted:' then
                    local name = string.sub(counts[at], 10)
                    if redis.call('HINCRBY', KEYS[3], name, -counts[at + 1]) <= 0 then
                        redis.call('HDEL', KEYS[3], name)
                    end
                end
            end
        end
        redis.call('DEL', pending)
    end
    if redis.call('XLEN', KEYS[1]) == 0 then redis.call('DEL', KEYS[2], KEYS[3]) end
"""

# Deleting a consumer deletes its pending list, so a live one must not read between check and deletion.
_FORGET = """
    if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) == 0 then
        redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
    end
"""


# Entries that no writer of this version reads are the oldest, so checking some of the oldest is enough.
_NEWER = """
    local found = 0
    for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 100)) do
        for at = 1, #entry[2], 2 do
            if entry[2][at] == 'format' and tonumber(entry[2][at + 1]) > tonumber(ARGV[1]) then found = found + 1 end
        end
    end
    return found
"""


def _run(source: str, *, keys: Sequence[str], args: Sequence) -> Any:
    return valkey.script(source)(keys=keys, args=args)


def append(entry: Entry) -> None:
    """Make a request durable and its pending counts visible, in one script on the server."""
    counts = [(f"accepted:{name}", n) for name, n in entry.accepted.items()]
    counts += [(f"invalid:{name}", n) for name, n in entry.invalid.items()]
    bounds = [settings.INGEST_MAX_BACKLOG_ENTRIES, settings.INGEST_MAX_BACKLOG_BYTES]
    fields = [part for count in counts for part in count]
    try:
        outcome = _run(
            _APPEND,
            keys=[STREAM, HELD_BYTES, f"{PENDING}{entry.batch_id}", WAITING],
            args=[*bounds, entry.batch_id.bytes, encode(entry), formats.FORMAT, *fields],
        )
    except redis.OutOfMemoryError as error:
        raise BacklogFull("The stream's server is out of memory; writers are emptying it.") from error
    except redis.RedisError as error:
        raise StreamUnavailable(str(error)) from error
    if outcome == b"entries":
        raise BacklogFull(f"{bounds[0]} requests are waiting to be written (INGEST_MAX_BACKLOG_ENTRIES).")
    if outcome == b"bytes":
        raise BacklogFull(f"{bounds[1]} bytes are waiting to be written (INGEST_MAX_BACKLOG_BYTES).")


def pending(batch_id: UUID) -> dict[str, dict[str, int]]:
    """The counts of a request that is not acknowledged yet: {"accepted": {deployment: n}, "invalid": {…}}."""
    counts: dict[str, dict[str, int]] = {"accepted": {}, "invalid": {}}
    for name, n in valkey.client().hgetall(f"{PENDING}{batch_id}").items():
        kind, _, deployment_id = name.decode().partition(":")
        counts[kind][deployment_id] = int(n)
    return counts


def ensure_group() -> None:
    """Create the consumer group if needed; checks first, as a full server rejects the creation command."""
    try:
        if any(group["name"] == GROUP.encode() for group in valkey.client().xinfo_groups(STREAM)):
            return
    except redis.ResponseError as error:
        if "no such key" not in str(error):
            raise
    try:
        valkey.client().xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    except redis.ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise


def read(consumer: str, *, count: int, block_ms: int) -> list[tuple[str, dict]]:
    """New entries for this consumer as (stream id, fields); they stay pending until `acknowledge`."""
    return _entries(valkey.client().xreadgroup(GROUP, consumer, {STREAM: ">"}, count=count, block=block_ms))


def read_own(consumer: str, *, after: str, count: int) -> list[tuple[str, dict]]:
    """Entries that this consumer holds already and has not acknowledged, in order, beyond the id `after`."""
    return _entries(valkey.client().xreadgroup(GROUP, consumer, {STREAM: after}, count=count))


def _entries(answer) -> list[tuple[str, dict]]:
    return [(stream_id.decode(), fields) for _, entries in answer or [] for stream_id, fields in entries]


def claim_from_dead_writers(consumer: str) -> int:
    """Take over entries of writers without a heartbeat; return how many. Then `read_own` returns them."""
    claimed = 0
    alive = set(writers.writers_alive())
    for other in valkey.client().xinfo_consumers(STREAM, GROUP):
        name = other["name"].decode()
        if name == consumer or name in alive:
            continue
        waiting = valkey.client().xpending_range(STREAM, GROUP, "-", "+", max(other["pending"], 1), consumername=name)
        if waiting:
            ids = [row["message_id"] for row in waiting]
            claimed += len(
                valkey.client().xclaim(STREAM, GROUP, consumer, min_idle_time=0, message_ids=ids, justid=True)
            )
        else:
            _run(_FORGET, keys=[STREAM], args=[GROUP, name])
    return claimed


def acknowledge(entries: Sequence[Entry]) -> None:
    """Delete entries that are written."""
    _run(
        _ACKNOWLEDGE,
        keys=[STREAM, HELD_BYTES, WAITING, *(f"{PENDING}{entry.batch_id}" for entry in entries)],
        args=[GROUP, *(part for entry in entries for part in (entry.stream_id, entry.size_bytes))],
    )


def waiting() -> dict[str, int]:
    """Accepted items waiting to be written, by deployment."""
    return {name.decode(): int(n) for name, n in valkey.client().hgetall(WAITING).items()}


def backlog() -> Backlog:
    """How much is waiting to be written, and the age of the oldest entry."""
    with valkey.client().pipeline(transaction=True) as pipeline:
        pipeline.xrange(STREAM, count=1)
        pipeline.xlen(STREAM)
        pipeline.get(HELD_BYTES)
        oldest, entries, held = pipeline.execute()
    age = max(0.0, time.time() - int(oldest[0][0].split(b"-")[0]) / 1_000) if oldest else None
    return Backlog(entries, int(held or 0), age)


def newer_entries() -> int:
    """How many of the oldest entries have a format that only a later version can read."""
    return _run(_NEWER, keys=[STREAM], args=[formats.FORMAT])


_PAYLOAD = msgspec.msgpack.Decoder(dict[str, Any])


def encode(entry: Entry) -> bytes:
    return msgspec.msgpack.encode(
        {
            "kind": entry.kind.value,
            "rows": entry.rows,
            "invalid": dict(entry.invalid),
            "sampled_out": dict(entry.sampled_out),
            "received_at": entry.received_at,
            "reasons": reasons.packed(entry.reasons),
            "key_id": entry.key_id,
        }
    )


def decode(stream_id: str, fields: dict) -> Entry:
    """An entry as read from the stream; rows of an earlier format get the defaults they lack.

    Raises formats.NewerFormat for one of a later version, and msgspec.MsgspecError, KeyError or ValueError for a
    damaged one.
    """
    number = int(fields.get(b"format", formats.FIRST_FORMAT))
    formats.require_known(number)
    payload = _PAYLOAD.decode(fields[b"payload"])
    kind, rows = ItemKind(payload["kind"]), payload["rows"]
    return Entry(
        batch_id=UUID(bytes=fields[b"batch"]),
        kind=kind,
        rows=rows if number == formats.FORMAT else [formats.filled(kind, row) for row in rows],
        invalid=payload["invalid"],
        received_at=payload["received_at"],
        sampled_out=payload.get("sampled_out", {}),
        reasons=reasons.unpacked(payload.get("reasons", ())),
        key_id=payload.get("key_id"),
        stream_id=stream_id,
        size_bytes=len(fields[b"payload"]),
    )
