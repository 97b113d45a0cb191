"""Marks rows of approved sets that users report, or that may no longer be used, after the approval.

A mark stays when its cause goes. Superseded sets are not checked: a newer version took their place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from curation.choices import Change
from curation.models import ChangedRow, CuratedExample, CuratedPair, CuratedSet
from curation.sets import withdrawn
from feedback.choices import SignalType
from feedback.stores import event_store
from feedback.stores.base import SignalFilter

Row = CuratedExample | CuratedPair
_COLUMNS = ["event_id", "type", "retracted", "received_at"]
# Rows whose signals are read at a time.
_BATCH = 500


@dataclass(frozen=True)
class Changes:
    """How many rows of a set have changed since the decision on it. A row may have several changes."""

    rows: int
    by_change: dict[str, int]

    def __str__(self) -> str:
        return ", ".join(f"{count:,} {Change(change).label}" for change, count in self.by_change.items())


def changes(set_id: int) -> Changes:
    marks = ChangedRow.objects.of_set(set_id)
    counts = marks.counts()
    rows = marks.order_by().values("row_id").distinct().count() if counts else 0
    return Changes(rows, {change.value: counts[change] for change in Change if change in counts})


def mark(set_id: int, change: Change, row_ids: Sequence[int]) -> None:
    """Mark rows that are not marked with this change yet."""
    ChangedRow.objects.bulk_create(
        [ChangedRow(curated_set_id=set_id, row_id=row_id, change=change) for row_id in row_ids],
        ignore_conflicts=True,
        batch_size=2_000,
    )


def mark_approved() -> None:
    """Mark the rows of all approved sets that changed since their approval. A second run changes nothing."""
    for curated_set in CuratedSet.objects.approved().oldest_first():
        for rows in _rows(curated_set):
            for change, row_ids in _found(curated_set, rows).items():
                mark(curated_set.pk, change, row_ids)


def _found(curated_set: CuratedSet, rows: Sequence[Row]) -> dict[Change, list[int]]:
    signals = _signals(curated_set, rows)
    not_allowed = withdrawn.among(rows, deployment_id=curated_set.deployment_id)
    return {
        **{change: [row.pk for row in rows if events & _events(row)] for change, events in signals.items()},
        Change.TRAINING_NOT_ALLOWED: [row.pk for row in rows if row.pk in not_allowed],
    }


def _signals(curated_set: CuratedSet, rows: Sequence[Row]) -> dict[Change, set[str]]:
    """The events of these rows that were reported, and those with a signal taken back, after the approval."""
    found: dict[Change, set[str]] = {Change.REPORTED: set(), Change.RETRACTED: set()}
    where = SignalFilter(event_ids=[event_id for row in rows for event_id in row.event_ids], state=None)
    for signal in event_store().scan_signals(where, _COLUMNS).read_all().to_pylist():
        if signal["received_at"] <= curated_set.decided_at:
            continue
        if signal["retracted"]:
            found[Change.RETRACTED].add(signal["event_id"])
        elif signal["type"] == SignalType.REPORT:
            found[Change.REPORTED].add(signal["event_id"])
    return found


def _events(row: Row) -> set[str]:
    return set(map(str, row.event_ids))


def _rows(curated_set: CuratedSet) -> Iterator[list[Row]]:
    """The rows of a set that are not erased, without their texts."""
    people, pair_people = ("user_hash", "editor_hash"), ("user_hash", "rejected_user_hash", "editor_hash")
    for rows in (
        CuratedExample.objects.only("event_id", *people),
        CuratedPair.objects.only("chosen_event_id", "rejected_event_id", *pair_people),
    ):
        unread = rows.filter(curated_set_id=curated_set.pk).not_erased().order_by("pk").iterator(chunk_size=_BATCH)
        while some := list(islice(unread, _BATCH)):
            yield some
