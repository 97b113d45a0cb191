"""Records scores of stored events in the store and the rollups, each exactly once."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from django.db import transaction

from feedback.evidence.keeping import gold
from feedback.models import ScoreClaim
from feedback.rollups import deltas
from feedback.stores import event_store, locks, replacing, schema
from feedback.stores.base import EventFilter, ScoreChanges
from feedback.stores.schema import Row


def record(scores: Sequence[Row]) -> ScoreChanges:
    """Store scores, rows of `stores.schema.SCORE`, and count them; return what changed.

    A score of an event that is not stored is left out, and so is one that is older than that with the same key.
    """
    return record_taken(lambda: scores)


def record_taken(take: Callable[[], Sequence[Row]]) -> ScoreChanges:
    """The same of what `take` returns; what it changes in the database is part of the transaction that records."""
    store = event_store()
    if not store.shares_transaction:
        return _record_outside(take)
    with transaction.atomic():
        locks.lock_scores()
        changes = store.append_scores(schema.table(schema.SCORE, take()))
        _count(changes)
    return changes


def _record_outside(take: Callable[[], Sequence[Row]]) -> ScoreChanges:
    """The same with a store that has no part in the transaction: what is to change is written down first."""
    with transaction.atomic():
        locks.lock_scores()
        finish()
        changes = _changes(take())
        if changes.stored.num_rows:
            ScoreClaim.objects.create(replaced=_as_json(changes.replaced), stored=_as_json(changes.stored))
    with transaction.atomic():
        locks.lock_scores()
        finish()
    return changes


def finish() -> None:
    """Store and count what was claimed, also by interrupted processes; call it with the lock of scores.

    Storing may happen twice, with the same result. Counting goes with the claim, so it happens once.
    """
    store = event_store()
    for claim in ScoreClaim.objects.order_by("pk").select_for_update():
        replaced, stored = _as_table(claim.replaced), _as_table(claim.stored)
        store.append_scores(stored)
        _count(ScoreChanges(replaced, stored))
        claim.delete()


def finish_interrupted() -> None:
    """Store and count what was claimed by processes that died."""
    if ScoreClaim.objects.exists():
        with transaction.atomic():
            locks.lock_scores()
            finish()


def _count(changes: ScoreChanges) -> None:
    """Count changed scores, which the store has, in the rollups, and queue events whose gold scores changed."""
    deltas.add_scores(changes)
    gold.note_changes(changes)


def _changes(scores: Sequence[Row]) -> ScoreChanges:
    store = event_store()
    ids = sorted({row["event_id"] for row in scores})
    there = set(store.scan(EventFilter(ids=ids), ["id"]).read_all()["id"].to_pylist())
    return replacing.changes(scores, store.scores(sorted(there)).to_pylist(), there=there)


def _as_json(table) -> list[Row]:
    return msgspec.to_builtins(table.to_pylist())


def _as_table(rows: Sequence[Row]):
    return schema.table(
        schema.SCORE, [row | {"assessed_at": datetime.fromisoformat(row["assessed_at"])} for row in rows]
    )
