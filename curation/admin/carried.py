"""Carries the filters of a list of events to the form that asks for a set."""

from collections.abc import Iterable
from urllib.parse import urlencode

from feedback.stores.base import EventFilter

LEFT_OUT = "left_out"
# What a list of events can be filtered by and a set cannot.
_NAMES = {
    "signal": "the signal",
    "quality_below": "the upper bound of the checks",
    "named": "the search",
    "order": "the order",
}


def query_of(where: EventFilter, *, is_worst_first: bool) -> str:
    """The query string of the form for the events of this list."""
    moments = {"filters.from": where.occurred_from, "filters.to": where.occurred_to}
    filled = {
        "deployment": where.deployment_id,
        "filters.model_version_id": where.model_version_id,
        "filters.min_quality": where.min_quality,
        **{name: moment.isoformat() for name, moment in moments.items() if moment},
    }
    lost = [name for name in ("signal", "quality_below", "named") if getattr(where, name)]
    if is_worst_first:
        lost.append("order")
    kept = [(name, value) for name, value in filled.items() if value is not None]
    return urlencode([*kept, *((LEFT_OUT, name) for name in lost)])


def names_of(keys: Iterable[str]) -> list[str]:
    """The names of filters that are not carried over."""
    return [_NAMES[key] for key in dict.fromkeys(keys) if key in _NAMES]
