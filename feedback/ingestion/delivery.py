"""Bulk ingestion: sends items as fast as writers keep up, and waits until they are written."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from feedback.choices import ItemKind
from feedback.field_errors import FieldError
from feedback.ingestion import accept, ledger, stream, writers
from feedback.ingestion.parsing.bodies import RawItem

SHOWN_REASONS = 20
PAUSE_SECONDS = 0.2
PATIENCE_SECONDS = 20.0
NOWHERE: Mapping[int, str] = {}

Advance = Callable[[int], None]


class NoWriter(Exception):
    """Items are waiting in the stream and no writer is running."""

    def __init__(self, waiting: int):
        super().__init__(
            f"{waiting} items are waiting in the stream and no writer is running. Start one with manage.py run_writer. "
            "It is safe to run this command again."
        )


@dataclass
class Report:
    """Counts of accepted, rejected and repeated items, with the first reasons."""

    accepted: int = 0
    repeated: int = 0
    rejected: int = 0
    reasons: list[str] = field(default_factory=list)
    batch_ids: list[UUID] = field(default_factory=list)

    def add(self, receipt: accept.Receipt, places: Mapping[int, str] = NOWHERE) -> None:
        """Count a receipt; `places` says where items are, such as "row 2 (line 7)"."""
        self.accepted += len(receipt.ids)
        self.repeated += len(receipt.duplicates)
        if receipt.ids:
            self.batch_ids.append(receipt.batch_id)
        for item in receipt.rejected:
            self.reject(places.get(item.index, f"row {item.index + 1}"), item.errors)

    def reject(self, place: str, errors: Sequence[FieldError]) -> None:
        self.rejected += 1
        if len(self.reasons) < SHOWN_REASONS:
            self.reasons.append(f"{place}: {'; '.join(error.message for error in errors)}")


def send(items: Sequence[RawItem], kind: ItemKind) -> accept.Receipt:
    """Send items, waiting while the backlog is full."""
    while True:
        try:
            return accept.accept(items, kind)
        except stream.BacklogFull:
            time.sleep(1)


def wait_until_written(report: Report, *, advance: Advance, patience_seconds: float) -> ledger.ItemTotals:
    """Return the outcome of all accepted items once they are written.

    Raises NoWriter when no writer was alive for `patience_seconds`.
    """
    written, writer_seen_at = 0, time.monotonic()
    while True:
        totals = ledger.totals_of(report.batch_ids)
        advance(totals.written - written)
        written = totals.written
        if written == report.accepted:
            return totals
        if writers.writers_alive():
            writer_seen_at = time.monotonic()
        elif time.monotonic() - writer_seen_at >= patience_seconds:
            raise NoWriter(report.accepted - written)
        time.sleep(PAUSE_SECONDS)
