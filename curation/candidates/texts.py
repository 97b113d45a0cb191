"""Reads the texts of some events, in the order asked for."""

from collections.abc import Iterator, Sequence
from typing import Any

from curation.candidates import decided
from curation.candidates.reading import BATCH, TEXTS, rows
from feedback import exact_json
from feedback.stores import event_store, tool_lists
from feedback.stores.base import EventFilter, Paging, SignalFilter
from feedback.stores.schema import Row

COLUMNS = ("id", *TEXTS, "response_format", "finish_reason", "tools_hash")


def of_events(event_ids: Sequence[str]) -> Iterator[tuple[str, Row | None]]:
    """Each id with its row of COLUMNS, None if the event is gone."""
    for start in range(0, len(event_ids), BATCH):
        some = event_ids[start : start + BATCH]
        found = {
            row["id"]: row for row in rows(event_store().scan(EventFilter(ids=some), COLUMNS, Paging(limit=BATCH)))
        }
        yield from ((event_id, found.get(event_id)) for event_id in some)


class DeclaredTools:
    """The tools that events of a deployment declare; each list is read once."""

    def __init__(self, deployment_id: str):
        self._deployment_id = deployment_id
        self._lists: dict[str, list[dict[str, Any]] | None] = {}

    def of(self, row: Row) -> list[dict[str, Any]] | None:
        """The tools of a row of COLUMNS in the form of Chat Completions, None if it declares none."""
        if not (digest := row["tools_hash"]):
            return None
        if digest not in self._lists:
            text = tool_lists.text_of(self._deployment_id, digest)
            self._lists[digest] = exact_json.decode(text) or None if text else None
        return self._lists[digest]


def of_edits(edit_ids: Sequence[str]) -> dict[str, str]:
    """The texts of edits by id: of signals, and of rows on which people decided; those that are gone are left out."""
    signal_ids = [one for one in edit_ids if not decided.is_row(one)]
    found = decided.texts_of(edit_ids)
    if signal_ids:
        columns, paging = ["id", "edited_response"], Paging(limit=len(signal_ids))
        scanned = event_store().scan_signals(SignalFilter(ids=signal_ids), columns, paging)
        found |= {row["id"]: row["edited_response"] for row in rows(scanned)}
    return found
