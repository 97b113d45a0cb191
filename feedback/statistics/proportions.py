"""Distances between two shares, each a count of so many events."""

from math import asin, nan, pi, sin, sqrt

from feedback.statistics.intervals import IntervalResult, wilson


def risk_difference(reference_count: int, n: int, current_count: int, m: int) -> IntervalResult:
    """Return the current share minus the reference share with its 95 % interval.

    Parameters
    ----------
    reference_count, current_count : int
        How often it happened on each side.
    n, m : int
        Of how many events each; 0 gives NaN.

    Returns
    -------
    IntervalResult
        -1 to 1.

    Notes
    -----
    The interval is Newcombe's hybrid of two score intervals, which holds for shares near 0 and 1 and for small sides.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17(8), 873-890, method 10.

    Examples
    --------
    The first example of the source, 56 of 70 and 48 of 80:

    >>> result = risk_difference(48, 80, 56, 70)
    >>> round(result.value, 4), round(result.low, 4), round(result.high, 4)
    (0.2, 0.0524, 0.3339)
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
    """Return Cohen's h: the difference of two shares on a scale where it is equally easy to detect everywhere.

    Parameters
    ----------
    reference_share, current_share : float
        0 to 1.

    Returns
    -------
    float
        -pi to pi; above 0 if the current share is the larger one.

    References
    ----------
    Cohen (1988), Statistical Power Analysis, chapter 6.

    Examples
    --------
    >>> round(cohens_h(0.5, 0.75), 4)
    0.5236
    """
    return 2 * asin(sqrt(current_share)) - 2 * asin(sqrt(reference_share))


def moved_by(share: float, h: float) -> float:
    """Return the share that lies Cohen's h from this one.

    Parameters
    ----------
    share : float
        0 to 1.
    h : float
        Cohen's h, -pi to pi.

    Returns
    -------
    float
        0 to 1; it stops at these bounds.

    Examples
    --------
    >>> round(moved_by(0.5, 0.1), 4), moved_by(0.5, 3.0)
    (0.5499, 1.0)
    """
    return sin(min(max(asin(sqrt(share)) + h / 2, 0.0), pi / 2)) ** 2


def differences_within(share: float, h: float) -> tuple[float, float]:
    """Return the least and the most that another share may differ from this one within Cohen's h.

    Parameters
    ----------
    share : float
        0 to 1.
    h : float
        Cohen's h, >= 0.

    Returns
    -------
    least, most : float
        -1 to 1. A side on which the share first reaches 0 or 1 has no bound.

    Examples
    --------
    >>> least, most = differences_within(0.5, 0.1)
    >>> round(least, 4), round(most, 4)
    (-0.0499, 0.0499)
    >>> differences_within(0.001, 0.5)[0]
    -1.0
    """
    least, most = moved_by(share, -h), moved_by(share, h)
    return least - share if least > 0 else -1.0, most - share if most < 1 else 1.0
