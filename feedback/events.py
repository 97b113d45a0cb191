"""Reading events for pages and the API: one event with what belongs to it, and pages of a list."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from feedback import schema
from feedback.models import QualityScore
from feedback.stores import event_store
from feedback.stores.base import EventFilter, SignalFilter

COLUMNS = [name for name in schema.EVENT.names if name != "batch_id"]
SIGNAL_COLUMNS = ["id", "type", "value", "edited_response", "comment", "live", "occurred_at"]
_JSON = {"messages", "metadata", "masked", "value"}


class InvalidCursor(ValueError):
    """A cursor that no page gave out."""


@dataclass(frozen=True)
class Page:
    rows: list[dict[str, Any]]
    next: str | None
    previous: str | None


def find(event_id: UUID, *, deployment_ids: Sequence[str] | None = None) -> dict[str, Any] | None:
    """One event with its quality and signals, or None; of these deployments only, if any are given."""
    found = _rows(event_store().scan(EventFilter(ids=[event_id], deployment_ids=deployment_ids), COLUMNS))
    if not found:
        return None
    event = found[0]
    checks = QualityScore.objects.filter(event_id=event_id).values_list("checks", flat=True)
    event["quality"] = {"score": event["quality_score"], "checks": [check for of in checks for check in of]}
    where = SignalFilter(event_ids=[event_id], live=False, attached=False)
    event["signals"] = _rows(event_store().scan_signals(where, SIGNAL_COLUMNS))
    for signal in event["signals"]:
        signal["edited_response"] = signal["edited_response"] or None
    return event


def page(where: EventFilter, *, size: int, cursor: str | None = None) -> Page:
    """One page, newest first. Raises InvalidCursor."""
    backwards = False
    if cursor:
        direction, place = _decode(cursor)
        backwards = direction == "previous"
        where = replace(where, **{"newer_than" if backwards else "older_than": place})
    rows = _rows(event_store().scan(where, COLUMNS, newest_first=not backwards, limit=size + 1))
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    return Page(
        rows,
        next=_encode("next", rows[-1]) if rows and (more or backwards) else None,
        previous=_encode("previous", rows[0]) if rows and cursor and (more or not backwards) else None,
    )


def _rows(reader) -> list[dict[str, Any]]:
    rows = reader.read_all().to_pylist()
    for row in rows:
        for name in _JSON & row.keys():
            row[name] = None if row[name] is None else msgspec.json.decode(row[name])
    return rows


def _encode(direction: str, row: dict[str, Any]) -> str:
    text = f"{direction} {row['occurred_at'].isoformat()} {row['id']}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[str, tuple[datetime, UUID]]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        direction, occurred_at, event_id = text.split(" ")
        moment, place_id = datetime.fromisoformat(occurred_at), UUID(event_id)
        if direction not in {"next", "previous"} or moment.tzinfo is None:
            raise ValueError(text)
        # The database takes neither every offset nor a moment that leaves the calendar.
        return direction, (moment.astimezone(UTC), place_id)
    except (ValueError, OverflowError) as error:
        raise InvalidCursor("This cursor was not given out by a page of events.") from error
