"""Runs a requested comparison: reads its arms, compares them by each outcome and stores the results."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from drift.bench.choosing import UnsuitableTest
from drift.bench.results import StatisticalTest
from drift.bench.samples import sample_of
from drift.comparisons import examples, lifecycle, results, segments, watching
from drift.measures.outcomes import Outcome, parse_outcome
from drift.models import ArmComparison
from drift.reading import arm_events, outcome_values
from drift.reading.arm_events import MOST_EVENTS, ArmEvents, Columns
from drift.windows.arms import InvalidArm, parse_arm


class ArmsOverlap(ValueError):
    """Arms share events, so they cannot be compared."""

    def __init__(self, first: str, second: str, shared: int):
        events = "1 event" if shared == 1 else f"{shared:,} events"
        super().__init__(f"{first} and {second} share {events}; choose arms without common events.")


@dataclass(frozen=True)
class _Read:
    """One outcome of the events of all arms; NaN where an event has no value."""

    outcome: Outcome
    values: list[np.ndarray]


def run(comparison_id: int) -> ArmComparison:
    """Compute a running comparison and finish it; a finished one is returned unchanged.

    Arms that share events, and a test that does not suit the values, fail it with that reason. Any other exception also
    fails it, and is raised.
    """
    comparison = ArmComparison.objects.get(pk=comparison_id)
    if comparison.finished_at is not None:
        return comparison
    try:
        lifecycle.complete(comparison_id, **_computed(comparison))
    except (ArmsOverlap, InvalidArm, UnsuitableTest) as error:
        lifecycle.fail(comparison_id, str(error))
    except Exception as error:
        lifecycle.fail(comparison_id, f"{type(error).__name__}: {error}")
        raise
    comparison.refresh_from_db()
    return comparison


def look(comparison_id: int) -> bool:
    """Compute a live comparison again; return whether there was one to compute.

    What `run` fails for ends the watch with that reason and leaves the last results, as does any other exception, which
    is raised and leaves it live.
    """
    comparison = ArmComparison.objects.live().completed().filter(pk=comparison_id).first()
    if comparison is None:
        return False
    try:
        computed = _computed(comparison)
    except (ArmsOverlap, InvalidArm, UnsuitableTest) as error:
        computed = {"is_live": False, "notes": [*comparison.notes, f"It is watched no longer: {error}"]}
    return lifecycle.renew(comparison_id, **computed)


def _computed(comparison: ArmComparison) -> dict[str, Any]:
    outcomes = [parse_outcome(name) for name in comparison.outcomes]
    columns = Columns(
        numbers=sorted({one.key for one in outcomes if one.kind == "column"}),
        keys=sorted({one.key for one in outcomes if one.kind == "metadata"}),
        split_by=comparison.segments,
    )
    arms = arm_events.read(comparison.deployment_id, [parse_arm(arm) for arm in comparison.arms], columns)
    names = comparison.names
    _require_apart(arms, names)
    read = [_Read(one, [outcome_values.values(one, events) for events in arms]) for one in outcomes]
    compared = [_compared(one, arms, comparison) for one in read]
    found = results.as_json(compared, names, comparison.correction)
    for one, outcome in zip(read, found, strict=True):
        outcome["segments"] = _segments(one, arms, comparison)
        outcome["examples"] = _examples(one, arms)
    counts = [_counts(events) for events in arms]
    return {
        "results": found,
        "verdict": results.verdict(found, names),
        "counts": counts,
        "notes": _notes(arms, names),
        **(_watched(comparison, compared, found, counts, arms) if comparison.is_live else {}),
    }


def _watched(
    comparison: ArmComparison,
    compared: Sequence[results.Compared],
    found: list[dict],
    counts: list[dict],
    arms: Sequence[ArmEvents],
) -> dict[str, Any]:
    tuning = watching.judge(compared, found, comparison.names, comparison.tuning)
    looks = watching.with_look(comparison.looks, found, counts)
    # The oldest events are left out from now on, and the intervals hold for all events since the first look.
    is_live = not any(events.is_cut for events in arms)
    return {"tuning": tuning, "looks": looks, "is_live": is_live}


def _require_apart(arms: Sequence[ArmEvents], names: Sequence[str]) -> None:
    for (first, of_first), (second, of_second) in combinations(
        zip(names, [set(one.ids) for one in arms], strict=True), 2
    ):
        if shared := len(of_first & of_second):
            raise ArmsOverlap(first, second, shared)


def _compared(one: _Read, arms: Sequence[ArmEvents], comparison: ArmComparison) -> results.Compared:
    samples = [sample_of(values, events.users, events.prompts) for values, events in zip(one.values, arms, strict=True)]
    return results.compare(
        one.outcome,
        samples,
        rng=np.random.default_rng(comparison.seed),
        asked=StatisticalTest(comparison.test) if comparison.test else None,
        margin=comparison.margin,
    )


def _segments(one: _Read, arms: Sequence[ArmEvents], comparison: ArmComparison) -> list[dict]:
    """The first arm against each other one, within the values of each key."""
    found = []
    for key in comparison.segments:
        for index in range(1, len(arms)):
            chosen = (arms[0], arms[index])
            known = [np.isfinite(one.values[k]) for k in (0, index)]
            samples = [
                sample_of(one.values[k][kept], np.array(events.users)[kept], np.array(events.prompts)[kept])
                for k, kept, events in zip((0, index), known, chosen, strict=True)
            ]
            names = [np.array(events.names[key])[kept] for events, kept in zip(chosen, known, strict=True)]
            rng = np.random.default_rng(comparison.seed)
            found.append({"a": 0, "b": index, **segments.by_segment(samples, names, key, rng)})
    return found


def _examples(one: _Read, arms: Sequence[ArmEvents]) -> list[dict]:
    found = []
    for index in range(1, len(arms)):
        chosen = (arms[0], arms[index])
        rows = examples.of_pair(
            [one.values[0], one.values[index]], [each.prompts for each in chosen], [each.ids for each in chosen]
        )
        found += [{"a": 0, "b": index, **row} for row in rows]
    return found


def _counts(events: ArmEvents) -> dict[str, Any]:
    known = {user for user in events.users if user >= 0}
    return {
        "events": events.n,
        "users": len(known),
        "first_at": events.first_at and events.first_at.isoformat(),
        "last_at": events.last_at and events.last_at.isoformat(),
    }


def _notes(arms: Sequence[ArmEvents], names: Sequence[str]) -> list[str]:
    cut = [name for name, events in zip(names, arms, strict=True) if events.is_cut]
    return [f"Only the newest {MOST_EVENTS:,} events of {name} are compared." for name in cut]
