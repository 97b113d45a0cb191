"""Means and shares from the sums that rollups hold, with their intervals."""

import math
from dataclasses import dataclass

from feedback.statistics.intervals import Z_95, wilson

LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean or a share with its interval at `level`; no interval follows from a single value."""

    value: float
    n: int
    low: float | None
    high: float | None
    level: float = LEVEL


def mean(count: int, total: float, sum_of_squares: float) -> Estimate | None:
    """The mean of scores in 0 to 1 with a normal 95 % interval; None without scores."""
    if count <= 0:
        return None
    value = total / count
    if count == 1:
        return Estimate(value, 1, None, None)
    variance = max(sum_of_squares / count - value * value, 0.0)
    half = Z_95 * math.sqrt(variance / count)
    return Estimate(value, count, max(value - half, 0.0), min(value + half, 1.0))


def share(successes: int, n: int) -> Estimate | None:
    """A share with its Wilson 95 % interval; None of nothing."""
    return Estimate(successes / n, n, *wilson(successes, n)) if n else None
