"""The mean of ratings by several raters of several units, with an interval that counts units and raters."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import inf, nan, sqrt

import numpy as np

from feedback.statistics.intervals import Z_95

# With fewer, the spread between raters cannot be told from so few: the interval is for these raters.
LEAST_RATERS = 5
_STUDENT_95 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776}


@dataclass(frozen=True)
class ClusteredMean:
    """A mean over units.

    Attributes
    ----------
    value : float
        The mean of the units' mean ratings; NaN without a rating.
    low, high : float
        The ends of its 95 % interval; NaN for fewer than two units, or if nothing varies.
    units, raters, ratings : int
        How many there are.
    counts_raters : bool
        Whether the interval is also for other raters, not only for other units.
    """

    value: float
    low: float
    high: float
    units: int
    raters: int
    ratings: int
    counts_raters: bool


def clustered_mean(
    ratings: np.ndarray,
    units: Sequence[Hashable],
    raters: Sequence[Hashable],
    *,
    minimum: float = -inf,
    maximum: float = inf,
) -> ClusteredMean:
    """Return the mean of ratings over units with its 95 % interval.

    Parameters
    ----------
    ratings : ndarray of float, shape (n,)
        Without NaN, in any unit of measure.
    units, raters : sequence of hashable
        What each rating is about and who gave it.
    minimum, maximum : float
        The range of ratings; the interval ends there.

    Returns
    -------
    ClusteredMean
        In the unit of the ratings.

    Notes
    -----
    Ratings of one unit depend on each other, and so do those of one rater. The variance is the two-way one of
    Cameron, Gelbach and Miller: that between units, plus that between raters, less that of single ratings, and at
    least the larger of the first two. With fewer than LEAST_RATERS raters only that between units counts. Student's
    quantile has the degrees of freedom of the smaller number.

    References
    ----------
    Cameron, Gelbach & Miller (2011), J. Bus. Econ. Stat. 29(2), 238-249.

    Examples
    --------
    >>> found = clustered_mean(np.array([0.5, 0.7, 0.9, 0.8]), ["a", "a", "b", "c"], [1, 2, 1, 1])
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3), int(found.units), int(found.raters)
    (0.767, 0.387, 1.146, 3, 2)
    """
    of_unit, of_rater = _numbered(units), _numbered(raters)
    counts = (max(of_unit, default=-1) + 1, max(of_rater, default=-1) + 1)
    if not len(ratings):
        return ClusteredMean(nan, nan, nan, 0, 0, 0, counts_raters=False)
    weights = 1 / np.bincount(of_unit)[of_unit] / counts[0]
    value = float(weights @ ratings)
    parts = weights * (ratings - value)
    counts_raters = counts[1] >= LEAST_RATERS
    variance = _between(parts, of_unit)
    if counts_raters:
        by_rater = _between(parts, of_rater)
        variance = max(variance + by_rater - float(parts @ parts), variance, by_rater)
    low = high = nan
    if counts[0] > 1 and variance > 0:
        reach = _student(min(counts) - 1 if counts_raters else counts[0] - 1) * sqrt(variance)
        low, high = max(value - reach, minimum), min(value + reach, maximum)
    return ClusteredMean(value, low, high, *counts, len(ratings), counts_raters)


def _numbered(names: Sequence[Hashable]) -> np.ndarray:
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.int64)


def _between(parts: np.ndarray, clusters: np.ndarray) -> float:
    """The variance of a sum whose parts depend on each other within clusters; 0 for a single one."""
    sums = np.bincount(clusters, weights=parts)
    return float(sums @ sums) * len(sums) / (len(sums) - 1) if len(sums) > 1 else 0.0


def _student(freedom: int) -> float:
    """The two-sided 95 % quantile of Student's distribution, within 0.1 %, without SciPy: web pages use it.

    Source: Abramowitz & Stegun (1964), 26.7.5.
    """
    if freedom in _STUDENT_95:
        return _STUDENT_95[freedom]
    z, v = Z_95, freedom
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )
