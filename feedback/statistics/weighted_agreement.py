"""How much one rater agrees with others on a numeric scale, over units that each count once.

A unit has one rating of a judge and one or more of people. Its pairs of the judge with a person together count as one
unit, so that a unit with more people does not count more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np

from feedback.statistics.intervals import IntervalResult
from feedback.statistics.paired import paired_difference

_LEAST_DEFINED = 0.5
_LEVELS = (0.025, 0.975)
_SAME = 1e-9


@dataclass(frozen=True)
class RatedUnit:
    """The ratings of one unit that are compared: each of `left` with each of `right`."""

    left: tuple[float, ...]
    right: tuple[float, ...]


@dataclass(frozen=True)
class RatedAgreement:
    """How much two sides agree.

    Attributes
    ----------
    n : int
        Units.
    exact, within_step : float
        0 to 1: share of pairs that are equal, and that differ by at most one step.
    cohen : float
        Cohen's kappa of the values as names; NaN if only one value occurs.
    kappa : IntervalResult
        Kappa with quadratic weights, with its 95 % interval.
    """

    n: int
    exact: float
    within_step: float
    cohen: float
    kappa: IntervalResult


@dataclass(frozen=True)
class CalibrationPoint:
    """Units that a judge scored alike.

    Attributes
    ----------
    low, high : float
        The bin of the judge's score.
    n : int
        Units in it.
    judge : float
        The judge's mean.
    people : IntervalResult
        The mean of people with its 95 % interval; its ends are NaN for a single unit.
    """

    low: float
    high: float
    n: int
    judge: float
    people: IntervalResult


def against(judge: np.ndarray, people: Sequence[Sequence[float]]) -> list[RatedUnit]:
    """Return the units that a judge and at least one person rated.

    Parameters
    ----------
    judge : ndarray of float, shape (n,)
        One rating of each unit; NaN without one.
    people : sequence of sequences of float
        The ratings of people, for each unit.

    Returns
    -------
    list of RatedUnit

    Examples
    --------
    >>> against(np.array([4.0, 2.0]), [[5.0, 4.0], []])
    [RatedUnit(left=(4.0,), right=(5.0, 4.0))]
    """
    rated = zip(judge.tolist(), people, strict=True)
    return [RatedUnit((one,), tuple(others)) for one, others in rated if others and not np.isnan(one)]


def among(people: Sequence[Sequence[float]]) -> tuple[list[RatedUnit], list[int]]:
    """Return the units that at least two people rated, each person against the others.

    Parameters
    ----------
    people : sequence of sequences of float
        The ratings of people, for each unit.

    Returns
    -------
    units : list of RatedUnit
        One for each unit and person.
    clusters : list of int
        The number of the unit of each, for `agreement`.

    Examples
    --------
    >>> among([[5.0, 4.0], [3.0]])
    ([RatedUnit(left=(5.0,), right=(4.0,)), RatedUnit(left=(4.0,), right=(5.0,))], [0, 0])
    """
    pairs = [
        (RatedUnit((unit[at],), (*unit[:at], *unit[at + 1 :])), number)
        for number, unit in enumerate(people)
        for at in range(len(unit))
        if len(unit) > 1
    ]
    return [pair for pair, _ in pairs], [number for _, number in pairs]


def agreement(
    units: Sequence[RatedUnit],
    *,
    step: float,
    rng: np.random.Generator,
    draws: int = 1000,
    clusters: Sequence[int] | None = None,
) -> RatedAgreement:
    """Return how much both sides of these units agree.

    Parameters
    ----------
    units : sequence of RatedUnit
        Of `against` or `among`.
    step : float
        One step of the scale, above 0.
    rng : numpy.random.Generator
        Draws the resamples.
    draws : int
        How many.
    clusters : sequence of int, optional
        Which units are resampled together and count as one; by default each on its own.

    Returns
    -------
    RatedAgreement
        NaN without a unit. The interval is NaN, too, if most resamples have one value alone.

    Notes
    -----
    Kappa with quadratic weights is 1 - E(x - y)^2 / (var x + var y + (mean x - mean y)^2): it needs the five means of
    x, y, their squares and the squared difference alone, so it holds for scores of any number of values, where it is
    also called the concordance correlation. Of yes and no it is Cohen's kappa. The interval has the quantiles of
    resampled clusters and of one more, whose difference is the one expected by chance: without it a few equal ratings
    would be certain, and so would a value that occurs once.

    References
    ----------
    Cohen (1968), Psychological Bulletin 70(4), 213-220. Fleiss & Cohen (1973), Educ. Psychol. Meas. 33(3), 613-619.
    Lin (1989), Biometrics 45(1), 255-268.

    Examples
    --------
    >>> first, second = np.repeat([1.0, 2.0, 3.0], 10), np.repeat([1.0, 2.0, 2.0], 10)
    >>> found = agreement(against(first, second[:, None].tolist()), step=1.0, rng=np.random.default_rng(1))
    >>> round(found.exact, 3), found.within_step, round(found.cohen, 3), round(found.kappa.value, 3)
    (0.667, 1.0, 0.5, 0.667)
    """
    if not units:
        return RatedAgreement(0, nan, nan, nan, IntervalResult(nan, nan, nan))
    left, right, weights, numbers = _pairs(units, clusters)
    distances = np.abs(left - right)
    value, low, high = _kappa_interval(left, right, weights, numbers, rng, draws)
    return RatedAgreement(
        n=int(numbers.max()) + 1,
        exact=_share(distances <= _SAME, numbers),
        within_step=_share(distances <= step + _SAME, numbers),
        cohen=_cohen(left, right, weights),
        kappa=IntervalResult(value, low, high),
    )


def calibration(judge: np.ndarray, people: np.ndarray, *, bins: int = 10) -> list[CalibrationPoint]:
    """Return what people say of units that a judge scored alike.

    Parameters
    ----------
    judge, people : ndarray of float, shape (n,)
        Scores from 0 to 1 without NaN; of people their mean of each unit.
    bins : int
        Of equal width; the ones without a unit are left out.

    Returns
    -------
    list of CalibrationPoint
        In ascending order of the judge's score.

    Examples
    --------
    >>> [point] = calibration(np.array([0.51, 0.55]), np.array([0.4, 0.6]))
    >>> point.low, point.high, point.n, round(point.judge, 2), point.people.value
    (0.5, 0.6, 2, 0.53, 0.5)
    """
    # A score of 1 belongs to the last bin; the rounding keeps 0.3 in the bin that starts there.
    numbers = np.minimum(np.floor(np.round(judge * bins, 9)).astype(int), bins - 1)
    return [
        CalibrationPoint(
            low=number / bins,
            high=(number + 1) / bins,
            n=int((numbers == number).sum()),
            judge=float(judge[numbers == number].mean()),
            people=_mean(people[numbers == number]),
        )
        for number in np.unique(numbers).tolist()
    ]


def _mean(values: np.ndarray) -> IntervalResult:
    if len(values) == 1:
        return IntervalResult(float(values[0]), nan, nan)
    # The interval of differences pads with two typical deviations, so few equal values do not give one of no width.
    centre = float(values.mean())
    found = paired_difference(values - centre, range(len(values)))
    return IntervalResult(centre, max(0.0, centre + found.low), min(1.0, centre + found.high))


def _pairs(
    units: Sequence[RatedUnit], clusters: Sequence[int] | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Each pair of ratings with its weight and the number of its cluster; clusters weigh alike, and 1 together."""
    _, numbers = np.unique(range(len(units)) if clusters is None else clusters, return_inverse=True)
    sizes = np.array([len(unit.left) * len(unit.right) for unit in units])
    left = np.concatenate([np.repeat(unit.left, len(unit.right)) for unit in units])
    right = np.concatenate([np.tile(unit.right, len(unit.left)) for unit in units])
    of_pairs = np.repeat(numbers, sizes)
    weights = 1 / np.bincount(of_pairs)[of_pairs] / (numbers.max() + 1)
    return left, right, weights, of_pairs


