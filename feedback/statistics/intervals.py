"""Confidence intervals."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

# How many standard errors a two-sided 95 % interval reaches to each side. SciPy stays out: web pages use this too.
Z_95 = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class IntervalResult:
    """An estimate with its 95 % interval.

    Attributes
    ----------
    value : float
        The estimate; NaN if there is nothing to estimate it from.
    low, high : float
        The ends of the interval, in the unit of the estimate.
    """

    value: float
    low: float
    high: float


def wilson(count: float, n: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share.

    Parameters
    ----------
    count : float
        How often it was seen, 0 to n; a sum of shares counts each unit in part.
    n : int
        Of how many, at least 1.

    Returns
    -------
    low, high : float
        The ends of the interval, 0 to 1.

    References
    ----------
    Wilson (1927), J. Am. Stat. Assoc. 22(158), 209-212.

    Examples
    --------
    >>> low, high = wilson(8, 50)
    >>> round(low, 4), round(high, 4)
    (0.0834, 0.2851)
    """
    share, z2 = count / n, Z_95 * Z_95
    centre, margin = share + z2 / (2 * n), Z_95 * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, (centre - margin) / (1 + z2 / n)), min(1.0, (centre + margin) / (1 + z2 / n))


def difference(first: IntervalResult, second: IntervalResult) -> IntervalResult:
    """Return the 95 % interval of the difference of two independent estimates, from their own intervals.

    Parameters
    ----------
    first, second : IntervalResult
        Estimates in one unit, each with its 95 % interval, which may be lopsided.

    Returns
    -------
    IntervalResult
        first minus second, in the same unit.

    References
    ----------
    MOVER: Zou & Donner (2008), Stat. Med. 27(10), 1693-1702.

    Examples
    --------
    >>> found = difference(IntervalResult(0.8, 0.7, 0.87), IntervalResult(0.6, 0.5, 0.69))
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (0.2, 0.065, 0.322)
    """
    value = first.value - second.value
    low = value - sqrt((first.value - first.low) ** 2 + (second.high - second.value) ** 2)
    high = value + sqrt((first.high - first.value) ** 2 + (second.value - second.low) ** 2)
    return IntervalResult(value, low, high)
