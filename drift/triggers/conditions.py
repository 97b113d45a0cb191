"""When each trigger has a reason to fire, with the strictness of the original: above, below, at least, at least."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Finding:
    """What was measured. `is_met` is None where nothing can be judged; such a trigger never fires."""

    value: float | None
    is_met: bool | None
    reason: str


def drift_threshold(score: float | None, threshold: float, *, report: int, verdict: str) -> Finding:
    """score: 0 to 1, None when the report of this number reached no judgement. Met strictly above the threshold."""
    if score is None:
        return Finding(None, None, f"Drift report {report} has no score: {verdict.lower()}.")
    is_met = score > threshold
    comparison = "is above" if is_met else "is not above"
    return Finding(score, is_met, f"The score {score:.4g} of drift report {report} {comparison} {threshold:g}.")


def quality_drop(mean: float | None, threshold: float, *, n: int) -> Finding:
    """mean: of n scored events, 0 to 1; None when n is 0. Met strictly below the threshold."""
    if mean is None:
        return Finding(None, None, "No event has a quality score.")
    is_met = mean < threshold
    comparison = "is below" if is_met else "is not below"
    words = f"The average {mean:.4g} of the newest {n:,} scored events {comparison} {threshold:g}."
    return Finding(mean, is_met, words)


def data_count(count: int, threshold: float, *, is_bound: bool, trained_at: datetime | None) -> Finding:
    """count: events since the last training; where `is_bound`, there may be more. Met at the threshold."""
    counted = f"{count:,} or more" if is_bound else f"{count:,}"
    since = f"since the last training at {trained_at:%Y-%m-%d %H:%M} UTC" if trained_at else "and no training so far"
    return Finding(count, count >= threshold, f"{counted} events {since}; {threshold:,.0f} are enough.")


def scheduled(seconds: float | None, interval: float) -> Finding:
    """seconds: since the last training or scheduled firing, None before the first. Met at the interval and at first."""
    if seconds is None:
        return Finding(None, True, "There was no training and no scheduled firing so far.")
    words = f"{seconds:,.0f} s since the last training or scheduled firing; the interval is {interval:,.0f} s."
    return Finding(seconds, seconds >= interval, words)
