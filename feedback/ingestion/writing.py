"""From entries of the stream to rows of the database: each entry once, each item once, the ledger in balance."""

import re
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
import structlog
from django.db import DataError, IntegrityError, transaction

from feedback import rollups
from feedback.choices import ItemKind
from feedback.embeddings import sampling
from feedback.ingestion import bookkeeping, tables
from feedback.ingestion.stream import Entry
from feedback.models import Deployment, RejectedItem
from feedback.quality import assessment
from feedback.schema import Row

log = structlog.get_logger(__name__)
# Not where the backslash is itself escaped: there the text says \u0000 in so many letters.
_NUL_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
_COPY_COLUMN = re.compile(r"^COPY \w+, line \d+, column (\w+)")


@dataclass
class Refusal:
    """Why an item is not stored, and the column that is at fault where the database says so."""

    reason: str
    field: str = ""


@dataclass
class Outcome:
    """What became of the rows of one kind: ids now stored, and refused rows with the reason by id."""

    stored: set[str] = field(default_factory=set)
    refused: dict[str, Refusal] = field(default_factory=dict)
    scores: dict[str, Row] = field(default_factory=dict)

    def closed(self) -> bookkeeping.Outcome:
        scores = {item_id: self.scores[item_id]["score"] if self.scores else 0.0 for item_id in self.stored}
        return bookkeeping.Outcome(scores, frozenset(self.refused))


def write(entries: Sequence[Entry]) -> None:
    """Write entries in one transaction. An entry that was written before is left alone.

    Raises django.db.OperationalError when the database is away; then nothing was written.
    """
    events = _first_of_each_id(entries, ItemKind.EVENT)
    signals = _first_of_each_id(entries, ItemKind.SIGNAL)
    event_outcome = Outcome()
    _score(events, event_outcome)
    with transaction.atomic():
        tables.end_if_hanging()
        fresh = bookkeeping.open_batches(entries)
        mine = {entry.batch_id for entry in fresh}
        scored = event_outcome.scores
        events = {item_id: row for item_id, (batch, row) in events.items() if batch in mine and item_id in scored}
        signals = {item_id: row for item_id, (batch, row) in signals.items() if batch in mine}
        _store_events(events, event_outcome)
        signal_outcome = _store_signals(signals)
        if events or signals:
            tables.settle_signals(event_outcome.stored, signal_outcome.stored)
        outcomes = {ItemKind.EVENT: event_outcome, ItemKind.SIGNAL: signal_outcome}
        _keep_refused(fresh, outcomes)
        bookkeeping.close_batches(fresh, {kind: outcome.closed() for kind, outcome in outcomes.items()})
    _tell(fresh, event_outcome, signal_outcome)


def _tell(entries: Sequence[Entry], events: Outcome, signals: Outcome) -> None:
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


def _first_of_each_id(entries: Sequence[Entry], kind: ItemKind) -> dict:
    """{id: (batch id, row)} of one kind; of two items with one id the earlier stands."""
    found: dict = {}
    for entry in entries:
        if entry.kind == kind:
            batch_id = str(entry.batch_id)
            for row in entry.rows:
                row["batch_id"] = batch_id
                found.setdefault(row["id"], (entry.batch_id, row))
    return found


def score_ahead(entries: Sequence[Entry]) -> None:
    """Score events before they are written. What cannot be scored is left as it is, for `write` to refuse."""
    for entry in entries:
        for row in entry.rows if entry.kind == ItemKind.EVENT else ():
            with suppress(Exception):
                if "assessment" not in row:
                    row["assessment"] = assessment.score_row(row)


def _score(events: dict, outcome: Outcome) -> None:
    for item_id, (_, row) in events.items():
        try:
            # An event whose texts are dropped was scored before they were; most others were scored ahead.
            outcome.scores[item_id] = row.get("assessment") or assessment.score_row(row)
        except Exception as error:  # noqa: BLE001 - one event must not keep the others from the database
            outcome.refused[item_id] = Refusal(f"assessment failed: {reason_of(error)}", "response")


