"""Distances and tests between the shares of categories. An empty side gives NaN, never 0.

Counts are arrays of shape (k,) of whole numbers, one for each category, in the same order on both sides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import asin, nan, pi, sin, sqrt

import numpy as np
from scipy import special, stats

from feedback.statistics.intervals import IntervalResult, wilson

SMALLEST_EXPECTED = 5


@dataclass(frozen=True)
class ChiSquareResult:
    statistic: float
    dof: int
    p_value: float


def aligned(reference: Mapping[str, int], current: Mapping[str, int]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return the names of either side in order, and the two counts of each; a category that one side lacks counts 0."""
    names = sorted({name for side in (reference, current) for name, count in side.items() if count})
    before, after = (np.array([side.get(name, 0) for name in names], dtype=np.int64) for side in (reference, current))
    return names, before, after


def merged(reference: np.ndarray, current: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Put the categories that are too rare to be tested alone into one.

    Rare is a count below SMALLEST_EXPECTED that a side would have if both had the same shares. If the merged category
    is itself too rare, the rarest of the others joins it; but two categories stay, since they have an exact test and
    one has none. Shape (j,), j <= k.
    Source: Cochran (1954), Biometrics 10(4), 417-451.
    """
    both = np.asarray(reference) + np.asarray(current)
    order = np.argsort(both, kind="stable")[::-1]
    order = order[both[order] > 0]
    if not len(order) or not np.sum(reference) or not np.sum(current):
        return np.asarray(reference)[order], np.asarray(current)[order]
    needed = SMALLEST_EXPECTED * both.sum() / min(np.sum(reference), np.sum(current))
    kept = int((both[order] >= needed).sum())
    if kept < len(order) and both[order[kept:]].sum() < needed:
        kept -= 1
    kept = max(kept, min(1, len(order) - 1))
    sides = []
    for side in (np.asarray(reference), np.asarray(current)):
        rest = side[order[kept:]].sum()
        sides.append(np.append(side[order[:kept]], [rest] if kept < len(order) else []).astype(np.int64))
    return sides[0], sides[1]


def chi_square(reference: np.ndarray, current: np.ndarray) -> ChiSquareResult:
    """Return Pearson's chi-squared test that both sides have the same shares.

    Both sides are samples: taking the reference's shares for exact ones would flag every second identical pair of ten
    categories. Small categories are merged first. statistic >= 0; one category gives 0 with p = 1.
    Source: Pearson (1900); scipy.stats.chi2_contingency(correction=False).
    """
    reference, current = merged(reference, current)
    n, m = int(reference.sum()), int(current.sum())
    if not n or not m:
        return ChiSquareResult(nan, 0, nan)
    dof = len(reference) - 1
    statistic = float(((reference / n - current / m) ** 2 / (reference + current)).sum() * n * m)
    return ChiSquareResult(statistic, dof, float(special.chdtrc(dof, statistic)) if dof else 1.0)


def fisher(reference: np.ndarray, current: np.ndarray) -> float:
    """Return Fisher's exact two-sided p for two categories, 0 to 1; right at every size. An empty side gives NaN."""
    if not np.sum(reference) or not np.sum(current):
        return nan
    return float(stats.fisher_exact([list(map(int, reference)), list(map(int, current))]).pvalue)


def cramers_v(reference: np.ndarray, current: np.ndarray) -> float:
    """Return Cramér's V, 0 to 1, of the table of sides and categories; 0 for one category.

    It shrinks as the sides grow unequal, so verdicts use share_distance.
    Source: Cramér (1946), Mathematical Methods of Statistics, chapter 21.
    """
    n, m = np.sum(reference), np.sum(current)
    return float(share_distance(reference, current).value * sqrt(n * m) / (n + m)) if n and m else nan


def total_variation(reference: np.ndarray, current: np.ndarray) -> float:
    """Return the share, 0 to 1, that would have to change category for both sides to agree."""
    n, m = np.sum(reference), np.sum(current)
    if not n or not m:
        return nan
    return float(np.abs(np.asarray(reference) / n - np.asarray(current) / m).sum() / 2)


def share_distance(reference: np.ndarray, current: np.ndarray) -> IntervalResult:
    """Return the distance sqrt(chi-squared (1/n + 1/m)) of the shares with its 95 % interval.

    value: 0 to 2; for two categories it is about Cohen's h, whatever the sizes of the sides. Small categories are
    merged first. The interval holds the distances under which the statistic, non-centrally chi-squared with the degrees
    of freedom of the test, would not be surprising; its upper end is at least what it would be for no excess at all.
    Where three or more categories differ so much that the statistic varies more than that, as when a rare one of the
    smaller side has grown several times, the interval is as much wider.
    Source: Cohen (1988), Statistical Power Analysis, chapter 7; Steiger (2004), Psychological Methods 9(2), 164-182;
    the variance of the statistic by the delta method: Agresti (2013), Categorical Data Analysis, 3rd ed., 16.1.
    """
    reference, current = merged(reference, current)
    test = chi_square(reference, current)
    if not test.dof:
        return IntervalResult(test.statistic, test.statistic, test.statistic)
    n, m = reference.sum(), current.sum()
    scale = 1 / n + 1 / m
    low = float(np.nan_to_num(special.chndtrinc(test.statistic, test.dof, 0.975)))
    high = float(special.chndtrinc(max(test.statistic, test.dof), test.dof, 0.025))
    value, low, high = (sqrt(excess * scale) for excess in (test.statistic, low, high))
    if test.dof > 1:
        middle = sqrt(max(0.0, test.statistic - test.dof) * scale)
        wider = _times_as_variable(reference / n, current / m, n, m)
        low = max(0.0, min(low, middle - (middle - low) * wider))
        high = max(high, middle + (high - middle) * wider)
    return IntervalResult(*(float(min(2.0, distance)) for distance in (value, low, high)))


def _times_as_variable(before: np.ndarray, after: np.ndarray, n: int, m: int) -> float:
    """How many times as far as a non-central chi-squared statistic this one deviates; at least 1."""
    pooled, difference = (n * before + m * after) / (n + m), after - before
    distance = float((difference**2 / pooled).sum())
    if not distance:
        return 1.0
    through_pool = (difference / pooled) ** 2 / (n + m)
    variance = 0.0
    for side, size, slope in ((before, n, -2 * difference / pooled), (after, m, 2 * difference / pooled)):
        slopes = slope - through_pool * size
        variance += float((side * slopes**2).sum() - (side * slopes).sum() ** 2) / size
    return sqrt(max(1.0, variance / (4 * distance * (1 / n + 1 / m))))


def risk_difference(reference_count: int, n: int, current_count: int, m: int) -> IntervalResult:
    """Return the current share minus the reference share, -1 to 1, with its 95 % interval; NaN if n or m is 0.

    The interval is Newcombe's hybrid of two score intervals: sound for shares near 0 and 1 and for small sides.
    Source: Newcombe (1998), Statistics in Medicine 17(8), 873-890, method 10.
    """
    if not n or not m:
        return IntervalResult(nan, nan, nan)
    before, after = reference_count / n, current_count / m
    (low_before, high_before), (low_after, high_after) = wilson(reference_count, n), wilson(current_count, m)
    difference = after - before
    low = difference - sqrt((after - low_after) ** 2 + (high_before - before) ** 2)
    high = difference + sqrt((high_after - after) ** 2 + (before - low_before) ** 2)
    return IntervalResult(difference, max(-1.0, low), min(1.0, high))


def cohens_h(reference_share: float, current_share: float) -> float:
    """Return Cohen's h, -pi to pi: the difference of two shares on the scale where it is equally easy to see anywhere.

    Source: Cohen (1988), Statistical Power Analysis, chapter 6.
    """
    return 2 * asin(sqrt(current_share)) - 2 * asin(sqrt(reference_share))


def moved_by(share: float, h: float) -> float:
    """Return the share, 0 to 1, that lies Cohen's h away from this one; it stops at 0 and at 1."""
    return sin(min(max(asin(sqrt(share)) + h / 2, 0.0), pi / 2)) ** 2


def differences_within(share: float, h: float) -> tuple[float, float]:
    """Return the least and the most that another share may differ from this one within Cohen's h; -1 to 1.

    Where the share itself ends at 0 or 1 first, that side has no bound.
    """
    least, most = moved_by(share, -h), moved_by(share, h)
    return least - share if least > 0 else -1.0, most - share if most < 1 else 1.0
