"""The process between stream and database: any number of them share one consumer group."""

import gc
import os
import signal
import socket
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec
import redis
import structlog
from django.conf import settings
from django.db import connection

from feedback.choices import ItemKind
from feedback.ingestion import stream, writers
from feedback.ingestion.formats import NewerFormat
from feedback.ingestion.stream import Entry
from feedback.ingestion.writing import entries as writing
from feedback.ingestion.writing import preparing, rejections
from feedback.ingestion.writing.preparing import Prepared
from feedback.stores.connection_loss import DATABASE_UNAVAILABLE

log = structlog.get_logger(__name__)
RARELY = (100_000, 50, 100)
ENTRIES_PER_READ = 16
LONGEST_BLOCK_SECONDS = 1.0
CLAIM_EVERY_SECONDS = 5.0
BEAT_EVERY_SECONDS = 1.0
REREAD_EVERY_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 5.0


@dataclass
class Writer:
    """Reads whole entries, writes them, then acknowledges them.

    What it holds and has not acknowledged, it reads again after every failure; the ledger knows what was written.
    With a `background` of one thread it gathers and prepares the next batch while the database writes the last one.
    """

    name: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}")
    background: Executor | None = None
    stopping: bool = False
    last_flush_at: float | None = None
    items: int = 0
    started_at: float = field(default_factory=time.time)
    _claimed_at: float = field(default=float("-inf"))
    _beat_at: float = field(default=float("-inf"))
    _reread_at: float = field(default_factory=time.monotonic)
    # Where to go on in the entries it holds already; None when all of them are read.
    _own_position: str | None = field(default="0")
    _in_flight: Future | None = None

    def run(self) -> None:
        """Work until `stop`; entries read by then are still written."""
        pause = 0.1
        while not self.stopping:
            try:
                stream.ensure_group()
                while not self.stopping:
                    self.step()
                    pause = 0.1
                self._finish()
            except redis.RedisError as error:
                log.warning("stream_away", error=f"{type(error).__name__}: {error}", retry_seconds=pause)
                self._own_position = "0"
                time.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        self._leave()

    def stop(self, *_) -> None:
        self.stopping = True

    def step(self) -> int:
        """Gather one batch and write it, here or in the background; return the number of entries."""
        entries = self._gather()
        if self.background is None:
            if entries:
                self._write(entries)
            return len(entries)
        prepared = _prepared(entries)
        self._finish()
        if entries:
            self._in_flight = self.background.submit(self._write, entries, prepared)
        return len(entries)

    def _finish(self) -> None:
        """Wait until the batch in the background is written. Raises any error of the write."""
        in_flight, self._in_flight = self._in_flight, None
        if in_flight:
            in_flight.result()

    def _gather(self) -> list[Entry]:
        """Read entries until they have INGEST_MAX_BATCH rows or INGEST_FLUSH_SECONDS have passed."""
        self._claim()
        deadline = time.monotonic() + settings.INGEST_FLUSH_SECONDS
        entries: list[Entry] = []
        while (room := settings.INGEST_MAX_BATCH - sum(_weight(entry) for entry in entries)) > 0:
            self._beat()
            wait = deadline - time.monotonic()
            if wait <= 0 or self.stopping:
                break
            # As many entries of the largest size so far as there is room for, so that a batch stays near its bound.
            largest = max((_weight(entry) for entry in entries), default=room)
            entries += self._decode(self._read(min(ENTRIES_PER_READ, max(1, room // largest)), wait))
        return entries

    def _read(self, count: int, wait: float) -> list[tuple[str, dict]]:
        if self._own_position is not None:
            # What is in the background is held too, until it is acknowledged.
            self._finish()
            found = stream.read_own(self.name, after=self._own_position, count=count)
            self._own_position = found[-1][0] if found else None
            if found:
                return found
        return stream.read(self.name, count=count, block_ms=max(1, int(min(wait, LONGEST_BLOCK_SECONDS) * 1_000)))

    def _claim(self) -> None:
        if time.monotonic() - self._claimed_at >= CLAIM_EVERY_SECONDS:
            self._claimed_at = time.monotonic()
            if stream.claim_from_dead_writers(self.name) or time.monotonic() - self._reread_at >= REREAD_EVERY_SECONDS:
                # From time to time also what this writer holds and could not write before.
                self._own_position, self._reread_at = "0", time.monotonic()

    def _beat(self) -> None:
        if time.monotonic() - self._beat_at < BEAT_EVERY_SECONDS:
            return
        try:
            writers.beat(writers.LivingWriter(self.name, self.started_at, self.last_flush_at, self.items))
            self._beat_at = time.monotonic()
        except redis.OutOfMemoryError:
            # Reading and deleting still work, and only they make room again.
            log.warning("heartbeat_refused", reason="the stream's server is out of memory")

    def _decode(self, found: list[tuple[str, dict]]) -> list[Entry]:
        entries = []
        for stream_id, fields in found:
            try:
                entries.append(stream.decode(stream_id, fields))
            except NewerFormat as error:
                # It stays in the stream for a writer of the version that wrote it.
                log.error("entry_too_new", stream_id=stream_id, format=error.number)
            except (msgspec.MsgspecError, KeyError, ValueError, TypeError) as error:
                # Not written by this program; it stays in the stream for an operator to inspect.
                log.error("entry_unreadable", stream_id=stream_id, error=type(error).__name__)
        return entries

    def _write(self, entries: Sequence[Entry], prepared: Mapping[ItemKind, Prepared] | None = None) -> None:
        """Write and acknowledge, retrying while the database fails; an entry that fails on its own is set aside."""
        try:
            if self._persist(lambda: writing.write(entries, prepared)):
                self.last_flush_at = time.time()
                self.items += sum(len(entry.rows) for entry in entries)
                stream.acknowledge(entries)
        except redis.RedisError:
            raise
        except Exception as error:  # noqa: BLE001 - one entry must not stop the writer
            log.error("batch_failed", entries=len(entries), error=rejections.reason_of(error))
            if len(entries) > 1:
                for entry in entries:
                    self._write([entry])
            else:
                self._set_aside(entries[0], rejections.reason_of(error))

    def _set_aside(self, entry: Entry, reason: str) -> None:
        try:
            if self._persist(lambda: writing.reject(entry, reason)):
                stream.acknowledge([entry])
        except redis.RedisError:
            raise
        except Exception as error:  # noqa: BLE001 - one entry must not stop the writer
            # It stays in the stream, where `doctor` sees it, and the others go on.
            log.error("entry_unwritable", stream_id=entry.stream_id, error=rejections.reason_of(error))

    def _persist(self, write: Callable[[], None]) -> bool:
        """Call `write` until the database works; False if the writer is stopped before that."""
        pause = 0.1
        while True:
            try:
                write()
                return True
            except DATABASE_UNAVAILABLE as error:
                log.warning("database_away", error=rejections.reason_of(error), retry_seconds=pause)
                connection.close()
                if self.stopping:
                    return False
                time.sleep(pause)
                self._beat()
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _leave(self) -> None:
        try:
            writers.leave(self.name)
        except redis.RedisError as error:
            log.warning("stream_away", error=type(error).__name__)


def _prepared(entries: Sequence[Entry]) -> Mapping[ItemKind, Prepared] | None:
    """The prepared entries, or None if preparing fails: then the write fails too, and finds the entry at fault."""
    with suppress(Exception):
        return preparing.prepare(entries)
    return None


def _weight(entry: Entry) -> int:
    """The weight of an entry in a batch; an entry with counts only has weight 1."""
    return max(1, len(entry.rows))


def run() -> None:
    """Run one writer in this process until SIGTERM or Ctrl-C."""
    # The rows of a batch refer to nothing that refers to them; looking for cycles among them takes a tenth of the time.
    gc.freeze()
    gc.set_threshold(*RARELY)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="settle") as background:
        writer = Writer(background=background)
        signal.signal(signal.SIGTERM, writer.stop)
        signal.signal(signal.SIGINT, writer.stop)
        log.info("writer_started", name=writer.name)
        writer.run()
    log.info("writer_stopped", name=writer.name)
