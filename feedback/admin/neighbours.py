"""The events before and after one event in the list that it was opened from."""

from dataclasses import dataclass, replace

from feedback.evidence.keeping import worst_first
from feedback.stores import pages
from feedback.stores.base import EventFilter
from feedback.stores.schema import Row


@dataclass(frozen=True)
class Neighbours:
    """Ids of the events before and after, and what the links to them are called."""

    before: str | None
    after: str | None
    names: tuple[str, str]


def of(event: Row, among: EventFilter, *, is_worst_first: bool = False) -> Neighbours:
    """The neighbours of an event among those of the list."""
    if is_worst_first:
        return Neighbours(*worst_first.neighbours(among, event["id"]), ("Worse", "Better"))
    place = event["occurred_at"], event["id"]
    newer = _first_id(replace(among, newer_than=place), newest_first=False)
    return Neighbours(newer, _first_id(replace(among, older_than=place), newest_first=True), ("Newer", "Older"))


def _first_id(where: EventFilter, *, newest_first: bool) -> str | None:
    return next((row["id"] for row in pages.read(where, ["id"], newest_first=newest_first, limit=1)), None)
