"""Checks that two windows share no events."""

from dataclasses import replace
from datetime import datetime

from drift.models import Baseline
from drift.reading import contents, from_events, from_rollups
from drift.reading.contents import Reading
from drift.reading.from_events import Events
from drift.reading.from_rollups import Hours
from feedback.stores import event_store
from feedback.stores.base import EventFilter

_VERSIONS = ("model_version_id", "prompt_version")


class WindowsOverlap(ValueError):
    """The windows share events."""

    def __init__(self, shared: int):
        super().__init__(f"The reference and the current window share {shared:,} events.")


def check(reference: Reading, current: Reading, deployment_id: str) -> None:
    """Raise WindowsOverlap if the windows share events."""
    shared = _shared(reference.source, current.source, deployment_id)
    if shared:
        raise WindowsOverlap(shared)


def _shared(one, other, deployment_id):
    if isinstance(one, Baseline):
        return _with_baseline(one, other, deployment_id)
    if isinstance(other, Baseline):
        return _with_baseline(other, one, deployment_id)
    if isinstance(one, Hours) and isinstance(other, Hours):
        return _hours(one, other)
    if isinstance(one, Events) and isinstance(other, Events):
        return len(one.ids & other.ids)
    events, hours = (one, other) if isinstance(one, Events) else (other, one)
    return sum(_is_in(row, hours) for row in events.rows)


def _is_in(row, hours):
    fits = all(getattr(hours, name) in (None, row[name]) for name in _VERSIONS)
    return fits and any(start <= row["occurred_at"] < end for start, end in hours.spans)


def _hours(one, other):
    versions = {}
    for name in _VERSIONS:
        asked = {getattr(side, name) for side in (one, other)} - {None}
        if len(asked) > 1:
            return 0
        versions[name] = next(iter(asked), None)
    spans = [(max(a, c), min(b, d)) for a, b in one.spans for c, d in other.spans if max(a, c) < min(b, d)]
    return from_rollups.events(replace(one, spans=spans, **versions)) if spans else 0


def _with_baseline(baseline, other, deployment_id):
    if isinstance(other, Baseline):
        # Events of one may be deleted; the remaining ones are searched in the other.
        is_copy = baseline.resolved_window == other.resolved_window
        return other.n if is_copy else _with_baseline(baseline, _stored(other), deployment_id)
    hours = contents.hours_of(deployment_id, baseline.resolved_window)
    if hours:
        return _shared(hours, other, deployment_id)
    first, last = _ends(baseline.resolved_window)
    if isinstance(other, Events):
        return sum(first <= (row["occurred_at"], row["id"]) <= last for row in other.rows)
    start, end = baseline.span
    return sum(
        event_store().count(_filter(deployment_id, other, max(start, begin), min(end, until)))
        for begin, until in other.spans
        if max(start, begin) < min(end, until)
    )


def _stored(baseline):
    """The hours that a baseline was read from, or its events that still exist."""
    hours = contents.hours_of(baseline.deployment_id, baseline.resolved_window)
    where = EventFilter(deployment_id=baseline.deployment_id)
    return hours or from_events.read_again(where, baseline.resolved_window)


def _filter(deployment_id, hours, start, end):
    versions = {name: getattr(hours, name) for name in _VERSIONS}
    return EventFilter(deployment_id=deployment_id, occurred_from=start, occurred_to=end, **versions)


def _ends(resolved):
    return tuple((datetime.fromisoformat(resolved[f"{end}_at"]), resolved[f"{end}_id"]) for end in ("first", "last"))
