"""From entries of the stream to rows of the store: each entry once, each item once, the ledger in balance."""

from collections.abc import Mapping, Sequence

import structlog
from django.db import transaction

from feedback.choices import ItemKind
from feedback.ingestion.stream import Entry
from feedback.ingestion.writing import bookkeeping, claims, inside, outside, reason_counts, rejections
from feedback.ingestion.writing.preparing import Prepared, prepare
from feedback.ingestion.writing.rejections import WriteRejection
from feedback.scores import waiting
from feedback.stores import event_store

log = structlog.get_logger(__name__)
_OF_SCORES = (ItemKind.EVENT, ItemKind.SCORE)


def write(entries: Sequence[Entry], prepared: Mapping[ItemKind, Prepared] | None = None) -> None:
    """Write entries, which may be prepared already. An entry that was written before is left alone.

    Raises django.db.OperationalError when the database or the store is unavailable; then the same entries can come
    again.
    """
    attempt = {kind: of_kind.for_an_attempt() for kind, of_kind in (prepared or prepare(entries)).items()}
    protocol = inside if event_store().shares_transaction else outside
    written = protocol.write(entries, attempt)
    # Also what an earlier attempt wrote, which may have died here.
    waiting.record_found(
        *([row for entry in entries if entry.kind == kind for row in entry.rows] for kind in _OF_SCORES)
    )
    _log_written(written, attempt)


def _log_written(entries: Sequence[Entry], written: Mapping[ItemKind, Prepared]) -> None:
    events, signals, scores = (written[kind] for kind in ItemKind)
    log.info(
        "ingestion_flush",
        count=sum(len(of_kind.stored) for of_kind in written.values()),
        entries=len(entries),
        events=len(events.stored),
        signals=len(signals.stored),
        scores=len(scores.stored),
        refused=sum(len(of_kind.rejected) for of_kind in written.values()),
    )
    if events.stored:
        mean = sum(events.score_of(event_id) for event_id in events.stored) / len(events.stored)
        log.info("quality_assess", count=len(events.stored), mean_score=round(mean, 4))


def reject(entry: Entry, reason: str) -> None:
    """Reject a whole entry that cannot be written."""
    rejected = {row["id"]: WriteRejection(reason) for row in entry.rows}
    with transaction.atomic():
        fresh = bookkeeping.open_batches([entry])
        rejections.keep(fresh, {entry.kind: rejected})
        bookkeeping.close_batches(fresh, {entry.kind: bookkeeping.WriteOutcome({}, frozenset(rejected))})
        reason_counts.add(fresh, {})
        claims.release([entry.batch_id])
