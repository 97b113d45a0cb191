"""Finds lists of tools that are new in the current window of a report."""

from datetime import datetime

from drift.reading.from_events import MOMENT
from feedback.stores import event_store, tool_lists
from feedback.stores.base import EventFilter
from feedback.stores.tool_lists import SeenList
from feedback.tools import changes

# Every candidate is searched for in both windows.
MOST_LISTS = 20


def new_in(deployment_id: str, *, reference: dict, current: dict) -> list[dict]:
    """The lists that an event of the current window declares and none of the reference, oldest first, as JSON.

    Both windows are resolved ones. A list that was first seen before the current window began is not new in it.
    """
    if not current.get("n"):
        return []
    begin = datetime.fromisoformat(current["first_at"])
    seen = tool_lists.seen_since(deployment_id, begin, most=MOST_LISTS)
    return [
        _as_json(one)
        for one in seen
        if _is_declared(deployment_id, one.digest, current) and not _is_declared(deployment_id, one.digest, reference)
    ]


def _as_json(one: SeenList) -> dict:
    tools = f"{one.size:,} tool{'' if one.size == 1 else 's'}"
    change = "" if one.change is None else changes.describe(one.change)
    return {
        "digest": one.digest,
        "first_seen_at": one.first_seen_at.isoformat(),
        "sentence": f"A list of {tools} was first seen {one.first_seen_at:%Y-%m-%d %H:%M} UTC. {change}".rstrip(),
    }


def _is_declared(deployment_id: str, digest: str, resolved: dict) -> bool:
    return any(
        event_store().count(
            EventFilter(
                deployment_id=deployment_id,
                model_version_id=resolved.get("model_version_id"),
                prompt_version=resolved.get("prompt_version"),
                tools_hash=digest,
                occurred_from=start,
                occurred_to=end,
            ),
            at_most=1,
        )
        for start, end in _spans(resolved)
    )


def _spans(resolved: dict) -> list[tuple[datetime, datetime]]:
    if not resolved.get("n"):
        return []
    if "spans" in resolved:
        return [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in resolved["spans"]]
    first, last = (datetime.fromisoformat(resolved[name]) for name in ("first_at", "last_at"))
    return [(first, last + MOMENT)]
