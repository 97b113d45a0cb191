"""From entries of the stream to rows of the store: each entry once, each item once, the ledger in balance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from django.db import DataError, IntegrityError, transaction

from feedback.choices import ItemKind
from feedback.embeddings import sampling
from feedback.ingestion.stream import HEARTBEAT_SECONDS, Entry
from feedback.ingestion.writing import bookkeeping, claims, rejections
from feedback.ingestion.writing.preparing import Prepared, prepare
from feedback.ingestion.writing.rejections import Refusal, column_of, reason_of
from feedback.measures.measuring import Measured
from feedback.models import Deployment
from feedback.rollups import deltas
from feedback.stores import event_store, locks, schema
from feedback.stores.schema import Row

log = structlog.get_logger(__name__)


@dataclass
class Items:
    """The rows of one kind by id, each with the request that brings it, and what became of them."""

    rows: Mapping[str, Row]
    batch_of: Mapping[str, UUID]
    scores: Mapping[str, Row]
    measured: Measured
    refused: dict[str, Refusal]
    stored: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, prepared: Prepared) -> "Items":
        return cls(prepared.rows, prepared.batch_of, prepared.scores, prepared.measured, dict(prepared.refused))

    def left(self, batch_ids: set[UUID]) -> list[Row]:
        """The rows of these requests that nothing has refused yet."""
        return [
            row
            for item_id, row in self.rows.items()
            if self.batch_of[item_id] in batch_ids and item_id not in self.refused
        ]

    def closed(self) -> bookkeeping.Outcome:
        scores = {item_id: self.scores[item_id]["score"] if self.scores else 0.0 for item_id in self.stored}
        return bookkeeping.Outcome(scores, frozenset(self.refused))


def write(entries: Sequence[Entry], prepared: Mapping[ItemKind, Prepared] | None = None) -> None:
    """Write entries, which may be prepared already. An entry that was written before is left alone.

    Raises django.db.OperationalError when the database or the store is away; then the same entries can come again.
    """
    items = {kind: Items.of(found) for kind, found in (prepared or prepare(entries)).items()}
    if event_store().shares_transaction:
        with transaction.atomic():
            fresh = _open(entries)
            batch_ids = {entry.batch_id for entry in fresh}
            _append(items, {kind: rows.left(batch_ids) for kind, rows in items.items()})
            _count(fresh, items)
    else:
        fresh = _write_outside(entries, items)
    _tell(fresh, items)


def _write_outside(entries: Sequence[Entry], items: Mapping[ItemKind, Items]) -> list[Entry]:
    """The store first and the counts after it; a claim says to a second attempt which items are its own."""
    batch_ids = {entry.batch_id for entry in entries} - bookkeeping.written(entries)
    mine = {}
    for kind, of_kind in items.items():
        left = of_kind.left(batch_ids)
        claimed = claims.claim(kind, {row["id"]: of_kind.batch_of[row["id"]] for row in left})
        mine[kind] = [row for row in left if row["id"] in claimed]
    _append(items, mine)
    for kind, rows in mine.items():
        # Those that an earlier attempt brought into the store are stored, too.
        items[kind].stored = {row["id"] for row in rows} - items[kind].refused.keys()
    with transaction.atomic():
        fresh = _open(entries)
        written = {entry.batch_id for entry in fresh}
        for of_kind in items.values():
            of_kind.stored = {item_id for item_id in of_kind.stored if of_kind.batch_of[item_id] in written}
        _count(fresh, items)
        claims.release([entry.batch_id for entry in entries])
    return fresh


def _open(entries: Sequence[Entry]) -> list[Entry]:
    locks.end_if_hanging(HEARTBEAT_SECONDS)
    return bookkeeping.open_batches(entries)


def _append(items: Mapping[ItemKind, Items], rows: Mapping[ItemKind, list[Row]]) -> None:
    if events := rows[ItemKind.EVENT]:
        _insert(_append_events, events, items[ItemKind.EVENT])
    if signals := rows[ItemKind.SIGNAL]:
        waiting = [row | {"waiting": True, "live": False} for row in signals]
        _insert(_append_signals, waiting, items[ItemKind.SIGNAL])


def _append_events(rows: list[Row], items: Items) -> set[str]:
    scores = schema.table(schema.SCORE, [items.scores[row["id"]] for row in rows])
    return event_store().append_events(schema.table(schema.EVENT, rows), scores)


def _append_signals(rows: list[Row], _: Items) -> set[str]:
    return event_store().append_signals(schema.table(schema.SIGNAL, rows))


def _insert(append, rows: list[Row], items: Items) -> None:
    """Append rows, and when the store refuses some, halve until only those are left."""
    try:
        items.stored |= append(rows, items)
    except (DataError, IntegrityError, ValueError, TypeError) as error:
        if len(rows) == 1:
            items.refused[rows[0]["id"]] = Refusal(reason_of(error), column_of(error))
            return
        middle = len(rows) // 2
        _insert(append, rows[:middle], items)
        _insert(append, rows[middle:], items)


def _count(entries: Sequence[Entry], items: Mapping[ItemKind, Items]) -> None:
    """Write down what became of the items of entries: in the rollups, in the sample of their hours, in the ledger."""
    events, signals = items[ItemKind.EVENT], items[ItemKind.SIGNAL]
    stored = [row for item_id, row in events.rows.items() if item_id in events.stored]
    if stored:
        names = sorted({row["deployment_id"] for row in stored})
        Deployment.objects.bulk_create([Deployment(id=name) for name in names], ignore_conflicts=True)
        deltas.add(events.measured.only(events.stored))
        sampling.join_sample(stored)
    if events.stored or signals.stored:
        _settle(entries, events, signals.stored)
    rejections.keep(entries, {kind: of_kind.refused for kind, of_kind in items.items()})
    bookkeeping.close_batches(entries, {kind: of_kind.closed() for kind, of_kind in items.items()})


def _settle(entries: Sequence[Entry], events: Items, signal_ids: set[str]) -> None:
    store = event_store()
    # A database looks again at a row before it changes it; another store might attach one signal to two events.
    locks.lock_signals(shared=store.shares_transaction and not signal_ids)
    uncounted = frozenset() if store.shares_transaction else claims.of_others([entry.batch_id for entry in entries])
    changes = store.settle_signals(events.stored, signal_ids, uncounted=uncounted)
    deltas.add_signals(changes, events.measured.only(events.stored))


def _tell(entries: Sequence[Entry], items: Mapping[ItemKind, Items]) -> None:
    events, signals = items[ItemKind.EVENT], items[ItemKind.SIGNAL]
    log.info(
        "ingestion_flush",
        count=len(events.stored) + len(signals.stored),
        entries=len(entries),
        events=len(events.stored),
        signals=len(signals.stored),
        refused=len(events.refused) + len(signals.refused),
    )
    if events.stored:
        mean = sum(events.scores[event_id]["score"] for event_id in events.stored) / len(events.stored)
        log.info("quality_assess", count=len(events.stored), mean_score=round(mean, 4))


def refuse(entry: Entry, reason: str) -> None:
    """Set a whole entry aside that cannot be written for a reason of its own."""
    refused = {row["id"]: Refusal(reason) for row in entry.rows}
    with transaction.atomic():
        fresh = bookkeeping.open_batches([entry])
        rejections.keep(fresh, {entry.kind: refused})
        bookkeeping.close_batches(fresh, {entry.kind: bookkeeping.Outcome({}, frozenset(refused))})
        claims.release([entry.batch_id])
