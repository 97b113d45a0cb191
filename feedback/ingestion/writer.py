"""The process between stream and database: any number of them share one consumer group."""

import os
import signal
import socket
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import redis
import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from feedback.ingestion import stream, writing
from feedback.ingestion.stream import Entry

log = structlog.get_logger(__name__)
ENTRIES_PER_READ = 100
CLAIM_EVERY_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 10.0
AWAY = (redis.ConnectionError, redis.TimeoutError, redis.BusyLoadingError)


@dataclass
class Writer:
    """Reads whole entries, writes them, then acknowledges them. A crash in between only means reading them again."""

    name: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}")
    stopping: bool = False
    _claimed_at: float = field(default=float("-inf"))

    def run(self) -> None:
        """Work until `stop`; what was read by then is still written."""
        pause = 0.1
        while not self.stopping:
            try:
                stream.ensure_group()
                while not self.stopping:
                    self.turn()
                    pause = 0.1
            except AWAY as error:
                log.warning("stream_away", error=str(error), retry_seconds=pause)
                time.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        self._say_goodbye()

    def stop(self, *_) -> None:
        self.stopping = True

    def turn(self) -> int:
        """Gather one batch and write it; return the number of entries."""
        entries = self._gather()
        if entries and self._write(entries):
            stream.acknowledge(entries)
        return len(entries)

    def _gather(self) -> list[Entry]:
        """Entries until they hold INGEST_MAX_BATCH rows or INGEST_FLUSH_SECONDS have passed since the first."""
        stream.beat(self.name)
        found = self._claim()
        deadline = time.monotonic() + settings.INGEST_FLUSH_SECONDS
        entries = self._decode(found)
        while (room := settings.INGEST_MAX_BATCH - sum(len(entry.rows) for entry in entries)) > 0:
            wait = deadline - time.monotonic()
            if wait <= 0 or self.stopping:
                break
            # As many entries of the largest size so far as there is room for, so that a batch stays near its bound.
            largest = max((len(entry.rows) for entry in entries), default=room)
            count = min(ENTRIES_PER_READ, max(1, room // max(largest, 1)))
            found = stream.read(self.name, count=count, block_ms=max(1, int(wait * 1_000)))
            entries += self._decode(found)
        return entries

    def _claim(self) -> list[tuple[str, dict]]:
        if time.monotonic() - self._claimed_at < CLAIM_EVERY_SECONDS:
            return []
        self._claimed_at = time.monotonic()
        return stream.claim_from_the_dead(self.name)

    def _decode(self, found: list[tuple[str, dict]]) -> list[Entry]:
        entries = []
        for stream_id, fields in found:
            try:
                entries.append(stream.decode(stream_id, fields))
            except (msgspec.MsgspecError, KeyError, ValueError, TypeError) as error:
                # Nothing of ours looks like this; it stays in the stream for a person to look at.
                log.error("entry_unreadable", stream_id=stream_id, error=str(error))
        return entries

    def _write(self, entries: Sequence[Entry]) -> bool:
        """Write, waiting as long as the database is away; an entry that fails by itself is set aside.

        Returns whether the entries are settled: not when the writer is told to stop while the database is away.
        """
        pause = 0.1
        while True:
            try:
                writing.write(entries)
                return True
            except (OperationalError, InterfaceError) as error:
                log.warning("database_away", error=writing.reason_of(error), retry_seconds=pause)
                connection.close()
                if self.stopping:
                    return False
                time.sleep(pause)
                stream.beat(self.name)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS / 2)
            except Exception as error:  # noqa: BLE001 - one entry must not stop the writer
                log.error("batch_failed", entries=len(entries), error=writing.reason_of(error))
                return self._write_apart(entries, error)

    def _write_apart(self, entries: Sequence[Entry], error: Exception) -> bool:
        if len(entries) == 1:
            writing.refuse(entries[0], writing.reason_of(error))
            return True
        return all(self._write([entry]) for entry in entries)

    def _say_goodbye(self) -> None:
        try:
            stream.leave(self.name)
        except AWAY as error:
            log.warning("stream_away", error=str(error))


def run() -> None:
    """Run one writer in this process until SIGTERM or Ctrl-C."""
    writer = Writer()
    signal.signal(signal.SIGTERM, writer.stop)
    signal.signal(signal.SIGINT, writer.stop)
    log.info("writer_started", name=writer.name)
    writer.run()
    log.info("writer_stopped", name=writer.name)
