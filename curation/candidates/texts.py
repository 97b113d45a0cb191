"""Reads the texts of some events, in the order asked for."""

from collections.abc import Iterator, Sequence

from curation.candidates.reading import BATCH, TEXTS, rows
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging, SignalFilter
from feedback.stores.schema import Row

COLUMNS = ("id", *TEXTS, "response_format", "finish_reason")


def of_events(event_ids: Sequence[str]) -> Iterator[tuple[str, Row | None]]:
    """Each id with its row of COLUMNS, None if the event is gone."""
    for start in range(0, len(event_ids), BATCH):
        some = event_ids[start : start + BATCH]
        found = {
            row["id"]: row for row in rows(event_store().scan(EventFilter(ids=some), COLUMNS, Paging(limit=BATCH)))
        }
        yield from ((event_id, found.get(event_id)) for event_id in some)


def of_edits(signal_ids: Sequence[str]) -> dict[str, str]:
    """Edited responses by signal id; those that are gone are left out."""
    if not signal_ids:
        return {}
    where = SignalFilter(ids=signal_ids)
    found = event_store().scan_signals(where, ["id", "edited_response"], Paging(limit=len(signal_ids)))
    return {row["id"]: row["edited_response"] for row in rows(found)}
