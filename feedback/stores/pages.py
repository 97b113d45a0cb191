"""Reading events and signals for pages and the API: one event with what belongs to it, and pages of a list."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from feedback import exact_json
from feedback.stores import event_store, schema
from feedback.stores.base import EventFilter, Paging, SignalFilter
from feedback.stores.replacing import is_quality
from feedback.stores.schema import Row

COLUMNS = [name for name in schema.EVENT.names if name != "batch_id"]
SIGNAL_COLUMNS = [
    "id",
    "type",
    "name",
    "message_index",
    "value",
    "retracted",
    "prompted",
    "edited_response",
    "comment",
    "live",
    "occurred_at",
]
# More than one event ever has of anything; with a bound, a store answers on the connection that is open.
MOST_ROWS = 10_000
_JSON = {"messages", "metadata", "masked", "value", "checks"}
Filter = EventFilter | SignalFilter


class InvalidCursor(ValueError):
    """A cursor that belongs to no page."""


@dataclass(frozen=True)
class StoredPage:
    rows: list[Row]
    next: str | None
    previous: str | None


def read(where: Filter, columns: Sequence[str], *, newest_first: bool = True, limit: int = MOST_ROWS) -> list[Row]:
    """Events or signals, as the filter is of the one or the other, with their JSON decoded."""
    scan = event_store().scan if isinstance(where, EventFilter) else event_store().scan_signals
    return _decoded(scan(where, columns, Paging(newest_first=newest_first, limit=limit)).read_all())


def count(where: Filter, *, at_most: int) -> int:
    store = event_store()
    return (store.count if isinstance(where, EventFilter) else store.count_signals)(where, at_most=at_most)


@dataclass(frozen=True)
class Scores:
    """The scores of an event: that of the default profile's checks, and all others."""

    checks: Row | None
    others: list[Row]


def scores(event_id: UUID | str) -> Scores:
    rows = _decoded(event_store().scores([event_id]))
    quality = next(filter(is_quality, rows), None)
    return Scores(quality, [row for row in rows if row is not quality])


def find(event_id: UUID, *, deployment_ids: Sequence[str] | None = None) -> Row | None:
    """One event with its quality and signals, or None; of these deployments only, if any are given."""
    found = read(EventFilter(ids=[event_id], deployment_ids=deployment_ids), COLUMNS, limit=1)
    if not found:
        return None
    event = found[0]
    found_scores = scores(event_id)
    checks = found_scores.checks["checks"] if found_scores.checks else []
    caps = [check["cap"] for check in checks if "cap" in check]
    event["quality"] = {"score": event["quality_score"], "checks": checks, "caps": caps}
    event["scores"] = found_scores.others
    event["signals"] = read(SignalFilter(event_ids=[event_id], state=None), SIGNAL_COLUMNS)
    for signal in event["signals"]:
        signal["edited_response"] = signal["edited_response"] or None
    return event


def page(where: Filter, columns: Sequence[str] = COLUMNS, *, size: int, cursor: str | None = None) -> StoredPage:
    """One page, newest first; columns: with occurred_at and id. Raises InvalidCursor."""
    backwards = False
    if cursor:
        direction, place = _decode(cursor)
        backwards = direction == "previous"
        where = replace(where, **{"newer_than" if backwards else "older_than": place})
    rows = read(where, columns, newest_first=not backwards, limit=size + 1)
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    return StoredPage(
        rows,
        next=_encode("next", rows[-1]) if rows and (more or backwards) else None,
        previous=_encode("previous", rows[0]) if rows and cursor and (more or not backwards) else None,
    )


def _decoded(table) -> list[Row]:
    rows = table.to_pylist()
    for row in rows:
        for name in _JSON & row.keys():
            row[name] = None if row[name] is None else exact_json.decode(row[name])
    return rows


def _encode(direction: str, row: Row) -> str:
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
        raise InvalidCursor("This cursor does not belong to this list.") from error
