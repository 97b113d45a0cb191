"""The conditions of the four triggers: above, below, at least, at least, as in the original."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from drift.durations import duration

# Scores and averages are sums and differences of floats: 0.8 - 0.6 is slightly more than 0.2.
ROUNDING = 1e-9
# The average of fewer scored events is meaningless.
FEWEST_SCORED = 5
CHECKS = "the checks"


@dataclass(frozen=True)
class ConditionResult:
    """What was measured. `is_met` is None if there is not enough data; the trigger does not fire then."""

    value: float | None
    is_met: bool | None
    reason: str


def drift_threshold(
    score: float | None, threshold: float, *, report: int, verdict: str, measure: str = "a score"
) -> ConditionResult:
    """score: 0 to 1, or a stability index of any size; None if the report has none. Met strictly above the threshold.

    measure: what the score is.
    """
    if score is None:
        return ConditionResult(None, None, f"Drift report {report} has no score: {verdict.lower()}.")
    is_met = score > threshold + ROUNDING
    shown = _digits(score, lambda value: (value > threshold) == is_met)
    comparison = "above" if is_met else "not above"
    reason = f"Drift report {report} has {measure} of {shown}, {comparison} the threshold of {threshold:.15g}."
    return ConditionResult(score, is_met, reason)


def quality_drop(
    mean: float | None,
    threshold: float,
    *,
    n: int,
    measured_since: datetime | None = None,
    within: str = "",
    scorer: str = CHECKS,
) -> ConditionResult:
    """mean: of n scored events, 0 to 1; None when n is 0. Met strictly below the threshold, from FEWEST_SCORED on.

    measured_since: while the window also holds scores of an older measure, the condition is not judged.
    within: the time that the events are limited to, as " of the last 24 hours". scorer: whose scores they are.
    """
    if measured_since is not None:
        scored = f"{n:,} event{'' if n == 1 else 's'} scored so far"
        return ConditionResult(
            mean, None, f"The checks have measured differently since {measured_since:%Y-%m-%d %H:%M} UTC; {scored}."
        )
    if mean is None:
        who = f"{scorer[:1].upper()}{scorer[1:]} {'have' if scorer == CHECKS else 'has'}"
        return ConditionResult(None, None, f"{who} scored no event{within or ' yet'}.")
    if n < FEWEST_SCORED:
        return ConditionResult(
            mean,
            None,
            f"Only {n} event{'' if n == 1 else 's'}{within} scored so far; at least {FEWEST_SCORED} are needed.",
        )
    is_met = mean < threshold - ROUNDING
    shown = _digits(mean, lambda value: (value < threshold) == is_met)
    comparison = "below" if is_met else "not below"
    average = f"The average score of {scorer} over the newest {n:,} scored events{within} is {shown}"
    return ConditionResult(mean, is_met, f"{average}, {comparison} the threshold of {threshold:.15g}.")


def data_count(
    count: int, threshold: float, *, is_bound: bool, trained_at: datetime | None, within: str = ""
) -> ConditionResult:
    """count: events since the last training; where `is_bound`, there may be more. Met at the threshold.

    within: the time that the events are limited to, as " of the last 24 hours".
    """
    counted = f"{count:,} or more events" if is_bound else f"{count:,} event{'' if count == 1 else 's'}"
    since = f"since the last training at {trained_at:%Y-%m-%d %H:%M} UTC" if trained_at else "and no training yet"
    return ConditionResult(count, count >= threshold, f"{counted}{within} {since}; the threshold is {threshold:,.0f}.")


def scheduled(seconds: float | None, interval: float, *, has_events: bool) -> ConditionResult:
    """seconds: since the last training or scheduled firing, None before the first. Met at the interval and at first.

    A deployment without events has nothing to train on.
    """
    if not has_events:
        return ConditionResult(seconds, None, "No events to train on.")
    if seconds is None:
        return ConditionResult(None, True, "No training or scheduled firing yet.")
    since = f"{duration(seconds)} since the last training or scheduled firing"
    return ConditionResult(seconds, seconds >= interval, f"{since}; the interval is {duration(interval)}.")


def _digits(value: float, agrees: Callable[[float], bool]) -> str:
    """Four digits, or as many as needed to agree with the comparison in the sentence."""
    for digits in range(4, 18):
        text = f"{value:.{digits}g}"
        if agrees(float(text)):
            return text
    return f"{value:.4g}"
