"""Reading events and signals for pages and the API: one event with what belongs to it, and pages of a list."""

import base64
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from feedback import exact_json
from feedback.conversations.shown import shown_text
from feedback.stores import event_store, schema, tool_lists
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
# In a page of 50 rows each long column of a row has at most 40,000 of them.
PAGE_CHARACTERS = 2_000_000
# A search for words reads the texts of at most so many of the newest events.
SEARCHED_EVENTS = 100_000
_JSON = {"metadata", "masked", "value", "checks", "tool_choice", "response_format"}
_MESSAGES = {"messages", "response_message"}
Filter = EventFilter | SignalFilter


class InvalidCursor(ValueError):
    """A cursor that belongs to no page."""


@dataclass(frozen=True)
class StoredPage:
    rows: list[Row]
    next: str | None
    previous: str | None


def read(
    where: Filter,
    columns: Sequence[str],
    *,
    newest_first: bool = True,
    limit: int = MOST_ROWS,
    characters: int | None = None,
) -> list[Row]:
    """Events or signals, as the filter is of the one or the other, with their JSON decoded.

    characters: the most of each long column; longer texts are cut, longer JSON is none, and `truncated` names them.
    """
    scan = event_store().scan if isinstance(where, EventFilter) else event_store().scan_signals
    # One more than is shown tells what is longer.
    paging = Paging(newest_first=newest_first, limit=limit, characters=None if characters is None else characters + 1)
    rows = scan(where, columns, paging).read_all().to_pylist()
    if characters is not None:
        for row in rows:
            _truncate(row, characters)
    return _decoded(rows)


def stream(where: EventFilter, columns: Sequence[str] = COLUMNS, *, batch_size: int) -> Iterator[list[Row]]:
    """All of these events, the newest first, with their JSON decoded, as lists of at most `batch_size`."""
    for batch in event_store().scan(where, columns, Paging(batch_size=batch_size)):
        yield _decoded(batch.to_pylist())


def _truncate(row: Row, characters: int) -> None:
    row["truncated"] = sorted(name for name in schema.LONG & row.keys() if len(row[name] or "") > characters)
    for name in row["truncated"]:
        row[name] = None if name in _JSON | _MESSAGES else row[name][:characters]


def searched_from(where: EventFilter) -> datetime | None:
    """When the oldest event occurred whose texts a search reads, among those of the same deployments and time.

    None without words to search for, and where the search reads all of them.
    """
    if not where.text:
        return None
    among = EventFilter(
        deployment_id=where.deployment_id,
        deployment_ids=where.deployment_ids,
        occurred_from=where.occurred_from,
        occurred_to=where.occurred_to,
    )
    last = Paging(limit=2, skip=SEARCHED_EVENTS - 1)
    times = event_store().scan(among, ["occurred_at"], last).read_all()["occurred_at"].to_pylist()
    return times[0] if len(times) > 1 else None


def count(where: Filter, *, at_most: int) -> int:
    store = event_store()
    return (store.count if isinstance(where, EventFilter) else store.count_signals)(where, at_most=at_most)


@dataclass(frozen=True)
class Scores:
    """The scores of an event: that of the default profile's checks, and all others."""

    checks: Row | None
    others: list[Row]


def scores(event_id: UUID | str) -> Scores:
    return _split(_scores([event_id]))


def _scores(event_ids: Sequence[UUID | str]) -> list[Row]:
    return _decoded(event_store().scores(event_ids).to_pylist())


def _split(rows: list[Row]) -> Scores:
    """rows: the scores of one event."""
    quality = next(filter(is_quality, rows), None)
    return Scores(quality, [row for row in rows if row is not quality])


def checks_of(event_ids: Sequence[str]) -> dict[str, list[Row]]:
    """The results of the default profile's checks by event."""
    rows = filter(is_quality, event_store().scores(event_ids).to_pylist())
    return {row["event_id"]: row["checks"] for row in _decoded(list(rows))}