def _store_events(events: dict[str, Row], outcome: Outcome) -> None:
    if not events:
        return
    Deployment.objects.bulk_create(
        [Deployment(id=name) for name in sorted({row["deployment_id"] for row in events.values()})],
        ignore_conflicts=True,
    )
    _insert(tables.EVENTS, list(events.values()), outcome)
    stored = [row for item_id, row in events.items() if item_id in outcome.stored]
    if stored:
        tables.insert_new(tables.SCORES, [outcome.scores[row["id"]] for row in stored], may_exist=False)
        rollups.add(stored)
        sampling.join_sample(stored)


def _store_signals(signals: dict[str, Row]) -> Outcome:
    outcome = Outcome()
    if signals:
        rows = [row | {"waiting": True, "live": False} for row in signals.values()]
        _insert(tables.SIGNALS, rows, outcome)
    return outcome


def _insert(table: tables.Table, rows: list[Row], outcome: Outcome) -> None:
    """Insert rows, and when the database refuses some, halve until only those are left."""
    try:
        with transaction.atomic():
            outcome.stored |= tables.insert_new(table, rows)
    except (DataError, IntegrityError) as error:
        if len(rows) == 1:
            outcome.refused[rows[0]["id"]] = Refusal(reason_of(error), _column_of(error))
            return
        middle = len(rows) // 2
        _insert(table, rows[:middle], outcome)
        _insert(table, rows[middle:], outcome)


def reason_of(error: Exception) -> str:
    """What went wrong and where, without the details of the error, which may quote a prompt."""
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is not None and diagnosis.message_primary:
        return f"{type(error).__name__}: {diagnosis.message_primary}"
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} in {frames[-1].name}, line {frames[-1].lineno}" if frames else type(error).__name__


def _column_of(error: Exception) -> str:
    """The column that the database names, or the one its message quotes in the context of a COPY."""
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is None:
        return ""
    copied = _COPY_COLUMN.search(diagnosis.context or "")
    return diagnosis.column_name or (copied.group(1) if copied else "") or diagnosis.constraint_name or ""


def refuse(entry: Entry, reason: str) -> None:
    """Set a whole entry aside that cannot be written for a reason of its own."""
    outcome = Outcome(refused={row["id"]: Refusal(reason) for row in entry.rows})
    with transaction.atomic():
        fresh = bookkeeping.open_batches([entry])
        _keep_refused(fresh, {entry.kind: outcome})
        bookkeeping.close_batches(fresh, {entry.kind: outcome.closed()})


def _keep_refused(entries: Sequence[Entry], outcomes: dict[ItemKind, Outcome]) -> None:
    kept = [
        _rejected(entry, row, refusal)
        for entry in entries
        for row in entry.rows
        if (refusal := outcomes[entry.kind].refused.get(row["id"]))
    ]
    if kept:
        RejectedItem.objects.bulk_create(kept)
        log.warning("items_refused_by_database", count=len(kept), reason=kept[0].reason)


def _rejected(entry: Entry, row: Row, refusal: Refusal) -> RejectedItem:
    # The refused row may hold what no JSON column takes, so a NUL travels as its escape's name.
    # A score made ahead is made again when the item is replayed, unless its texts are gone.
    kept = {name: value for name, value in row.items() if name != "assessment" or row["content_dropped"]}
    payload = _NUL_ESCAPE.sub(r"\1␀", msgspec.json.encode(kept).decode())
    return RejectedItem(
        batch_id=entry.batch_id,
        deployment_id=row["deployment_id"],
        item_id=row["id"],
        kind=entry.kind,
        field=refusal.field,
        reason=refusal.reason,
        payload=msgspec.json.decode(payload),
        user_hash=row["user_hash"],
        rejected_at=datetime.now(UTC),
    )
