"""When each trigger has a reason to fire, with the strictness of the original: above, below, at least, at least."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

# Scores and averages are sums and differences of shares: 0.8 - 0.6 is a little more than 0.2 for a computer.
ROUNDING = 1e-9
# The average of fewer scored events says nothing about a deployment.
FEWEST_SCORED = 5


@dataclass(frozen=True)
class ConditionResult:
    """What was measured. `is_met` is None where nothing can be judged; such a trigger never fires."""

    value: float | None
    is_met: bool | None
    reason: str


def drift_threshold(score: float | None, threshold: float, *, report: int, verdict: str) -> ConditionResult:
    """score: 0 to 1, None when the report of this number reached no judgement. Met strictly above the threshold."""
    if score is None:
        return ConditionResult(None, None, f"Drift report {report} has no score: {verdict.lower()}.")
    is_met = score > threshold + ROUNDING
    shown = _digits(score, lambda value: (value > threshold) == is_met)
    comparison = "is above" if is_met else "is not above"
    return ConditionResult(score, is_met, f"The score {shown} of drift report {report} {comparison} {threshold:.15g}.")


def quality_drop(
    mean: float | None, threshold: float, *, n: int, measured_since: datetime | None = None
) -> ConditionResult:
    """mean: of n scored events, 0 to 1; None when n is 0. Met strictly below the threshold, from FEWEST_SCORED on.

    measured_since: while older events of the window were measured differently, nothing is judged.
    """
    if measured_since is not None:
        scored = f"{n:,} event{'' if n == 1 else 's'} scored so far"
        return ConditionResult(
            mean, None, f"Quality is measured differently since {measured_since:%Y-%m-%d %H:%M} UTC; {scored}."
        )
    if mean is None:
        return ConditionResult(None, None, "No event has a quality score.")
    if n < FEWEST_SCORED:
        return ConditionResult(
            mean, None, f"Only {n} event{'' if n == 1 else 's'} scored so far; {FEWEST_SCORED} are needed."
        )
    is_met = mean < threshold - ROUNDING
    shown = _digits(mean, lambda value: (value < threshold) == is_met)
    comparison = "is below" if is_met else "is not below"
    words = f"The average {shown} of the newest {n:,} scored events {comparison} {threshold:.15g}."
    return ConditionResult(mean, is_met, words)


def data_count(count: int, threshold: float, *, is_bound: bool, trained_at: datetime | None) -> ConditionResult:
    """count: events since the last training; where `is_bound`, there may be more. Met at the threshold."""
    counted = f"{count:,} or more events" if is_bound else f"{count:,} event{'' if count == 1 else 's'}"
    enough = "1 is enough" if threshold == 1 else f"{threshold:,.0f} are enough"
    since = f"since the last training at {trained_at:%Y-%m-%d %H:%M} UTC" if trained_at else "and no training so far"
    return ConditionResult(count, count >= threshold, f"{counted} {since}; {enough}.")


def scheduled(seconds: float | None, interval: float, *, has_events: bool) -> ConditionResult:
    """seconds: since the last training or scheduled firing, None before the first. Met at the interval and at first.

    A deployment without events has nothing to train on.
    """
    if not has_events:
        return ConditionResult(seconds, None, "There are no events to train on.")
    if seconds is None:
        return ConditionResult(None, True, "There was no training and no scheduled firing so far.")
    words = f"{seconds:,.0f} s since the last training or scheduled firing; the interval is {interval:,.0f} s."
    return ConditionResult(seconds, seconds >= interval, words)


def _digits(value: float, is_told_rightly: Callable[[float], bool]) -> str:
    """Four digits, or as many as it takes not to contradict the words beside them."""
    for digits in range(4, 18):
        text = f"{value:.{digits}g}"
        if is_told_rightly(float(text)):
            return text
    return f"{value:.4g}"
