"""Reads the windows of a report from rollups, events or a baseline."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone

from drift.models import Baseline
from drift.reading import embedded, from_events, from_rollups, sampled
from drift.reading.from_events import Events
from drift.reading.from_rollups import Hours
from drift.windows import frozen
from drift.windows.data import Embeddings, WindowData
from drift.windows.window import MAX_EVENTS, InvalidWindow, Span, Window
from feedback.measures.binning import SCHEME
from feedback.measures.catalogue import first_measure_of
from feedback.stores.base import EventFilter
from feedback.times import HOUR, WEEK, floor_hour, whole_hours


@dataclass(frozen=True)
class Reading:
    """A window's data, its source (events, whole hours or a baseline), and both described as JSON."""

    data: WindowData
    resolved: dict
    source: Events | Hours | Baseline


@dataclass(frozen=True)
class Wanted:
    """How windows are to be read."""

    deployment_id: str
    split_by: Sequence[str] = ()
    embedding_sample: int = 2_000
    embedding_failure: str = ""
    # If one of two windows by count is too large to be read as single events, both are read by hours.
    counts_by_hours: bool = False

    @property
    def where(self) -> EventFilter:
        return EventFilter(deployment_id=self.deployment_id)


def read_pair(reference: Window, current: Window, wanted: Wanted) -> tuple[Reading, Reading]:
    """Read both windows, the older one by count first: an event arriving between causes a gap, not an overlap."""
    large = any(side.last_events is not None and not side.is_by_count for side in (reference, current))
    wanted = replace(wanted, counts_by_hours=large)
    if reference.depends_on_current or reference.previous_version or reference.skip < current.skip:
        after = read(current, wanted)
        return read(_dependent(reference, current, after.source, wanted), wanted), after
    before = read(reference, wanted)
    return before, read(current, wanted)


def _dependent(reference: Window, current: Window, source, wanted: Wanted) -> "Window | _Spans":
    """Resolve a reference that depends on the current window."""
    if reference.previous_version:
        version = from_rollups.version_before(wanted.deployment_id, current.model_version_id)
        if version is None:
            raise InvalidWindow("reference", f"No model version precedes {current.model_version_id}.")
        return Window(model_version_id=version)
    if not reference.depends_on_current:
        return reference
    start, end = _span_of(source) or (floor_hour(timezone.now()),) * 2
    if reference.trailing_hours is not None:
        until = start - reference.gap_hours * HOUR
        return _Spans(((until - reference.trailing_hours * HOUR, until),))
    if end - start > WEEK:
        raise InvalidWindow("reference", "season requires a current window of at most one week.")
    return _Spans(tuple((start - WEEK * k, end - WEEK * k) for k in range(reference.season_weeks, 0, -1)))


@dataclass(frozen=True)
class _Spans:
    """A reference window resolved to hours."""

    spans: Sequence[Span]


def _span_of(source: Events | Hours | Baseline) -> Span | None:
    """The whole hours from the first to the last event that was read."""
    if isinstance(source, Baseline):
        return whole_hours(*source.span)
    if isinstance(source, Events):
        return whole_hours(*source.span) if source.span else None
    return (source.spans[0][0], source.spans[-1][1]) if source.spans else None


def read(window: "Window | _Spans", wanted: Wanted) -> Reading:
    """Read one window. Raises InvalidWindow for a baseline that does not exist."""
    if isinstance(window, _Spans):
        return of_hours(Hours(wanted.deployment_id, window.spans), wanted)
    if window.baseline is not None:
        found = Baseline.objects.of_deployment(wanted.deployment_id).named(window.baseline).newest_version()
        if found is None:
            raise InvalidWindow("baseline", f"No baseline named {window.baseline}.")
        return of_baseline(found, wanted)
    if window.is_by_count and not wanted.counts_by_hours:
        events = from_events.newest(wanted.where, limit=window.last_events, skip=window.skip)
        return of_events(events, wanted)
    notes = []
    hours = Hours(wanted.deployment_id, (), window.model_version_id, window.prompt_version)
    if window.last_events is not None:
        spans = from_rollups.newest_hours(wanted.deployment_id, n=window.last_events, skip=window.skip)
        notes.append(f"Windows of more than {MAX_EVENTS:,} events are read in whole hours.")
    elif window.hours is not None:
        spans = (window.hours,)
        if window.hours != (window.start_at, window.end_at):
            notes.append("The window is widened to whole hours.")
    elif window.trailing_hours is not None:
        until = floor_hour(timezone.now()) - window.gap_hours * HOUR
        spans = ((until - window.trailing_hours * HOUR, until),)
    else:
        spans = from_rollups.all_hours(hours)
    return of_hours(replace(hours, spans=spans), wanted, notes)


def of_events(events: Events, wanted: Wanted) -> Reading:
    embeddings, answers = Embeddings(), []
    if events.rows:
        embeddings = embedded.read(
            wanted.where,
            [events.span],
            limit=wanted.embedding_sample,
            among=events.ids,
            failure=wanted.embedding_failure,
        )
        answers = sampled.answers(wanted.where, [events.span], limit=wanted.embedding_sample, among=events.ids)
    data = replace(from_events.content(events, wanted.split_by), embeddings=embeddings, answers=answers)
    return Reading(data, {**events.resolved(), **_facts(data, ())}, events)


def of_hours(hours: Hours, wanted: Wanted, notes: Sequence[str] = ()) -> Reading:
    where = replace(wanted.where, model_version_id=hours.model_version_id, prompt_version=hours.prompt_version)
    data = WindowData({"": {}})
    if hours.spans:
        embeddings = embedded.read(where, hours.spans, limit=wanted.embedding_sample, failure=wanted.embedding_failure)
        answers = sampled.answers(where, hours.spans, limit=wanted.embedding_sample)
        data = replace(from_rollups.content(hours, wanted.split_by), embeddings=embeddings, answers=answers)
    spans = [[start.isoformat(), end.isoformat()] for start, end in hours.spans]
    resolved = {
        "source": "rollups",
        "first_at": spans[0][0] if spans else None,
        "last_at": spans[-1][1] if spans else None,
        "spans": spans,
        "model_version_id": hours.model_version_id,
        "prompt_version": hours.prompt_version,
    }
    return Reading(data, {**resolved, **_facts(data, notes)}, hours)


def of_baseline(baseline: Baseline, wanted: Wanted) -> Reading:
    """The stored contents of a baseline, with the embeddings of those of its events that still exist."""
    if baseline.scheme != SCHEME:
        message = f"Baseline {baseline.name} uses bin scheme {baseline.scheme}, not {SCHEME}; pin it again."
        raise InvalidWindow("baseline", message)
    kept, where, spans = baseline.resolved_window, wanted.where, [baseline.span]
    if hours := hours_of(baseline.deployment_id, kept):
        where = replace(where, model_version_id=hours.model_version_id, prompt_version=hours.prompt_version)
        spans = hours.spans
    embeddings = embedded.read(where, spans, limit=wanted.embedding_sample, failure=wanted.embedding_failure)
    answers = sampled.answers(where, spans, limit=wanted.embedding_sample)
    parts = frozen.from_json(baseline.parts)
    kept_parts = {name: side for name, side in parts.items() if not name or name.partition("=")[0] in wanted.split_by}
    versions = {
        name: baseline.measure_versions.get(name, first_measure_of(name).version) for name in kept_parts.get("", {})
    }
    data = WindowData(kept_parts, embeddings, versions, sizes={"": baseline.n}, answers=answers)
    facts = {name: kept[name] for name in ("first_at", "last_at")}
    resolved = {"source": "baseline", "baseline_id": baseline.pk, "version": baseline.version, **facts}
    return Reading(data, {**resolved, **_facts(data, ())}, baseline)


def _facts(data: WindowData, notes: Sequence[str]) -> dict:
    return {
        "n": data.n,
        "scheme": SCHEME,
        "embedding_client": data.embeddings.client,
        "embedded": {name: len(rows) for name, rows in sorted(data.embeddings.vectors.items())},
        "notes": list(notes),
    }


def read_again(resolved: dict, wanted: Wanted) -> Reading:
    """Read a resolved window again."""
    if resolved["source"] == "baseline":
        return of_baseline(Baseline.objects.get(pk=resolved["baseline_id"]), wanted)
    if hours := hours_of(wanted.deployment_id, resolved):
        return of_hours(hours, wanted, resolved["notes"])
    return of_events(from_events.read_again(wanted.where, resolved), wanted)


def hours_of(deployment_id: str, resolved: dict) -> Hours | None:
    """The hours that a resolved window was read from, if it was read from rollups."""
    if resolved["source"] != "rollups":
        return None
    spans = [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in resolved["spans"]]
    return Hours(deployment_id, spans, resolved["model_version_id"], resolved["prompt_version"])
