"""How many events a comparison needs, and what one of a given size can show."""

from math import inf, isfinite, sqrt

from scipy import optimize, special

LEVEL, POWER = 0.05, 0.8
_MOST, MOST_EXACT = 1e9, 10_000


def power_of_means(d: float, n: float, m: float, *, alpha: float = LEVEL) -> float:
    """Return the power of a two-sided t-test of two means.

    Parameters
    ----------
    d : float
        The true difference in standard deviations.
    n, m : float
        Values of each arm; divide by the design effect where users have several events.
    alpha : float
        The level, above 0 and below 1.

    Returns
    -------
    float
        0 to 1.

    References
    ----------
    Cohen (1988), Statistical Power Analysis, chapter 2.

    Examples
    --------
    >>> round(power_of_means(0.5, 64, 64), 6)
    0.80146
    """
    if n + m <= 2:
        return 0.0
    freedom, shift = n + m - 2, abs(d) / sqrt(1 / n + 1 / m)
    t = float(special.stdtrit(freedom, 1 - alpha / 2))
    exact = 1 - float(special.nctdtr(freedom, shift, t)) + float(special.nctdtr(freedom, shift, -t))
    # For large samples and differences SciPy gives NaN, and the normal distribution differs by less than 0.001.
    return exact if freedom < MOST_EXACT and isfinite(exact) else power_at(shift, 1.0, alpha=alpha)


def needed_for_means(d: float, *, power: float = POWER, alpha: float = LEVEL) -> float:
    """Return how many values of each arm a t-test needs.

    Parameters
    ----------
    d : float
        The difference to detect, in standard deviations; infinity is returned for 0.
    power, alpha : float
        Above 0 and below 1.

    Returns
    -------
    float
        At least 2, not rounded.

    Examples
    --------
    >>> round(needed_for_means(0.2), 2)
    393.41
    """
    if not d:
        return inf
    if power_of_means(d, 2, 2, alpha=alpha) >= power:
        return 2.0
    if power_of_means(d, _MOST, _MOST, alpha=alpha) < power:
        return inf
    return float(optimize.brentq(lambda n: power_of_means(d, n, n, alpha=alpha) - power, 2, _MOST))


def needed_for_shares(before: float, after: float, *, power: float = POWER, alpha: float = LEVEL) -> float:
    """Return how many events of each arm a test of two shares needs.

    Parameters
    ----------
    before, after : float
        The shares to tell apart, 0 to 1; infinity is returned for equal ones.
    power, alpha : float
        Above 0 and below 1.

    Returns
    -------
    float

    References
    ----------
    Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, chapter 4, without their correction of
    continuity.

    Examples
    --------
    >>> round(needed_for_shares(0.05, 0.10), 1)
    434.4
    """
    if before == after:
        return inf
    middle = (before + after) / 2
    reach = float(special.ndtri(1 - alpha / 2)) * sqrt(2 * middle * (1 - middle))
    reach += float(special.ndtri(power)) * sqrt(before * (1 - before) + after * (1 - after))
    return (reach / (after - before)) ** 2


def power_at(difference: float, error: float, *, alpha: float = LEVEL) -> float:
    """Return the power of a two-sided test for a difference, given the error of its estimate.

    Parameters
    ----------
    difference, error : float
        In one unit; the error may account for users.
    alpha : float
        The level, above 0 and below 1.

    Returns
    -------
    float
        0 to 1.

    Examples
    --------
    >>> round(power_at(2.8, 1.0), 2)
    0.8
    """
    if error <= 0:
        return 1.0 if difference else 0.0
    z, shift = float(special.ndtri(1 - alpha / 2)), abs(difference) / error
    return float(special.ndtr(shift - z) + special.ndtr(-shift - z))


def smallest_detectable(error: float, *, power: float = POWER, alpha: float = LEVEL) -> float:
    """Return the smallest difference that an estimate with this error detects.

    Parameters
    ----------
    error : float
        The standard error of the difference, 0 or more.
    power, alpha : float
        Above 0 and below 1.

    Returns
    -------
    float
        In the unit of the error.

    Examples
    --------
    >>> round(smallest_detectable(1.0), 3)
    2.802
    """
    return float(special.ndtri(1 - alpha / 2) + special.ndtri(power)) * error
