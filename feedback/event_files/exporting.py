"""Exports events as a stream of bytes, and notes in the log who received how many."""

from collections.abc import Iterator
from dataclasses import fields

import structlog

from feedback.choices import EventFileFormat
from feedback.event_files import rows
from feedback.event_files.formats import FORMATS
from feedback.stores.base import EventFilter
from feedback.stores.schema import Row

log = structlog.get_logger(__name__)


def export(where: EventFilter, format: EventFileFormat, *, by: str) -> Iterator[bytes]:
    """The file of these events, the newest first, piece by piece; by: who receives it, for the log.

    The first piece is read here, so that a store that is unavailable raises StoreUnavailable before any byte is sent.
    """
    pieces = _noted(where, format, by)
    return _resumed(next(pieces, b""), pieces)


def _resumed(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from others


def _noted(where: EventFilter, format: EventFileFormat, by: str) -> Iterator[bytes]:
    filters = [field.name for field in fields(where) if getattr(where, field.name) not in (None, "", False)]
    about = {"by": by, "deployment": where.deployment_id or "", "filters": sorted(filters), "format": format.value}
    # Before the first byte too, as a process that is killed notes nothing afterwards.
    log.info("events_export_begun", **about)
    counted, is_complete, size = _Counted(rows.read(where)), False, 0
    try:
        for piece in FORMATS[format].write(counted):
            size += len(piece)
            yield piece
        is_complete = True
    finally:
        log.info("events_exported", **about, events=counted.events, bytes=size, is_complete=is_complete)


class _Counted:
    """Lists of events on their way, and how many events have passed."""

    def __init__(self, batches: Iterator[list[Row]]):
        self._batches = batches
        self.events = 0

    def __iter__(self) -> Iterator[list[Row]]:
        for events in self._batches:
            self.events += len(events)
            yield events
