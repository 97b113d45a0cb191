"""How much raters agree: percent agreement, Cohen's kappa and Krippendorff's alpha.

Ratings are a matrix with a row per unit and a column per rater; NaN where a rater gave none. Categories are numbers.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import nan

import numpy as np

from feedback.statistics.intervals import IntervalResult

# The smallest share of resamples that must have an alpha, so that their quantiles are an interval.
_LEAST_DEFINED = 0.5


class RatingLevel(StrEnum):
    """What the differences between ratings mean: nothing, an order, a distance, or a distance relative to 0."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"


@dataclass(frozen=True)
class PercentAgreement:
    """Equal pairs of ratings, of all pairs of two raters on one unit.

    Attributes
    ----------
    equal, pairs : int
        How many pairs are equal, and how many there are.
    units : int
        How many units have at least two ratings.
    """

    equal: int
    pairs: int
    units: int

    @property
    def share(self) -> float:
        """0 to 1; NaN without a pair."""
        return self.equal / self.pairs if self.pairs else nan


def percent_agreement(ratings: np.ndarray) -> PercentAgreement:
    """Return how many pairs of ratings of one unit are equal.

    Parameters
    ----------
    ratings : ndarray of float, shape (n, raters)
        NaN where a rater gave none.

    Returns
    -------
    PercentAgreement

    Examples
    --------
    Three raters on two units: the first has three equal pairs, the second one of three.

    >>> found = percent_agreement(np.array([[1.0, 1.0, 1.0], [1.0, 2.0, 1.0]]))
    >>> found.equal, found.pairs, round(found.share, 4)
    (4, 6, 0.6667)
    """
    _, counts = _value_counts(ratings)
    pairs = counts.sum(axis=1) * (counts.sum(axis=1) - 1) // 2
    return PercentAgreement(int((counts * (counts - 1) // 2).sum()), int(pairs.sum()), len(counts))


def cohens_kappa(first: np.ndarray, second: np.ndarray) -> float:
    """Return Cohen's kappa: the agreement of two raters beyond that of chance.

    Parameters
    ----------
    first, second : ndarray of float, shape (n,)
        The ratings of each; a unit that one of them did not rate (NaN) is left out.

    Returns
    -------
    float
        -1 to 1; NaN without a common unit, and if only one value occurs: chance would agree as well.

    References
    ----------
    Cohen (1960), Educational and Psychological Measurement 20(1), 37-46.

    Examples
    --------
    Of 50 units both accept 20 and reject 15; 5 and 10 have one acceptance:

    >>> first = np.repeat([1.0, 1.0, 0.0, 0.0], [20, 5, 10, 15])
    >>> second = np.repeat([1.0, 0.0, 1.0, 0.0], [20, 5, 10, 15])
    >>> round(cohens_kappa(first, second), 4)
    0.4
    """
    is_common = ~(np.isnan(first) | np.isnan(second))
    first, second = first[is_common], second[is_common]
    values = np.union1d(first, second)
    if len(values) < 2:
        return nan
    by_chance = sum(np.mean(first == value) * np.mean(second == value) for value in values)
    return float((np.mean(first == second) - by_chance) / (1 - by_chance))


def krippendorffs_alpha(ratings: np.ndarray, level: RatingLevel = RatingLevel.NOMINAL) -> float:
    """Return Krippendorff's alpha: the agreement of any number of raters beyond that of chance.

    Parameters
    ----------
    ratings : ndarray of float, shape (n, raters)
        NaN where a rater gave none; units with fewer than two ratings are left out. Of RATIO none is below 0.
    level : RatingLevel
        What the differences between ratings mean.

    Returns
    -------
    float
        At most 1; 0 for agreement as by chance. NaN if no unit has two ratings, and if only one value occurs: then
        chance would agree as well, and `percent_agreement` is 1.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, University of Pennsylvania.

    Examples
    --------
    >>> ratings = np.array([[1.0, 1.0, np.nan], [2.0, 2.0, 3.0], [3.0, 3.0, 3.0], [1.0, np.nan, np.nan]])
    >>> [round(krippendorffs_alpha(ratings, level), 4) for level in (RatingLevel.NOMINAL, RatingLevel.INTERVAL)]
    [0.65, 0.8409]
    >>> krippendorffs_alpha(np.ones((5, 2)))
    nan
    """
    values, counts = _value_counts(ratings)
    return _alpha(values, counts, np.ones(len(counts)), level)


def alpha_interval(
    ratings: np.ndarray, level: RatingLevel = RatingLevel.NOMINAL, *, rng: np.random.Generator, draws: int = 1000
) -> IntervalResult:
    """Return Krippendorff's alpha with a 95 % interval.

    Parameters
    ----------
    ratings : ndarray of float, shape (n, raters)
        NaN where a rater gave none; units with fewer than two ratings are left out.
    level : RatingLevel
        What the differences between ratings mean.
    rng : numpy.random.Generator
        Draws the resamples.
    draws : int
        How many.

    Returns
    -------
    IntervalResult
        The value is NaN as that of `krippendorffs_alpha`. The ends are NaN then, too, and if no two ratings of a unit
        differ, or if most resamples have one value alone: they say nothing of the disagreement of other units.

    Notes
    -----
    The quantiles of resamples of units. A resample in which only one value occurs has no alpha and is left out. In
    simulations of two raters the interval holds alpha in 90 to 97 % of cases from 30 units on, and in as few as 63 %
    with 10 units.

    References
    ----------
    Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 13.

    Examples
    --------
    >>> ratings = np.repeat([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0]], [20, 20, 10], axis=0)
    >>> found = alpha_interval(ratings, rng=np.random.default_rng(1))
    >>> round(found.value, 2), round(found.low, 2), round(found.high, 2)
    (0.6, 0.37, 0.8)
    """
    values, counts = _value_counts(ratings)
    value = _alpha(values, counts, np.ones(len(counts)), level)
    if not counts.size or bool((counts.max(axis=1) == counts.sum(axis=1)).all()):
        return IntervalResult(value, nan, nan)
    # Units with the same ratings are drawn together.
    kinds, repeats = np.unique(counts, axis=0, return_counts=True)
    drawn = rng.multinomial(len(counts), repeats / len(counts), size=draws)
    found = np.array([_alpha(values, kinds, weights, level) for weights in drawn])
    found = found[~np.isnan(found)]
    if len(found) < _LEAST_DEFINED * draws:
        return IntervalResult(value, nan, nan)
    low, high = np.quantile(found, [0.025, 0.975])
    return IntervalResult(value, float(low), float(high))


def _value_counts(ratings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The values that occur, ascending, and how often each unit with at least two ratings has each of them."""
    ratings = ratings[(~np.isnan(ratings)).sum(axis=1) >= 2]
    values = np.unique(ratings[~np.isnan(ratings)])
    counts = np.zeros((len(ratings), len(values)), dtype=np.int64)
    units, raters = np.nonzero(~np.isnan(ratings))
    np.add.at(counts, (units, np.searchsorted(values, ratings[units, raters])), 1)
    return values, counts


def _alpha(values: np.ndarray, counts: np.ndarray, weights: np.ndarray, level: RatingLevel) -> float:
    """Alpha of units that count as often as their weights say."""
    totals = weights @ counts
    if np.count_nonzero(totals) < 2:
        return nan
    distances = _squared_distances(values, totals, level)
    within = np.sum((counts @ distances) * counts, axis=1) / (counts.sum(axis=1) - 1)
    expected = totals @ distances @ totals / (totals.sum() - 1)
    return float(1 - weights @ within / expected)


def _squared_distances(values: np.ndarray, totals: np.ndarray, level: RatingLevel) -> np.ndarray:
    """The squared distance of each two values, where `totals` says how often each occurs."""
    if level == RatingLevel.NOMINAL:
        return 1.0 - np.eye(len(values))
    if level == RatingLevel.ORDINAL:
        values = np.cumsum(totals) - totals / 2
    differences = np.subtract.outer(values, values)
    if level == RatingLevel.RATIO:
        sums = np.add.outer(values, values)
        differences = np.divide(differences, sums, out=np.zeros_like(sums), where=sums != 0)
    return differences**2
