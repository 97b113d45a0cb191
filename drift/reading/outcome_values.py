"""Reads the values of an outcome for events: NaN where an event has none."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from drift.measures.outcomes import Outcome
from drift.reading.arm_events import ArmEvents
from feedback.choices import DEFAULT_PROFILE, Assessor, SignalType
from feedback.measures.signals import number_of
from feedback.models import Evidence
from feedback.stores import event_store
from feedback.stores.base import EventFilter, SignalFilter

_AT_ONCE = 5_000
Found = dict[str, float]


def values(outcome: Outcome, events: ArmEvents) -> np.ndarray:
    """The value of each event, in the order of the events."""
    if outcome.kind == "column":
        return np.array(events.numbers[outcome.key], float)
    if outcome.kind == "metadata":
        return np.array([_number(one.get(outcome.key)) for one in events.metadata], float)
    found: Found = {}
    for ids in _chunks(events.ids):
        found |= _READERS[outcome.kind](outcome, ids)
    # An event without a signal of this type was seen, and nothing was done with it.
    missing = 0.0 if outcome.kind == "signal" else np.nan
    return np.array([found.get(one, missing) for one in events.ids], float)


def _number(value) -> float:
    return float(value) if isinstance(value, bool | int | float) and abs(value) < 1e300 else np.nan


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _approval(outcome: Outcome, ids: Sequence[str]) -> Found:
    """The plain share: the stored approval of an event leans towards one half, and so would every difference."""
    rows = Evidence.objects.matching(EventFilter(ids=ids)).values_list("event_id", "up", "down")
    return {str(event_id): up / (up + down) for event_id, up, down in rows if up + down > 0}


def _p_good(outcome: Outcome, ids: Sequence[str]) -> Found:
    rows = Evidence.objects.matching(EventFilter(ids=ids)).values_list("event_id", "p_good")
    return {str(event_id): value for event_id, value in rows if value is not None}


def _checks(outcome: Outcome, ids: Sequence[str]) -> Found:
    found: Found = {}
    for row in event_store().scores(ids, assessor=Assessor.CHECKS.value).to_pylist():
        if row["profile"] == DEFAULT_PROFILE:
            for check in json.loads(row["checks"] or "[]"):
                if check["name"] == outcome.key and check.get("score") is not None:
                    found[row["event_id"]] = check["score"]
    return found


def _own_scores(outcome: Outcome, ids: Sequence[str]) -> Found:
    rows = event_store().scores(ids, assessor=Assessor.APPLICATION.value).to_pylist()
    return {row["event_id"]: row["raw"] for row in rows if row["name"] == outcome.key}


def _judged(outcome: Outcome, ids: Sequence[str]) -> Found:
    """By a judge with one rubric its score; with several, the newest."""
    rows = event_store().scores(ids, assessor=f"judge:{outcome.key}").to_pylist()
    return {row["event_id"]: row["score"] for row in sorted(rows, key=lambda row: row["assessed_at"])}


def _by_people(outcome: Outcome, ids: Sequence[str]) -> Found:
    rows = event_store().scores(ids, assessor="people").to_pylist()
    return {row["event_id"]: row["score"] for row in rows if row["name"] == outcome.key}


def _ratings(outcome: Outcome, ids: Sequence[str]) -> Found:
    """The mean of an event's live ratings of this name."""
    by_event = defaultdict(list)
    where = SignalFilter(event_ids=ids, types=[SignalType.RATING.value])
    for row in event_store().scan_signals(where, ["event_id", "name", "value"]).read_all().to_pylist():
        number = number_of(row["value"]) if (row["name"] or "") == outcome.key else None
        if number is not None:
            by_event[row["event_id"]].append(number)
    return {event_id: float(np.mean(numbers)) for event_id, numbers in by_event.items()}


def _signals(outcome: Outcome, ids: Sequence[str]) -> Found:
    where = SignalFilter(event_ids=ids, types=[outcome.key])
    rows = event_store().scan_signals(where, ["event_id"]).read_all()
    return dict.fromkeys(rows["event_id"].to_pylist(), 1.0)


_READERS: dict[str, Callable[[Outcome, Sequence[str]], Found]] = {
    "approval": _approval,
    "p_good": _p_good,
    "check": _checks,
    "score": _own_scores,
    "judge": _judged,
    "people": _by_people,
    "rating": _ratings,
    "signal": _signals,
}
