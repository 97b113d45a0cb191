"""Pages of events with evidence, those first that are least likely to be good: from the table of evidence to the store.

The order is that of the moment: an event that gets votes between two pages may be on both or on neither.
"""

import base64
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from feedback.models import Deployment, Evidence
from feedback.stores import pages
from feedback.stores.base import EventFilter
from feedback.stores.pages import InvalidCursor, StoredPage
from feedback.stores.schema import Row

Position = tuple[float, UUID]
# What evidence does not know is asked of the store, for so many events at a time and so many for one page.
_AT_ONCE, MOST_EXAMINED = 500, 10_000
_KNOWN = (
    "deployment_id",
    "deployment_ids",
    "model_version_id",
    "prompt_version",
    "ids",
    "occurred_from",
    "occurred_to",
)


def page(
    where: EventFilter, columns: Sequence[str] = pages.COLUMNS, *, size: int, cursor: str | None = None
) -> StoredPage:
    """One page, worst first. Raises InvalidCursor.

    Where few events match what only the store knows, a page may have fewer than `size`, or none, before the last.
    """
    backwards, start = _decode(cursor) if cursor else (False, None)
    found, last, is_end = _positions(where, start, size + 1, backwards=backwards)
    shown, has_more = found[:size], len(found) > size
    ahead = shown[-1] if has_more else None if is_end else last
    behind = shown[0] if shown and cursor else None
    rows = _rows(shown[::-1] if backwards else shown, columns, size)
    following, former = (behind, ahead) if backwards else (ahead, behind)
    return StoredPage(rows, following and _encode("next", following), former and _encode("previous", former))


def _rows(shown: Sequence[Position], columns: Sequence[str], size: int) -> list[Row]:
    ids = [str(event_id) for _, event_id in shown]
    if not ids:
        return []
    found = pages.read(EventFilter(ids=ids), columns, limit=size, characters=pages.PAGE_CHARACTERS // size)
    by_id = {row["id"]: row for row in found}
    # One that was removed just now is left out.
    return [by_id[event_id] for event_id in ids if event_id in by_id]


def neighbours(where: EventFilter, event_id: str) -> tuple[str | None, str | None]:
    """The events before and after this one in the list, worst first; None where there is none."""
    row = Evidence.objects.ranked().filter(pk=event_id).values_list("p_good", "event_id").first()
    if row is None:
        return None, None
    before, after = (_positions(where, row, 1, backwards=backwards)[0] for backwards in (True, False))
    return str(before[0][1]) if before else None, str(after[0][1]) if after else None


def count(where: EventFilter, *, at_most: int) -> int | None:
    """How many events the list has; None where only the store knows."""
    if not _is_known(where):
        return None
    return Evidence.objects.matching(where).ranked()[:at_most].count()


def _is_known(where: EventFilter) -> bool:
    return where == EventFilter(**{name: getattr(where, name) for name in _KNOWN})


def _positions(
    where: EventFilter, start: Position | None, most: int, *, backwards: bool
) -> tuple[list[Position], Position | None, bool]:
    """The next positions of events that match, the last one examined, and whether there are no others to examine."""
    if _is_known(where):
        found = _ranked(where, start, most, backwards=backwards)
        return found, found[-1] if found else start, len(found) < most
    found, examined, at = [], 0, start
    while examined < MOST_EXAMINED and len(found) < most:
        some = _ranked(where, at, _AT_ONCE, backwards=backwards)
        at, examined = some[-1] if some else at, examined + len(some)
        there = {row["id"] for row in pages.read(replace(where, ids=[event_id for _, event_id in some]), ["id"])}
        found += [position for position in some if str(position[1]) in there]
        if len(some) < _AT_ONCE:
            return found[:most], at, True
    return found[:most], at, False


def _ranked(where: EventFilter, start: Position | None, most: int, *, backwards: bool) -> list[Position]:
    """Positions of evidence. Of several deployments each is read in the order of the index, then they are merged."""
    rows = Evidence.objects.matching(where).ranked()
    if start is not None:
        rows = rows.worse_than(*start) if backwards else rows.better_than(*start)
    rows = rows.best_first() if backwards else rows.worst_first()
    if where.deployment_id is not None:
        return list(rows.values_list("p_good", "event_id")[:most])
    names = where.deployment_ids or Deployment.objects.order_by("pk").values_list("pk", flat=True)
    parts = [rows.of_deployment(name).values_list("p_good", "event_id")[:most] for name in names]
    merged = sorted(parts[0].union(*parts[1:], all=True), reverse=backwards) if parts else []
    return merged[:most]


def _encode(direction: str, position: Position) -> str:
    text = f"{direction} {position[0]!r} {position[1]}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[bool, Position]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        direction, p_good, event_id = text.split(" ")
        position = float(p_good), UUID(event_id)
        if direction not in {"next", "previous"} or not 0 <= position[0] <= 1:
            raise ValueError(text)
    except ValueError as error:
        raise InvalidCursor("This cursor does not belong to this list.") from error
    return direction == "previous", position
