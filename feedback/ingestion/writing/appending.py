"""Appends prepared rows to the store, and finds the rows that it rejects."""

from collections.abc import Mapping

from django.db import DataError, IntegrityError, transaction

from feedback.choices import ItemKind
from feedback.ingestion.writing.preparing import Prepared
from feedback.ingestion.writing.rejections import WriteRejection, column_of, reason_of
from feedback.scores import waiting
from feedback.stores import event_store, schema
from feedback.stores.schema import Row


def append(prepared: Mapping[ItemKind, Prepared], rows: Mapping[ItemKind, list[Row]]) -> None:
    """Append the prepared events and signals; records the stored ids and the rejections in `prepared`."""
    if events := rows[ItemKind.EVENT]:
        _insert(_append_events, events, prepared[ItemKind.EVENT])
    if signals := rows[ItemKind.SIGNAL]:
        # One about a session has no event to wait for.
        fresh = [row | {"waiting": bool(row["event_id"] or row["external_id"]), "live": False} for row in signals]
        _insert(_append_signals, fresh, prepared[ItemKind.SIGNAL])


def append_scores(scores: Prepared, rows: list[Row]) -> None:
    """Have scores wait for their events; call it in the transaction that counts them."""
    if rows:
        _insert(_have_wait, rows, scores)


def _have_wait(rows: list[Row], _: Prepared) -> set[str]:
    with transaction.atomic():
        waiting.keep(rows)
    return {row["id"] for row in rows}


def _append_events(rows: list[Row], events: Prepared) -> set[str]:
    scores = schema.table(schema.SCORE, [events.scores[row["id"]] for row in rows])
    return event_store().append_events(schema.table(schema.EVENT, rows), scores)


def _append_signals(rows: list[Row], _: Prepared) -> set[str]:
    return event_store().append_signals(schema.table(schema.SIGNAL, rows))


def _insert(append_rows, rows: list[Row], prepared: Prepared) -> None:
    """Append rows; if the store rejects some, halve until only those are left."""
    try:
        prepared.stored.update(append_rows(rows, prepared))
    except (DataError, IntegrityError, ValueError, TypeError) as error:
        if len(rows) == 1:
            prepared.rejected[rows[0]["id"]] = WriteRejection(reason_of(error), column_of(error))
            return
        middle = len(rows) // 2
        _insert(append_rows, rows[:middle], prepared)
        _insert(append_rows, rows[middle:], prepared)
