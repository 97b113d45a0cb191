"""Heartbeats of writers, kept in Valkey."""

from dataclasses import dataclass

import msgspec

from feedback import valkey

HEARTBEAT = "crucible:writer:"
HEARTBEAT_SECONDS = 10


@dataclass(frozen=True)
class LivingWriter:
    """A writer with a heartbeat within HEARTBEAT_SECONDS, and its last write."""

    name: str
    started_at: float
    last_flush_at: float | None = None
    items: int = 0


def beat(writer: LivingWriter) -> None:
    valkey.client().set(f"{HEARTBEAT}{writer.name}", msgspec.json.encode(writer), ex=HEARTBEAT_SECONDS)


def leave(consumer: str) -> None:
    valkey.client().delete(f"{HEARTBEAT}{consumer}")


def writers() -> list[LivingWriter]:
    """The writers whose heartbeat is younger than HEARTBEAT_SECONDS, by name."""
    names = sorted(valkey.client().scan_iter(f"{HEARTBEAT}*"))
    found = valkey.client().mget(names) if names else []
    return [msgspec.json.decode(value, type=LivingWriter) for value in found if value]


def writers_alive() -> list[str]:
    return [writer.name for writer in writers()]