def find(event_id: UUID, *, deployment_ids: Sequence[str] | None = None) -> Row | None:
    """One event with its quality and signals, or None; of these deployments only, if any are given."""
    found = read(EventFilter(ids=[event_id], deployment_ids=deployment_ids), COLUMNS, limit=1)
    if not found:
        return None
    complete(found)
    return found[0]


def complete(events: Sequence[Row]) -> None:
    """Add to events, read with COLUMNS, what is stored beside them: tools, quality, scores and signals."""
    ids = [event["id"] for event in events]
    lists = tool_lists.decoded({(event["deployment_id"], event["tools_hash"]) for event in events})
    scores_of, signals_of = _by_event(_scores(ids)), _by_event(_signals(events) if events else [])
    for event in events:
        found = _split(scores_of[event["id"]])
        checks = found.checks["checks"] if found.checks else []
        caps = [check["cap"] for check in checks if "cap" in check]
        event["tools"] = lists.get((event["deployment_id"], event["tools_hash"]))
        event["quality"] = {"score": event["quality_score"], "checks": checks, "caps": caps}
        event["scores"] = found.others
        event["signals"] = [row for row in signals_of[event["id"]] if row["deployment_id"] in _senders(event)]


def _signals(events: Sequence[Row]) -> list[Row]:
    """The signals that name these events, in any state, the newest first."""
    where = SignalFilter(
        event_ids=[event["id"] for event in events],
        deployment_ids=sorted({name for event in events for name in _senders(event)}),
        state=None,
    )
    columns = ["event_id", "deployment_id", *SIGNAL_COLUMNS]
    signals = rows = read(where, columns)
    while len(rows) == MOST_ROWS:
        where = replace(where, older_than=(rows[-1]["occurred_at"], UUID(rows[-1]["id"])))
        rows = read(where, columns)
        signals = [*signals, *rows]
    for signal in signals:
        signal["edited_response"] = signal["edited_response"] or None
    return signals


def _by_event(rows: Iterable[Row]) -> defaultdict[str, list[Row]]:
    found = defaultdict(list)
    for row in rows:
        found[row["event_id"]].append(row)
    return found


def about(event: Row) -> SignalFilter:
    """The signals about an event, in any state. Another deployment may have sent some that name its id: not those."""
    return SignalFilter(event_ids=[event["id"]], deployment_ids=_senders(event), state=None)


def _senders(event: Row) -> list[str]:
    return [event["deployment_id"], ""]


def page(where: Filter, columns: Sequence[str] = COLUMNS, *, size: int, cursor: str | None = None) -> StoredPage:
    """One page, newest first, whose long columns have at most PAGE_CHARACTERS each in all; columns: with occurred_at
    and id. Raises InvalidCursor.
    """
    backwards = False
    if cursor:
        direction, place = _decode(cursor)
        backwards = direction == "previous"
        where = replace(where, **{"newer_than" if backwards else "older_than": place})
    characters = PAGE_CHARACTERS // size
    rows = read(where, columns, newest_first=not backwards, limit=size + 1, characters=characters)
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    return StoredPage(
        rows,
        next=_encode("next", rows[-1]) if rows and (more or backwards) else None,
        previous=_encode("previous", rows[0]) if rows and cursor and (more or not backwards) else None,
    )


def older_than(row: Row) -> str:
    """A cursor whose page begins behind this row."""
    return _encode("next", row)


def _decoded(rows: list[Row]) -> list[Row]:
    for row in rows:
        for name in _JSON & row.keys():
            row[name] = None if row[name] is None else exact_json.decode(row[name])
        for name in _MESSAGES & row.keys():
            row[name] = row[name] and shown_text(row[name])
        if "response_message" in row:
            row["response_message"] = _answer(row)
    return rows


def _answer(row: Row) -> Row | None:
    """The answer as one message; None where its text was not kept."""
    if row["response_message"]:
        return row["response_message"][0]
    if row.get("content_dropped") or "response_message" in row.get("truncated", ()):
        return None
    return {"role": "assistant", "content": row.get("response")}


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