def _share(holds: np.ndarray, numbers: np.ndarray) -> float:
    """The mean over clusters of the share of their pairs; exactly 1 if all hold."""
    return float((np.bincount(numbers, holds) / np.bincount(numbers)).mean())


def _kappa_interval(
    left: np.ndarray,
    right: np.ndarray,
    weights: np.ndarray,
    numbers: np.ndarray,
    rng: np.random.Generator,
    draws: int,
) -> tuple[float, float, float]:
    # Shifted to the mean, so that squares of large numbers do not swallow the differences.
    centre = float(weights @ (left + right)) / 2
    x, y = left - centre, right - centre
    columns = [x, y, x * x, y * y, (x - y) ** 2]
    sums = np.column_stack([np.bincount(numbers, weights * column) for column in columns])
    totals = sums.sum(axis=0)
    value = float(_kappa(totals[None, :])[0])
    by_chance = [*totals[:4], totals[2] + totals[3] - 2 * totals[0] * totals[1]]
    padded = np.vstack([sums * len(sums), by_chance])
    drawn = rng.multinomial(len(padded), np.full(len(padded), 1 / len(padded)), size=draws)
    found = _kappa(drawn @ padded / len(padded))
    found = found[~np.isnan(found)]
    if np.isnan(value) or len(found) < _LEAST_DEFINED * draws:
        return value, nan, nan
    low, high = np.quantile(found, _LEVELS)
    return value, float(low), float(high)


def _kappa(means: np.ndarray) -> np.ndarray:
    """Quadratic kappa of rows of the means of x, y, x^2, y^2 and (x - y)^2; NaN without any expected difference."""
    x, y, xx, yy, observed = means.T
    expected = xx + yy - 2 * x * y
    is_known = expected > _SAME**2
    return np.where(is_known, 1 - observed / np.where(is_known, expected, 1.0), nan)


def _cohen(left: np.ndarray, right: np.ndarray, weights: np.ndarray) -> float:
    values = np.union1d(left, right)
    if len(values) < 2:
        return nan
    by_chance = sum(float(weights @ (left == value)) * float(weights @ (right == value)) for value in values)
    return (float(weights @ (left == right)) - by_chance) / (1 - by_chance)
