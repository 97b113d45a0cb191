"""Distances and tests between the shares of categories. An empty side gives NaN, never 0.

Counts have shape (k,): one whole number for each category, in the same order on both sides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from feedback.statistics.intervals import IntervalResult

SMALLEST_EXPECTED = 5


@dataclass(frozen=True)
class ChiSquareResult:
    """The chi-squared statistic, >= 0, its degrees of freedom and its p-value, 0 to 1."""

    statistic: float
    dof: int
    p_value: float


def aligned(reference: Mapping[str, int], current: Mapping[str, int]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return the counts of two sides in the same order.

    Parameters
    ----------
    reference, current : mapping of str to int
        Counts by category. A category that is missing counts 0; one that is 0 on both sides is left out.

    Returns
    -------
    names : list of str
        The categories of either side, sorted; k of them.
    reference, current : ndarray
        Shape (k,): the counts of each.

    Examples
    --------
    >>> names, before, after = aligned({"json": 3, "text": 1}, {"text": 2})
    >>> names, before.tolist(), after.tolist()
    (['json', 'text'], [3, 1], [0, 2])
    """
    names = sorted({name for side in (reference, current) for name, count in side.items() if count})
    before, after = (np.array([side.get(name, 0) for name in names], dtype=np.int64) for side in (reference, current))
    return names, before, after


def merged(reference: ArrayLike, current: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Merge the categories that are too rare to be tested alone.

    Parameters
    ----------
    reference, current : array_like
        Shape (k,): counts by category.

    Returns
    -------
    reference, current : ndarray
        Shape (j,), j <= k: the largest categories first, the merged one last.

    Notes
    -----
    A category is rare if a side would have a count below SMALLEST_EXPECTED with the same shares on both sides. If the
    merged category is itself too rare, the rarest of the others joins it. Two categories always stay, since they have
    an exact test and one has none.

    References
    ----------
    Cochran (1954), Biometrics 10(4), 417-451.

    Examples
    --------
    >>> before, after = merged([60, 30, 4, 3], [50, 40, 3, 4])
    >>> before.tolist(), after.tolist()
    ([60, 30, 7], [50, 40, 7])
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


def chi_square(reference: ArrayLike, current: ArrayLike) -> ChiSquareResult:
    """Return Pearson's chi-squared test that both sides have the same shares.

    Parameters
    ----------
    reference, current : array_like
        Shape (k,): counts by category. Rare categories are merged first.

    Returns
    -------
    ChiSquareResult
        One category gives a statistic of 0 with p = 1; an empty side gives NaN.

    Notes
    -----
    Both sides are samples. Treating the reference's shares as exact would flag every second identical pair of ten
    categories.

    References
    ----------
    Pearson (1900), Philosophical Magazine 50, 157-175; scipy.stats.chi2_contingency(correction=False).

    Examples
    --------
    >>> result = chi_square([30, 70], [50, 50])
    >>> round(result.statistic, 4), result.dof, round(result.p_value, 4)
    (8.3333, 1, 0.0039)
    """
    reference, current = merged(reference, current)
    n, m = int(reference.sum()), int(current.sum())
    if not n or not m:
        return ChiSquareResult(nan, 0, nan)
    dof = len(reference) - 1
    statistic = float(((reference / n - current / m) ** 2 / (reference + current)).sum() * n * m)
    return ChiSquareResult(statistic, dof, float(special.chdtrc(dof, statistic)) if dof else 1.0)


def fisher(reference: ArrayLike, current: ArrayLike) -> float:
    """Return the two-sided p-value of Fisher's exact test for two categories; it is exact for every size.

    Parameters
    ----------
    reference, current : array_like
        Shape (2,): counts by category.

    Returns
    -------
    float
        0 to 1; NaN if a side is empty.

    References
    ----------
    Fisher (1922), J. R. Stat. Soc. 85(1), 87-94; scipy.stats.fisher_exact.

    Examples
    --------
    Of the 70 ways to choose 4 of 8, two are this extreme:

    >>> round(fisher([4, 0], [0, 4]), 6)
    0.028571
    """
    if not np.sum(reference) or not np.sum(current):
        return nan
    return float(stats.fisher_exact(np.array([reference, current], dtype=np.int64)).pvalue)


def cramers_v(reference: ArrayLike, current: ArrayLike) -> float:
    """Return Cramér's V of the table of sides and categories.

    Parameters
    ----------
    reference, current : array_like
        Shape (k,): counts by category. Rare categories are merged first.

    Returns
    -------
    float
        0 to 1; 0 for one category, NaN if a side is empty.

    Notes
    -----
    V shrinks as the sides grow unequal in size, so verdicts use share_distance.

    References
    ----------
    Cramér (1946), Mathematical Methods of Statistics, chapter 21.

    Examples
    --------
    >>> round(cramers_v([30, 70], [50, 50]), 4)
    0.2041
    """
    n, m = np.sum(reference), np.sum(current)
    return float(share_distance(reference, current).value * sqrt(n * m) / (n + m)) if n and m else nan


def total_variation(reference: ArrayLike, current: ArrayLike) -> float:
    """Return the share that would have to change category for both sides to agree.

    Parameters
    ----------
    reference, current : array_like
        Shape (k,): counts by category.

    Returns
    -------
    float
        0 to 1; NaN if a side is empty.

    Examples
    --------
    >>> total_variation([3, 1], [1, 1])
    0.25
    """
    n, m = np.sum(reference), np.sum(current)
    if not n or not m:
        return nan
    return float(np.abs(np.asarray(reference) / n - np.asarray(current) / m).sum() / 2)


def share_distance(reference: ArrayLike, current: ArrayLike) -> IntervalResult:
    """Return the distance sqrt(chi-squared (1/n + 1/m)) of the shares with its 95 % interval.

    Parameters
    ----------
    reference, current : array_like
        Shape (k,): counts by category. Rare categories are merged first.

    Returns
    -------
    IntervalResult
        0 to 2. For two categories it is about Cohen's h, whatever the sizes of the sides; NaN if a side is empty.

    Notes
    -----
    The interval holds the distances under which the statistic, non-centrally chi-squared with the degrees of freedom of
    the test, is not surprising. Its upper end is at least that of a statistic without any excess. Three or more
    categories can differ so much that the statistic varies more than that, for example when a rare category of the
    smaller side has grown several times; the interval is then wider in the same proportion.

    References
    ----------
    Cohen (1988), Statistical Power Analysis, chapter 7.
    Steiger (2004), Psychological Methods 9(2), 164-182.
    Agresti (2013), Categorical Data Analysis, 3rd ed., 16.1: the variance of the statistic by the delta method.

    Examples
    --------
    >>> result = share_distance([30, 70], [50, 50])
    >>> round(result.value, 3), round(result.low, 3), round(result.high, 3)
    (0.408, 0.131, 0.685)
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
