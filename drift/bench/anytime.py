"""Intervals and p-values that hold at every look at once, so a comparison can be watched while events arrive."""

from dataclasses import dataclass
from enum import StrEnum
from math import exp, inf, log, sqrt

import numpy as np
from numpy.typing import ArrayLike

from drift.bench.clustered import Contrast

LEVEL = 0.05
# An arm is looked at from this many effective users on: before that its variance is not known well enough.
FEWEST_USERS = 50
# Without a margin, the interval is narrowest for differences of this many standard deviations.
TYPICAL_DIFFERENCE = 0.2


class Advice(StrEnum):
    """What to do with a comparison that is watched."""

    WAIT = "wait"
    GO_ON = "go_on"
    SWITCH = "switch"
    KEEP = "keep"
    DIFFERENT = "different"
    STOP = "stop"


@dataclass(frozen=True)
class Look:
    """What is known at one moment. low and high are infinite, and p_value 1, while there are too few users."""

    value: float
    low: float
    high: float
    p_value: float


def log_ratio(value: ArrayLike, error: ArrayLike, *, tuned_to: float) -> np.ndarray:
    """Return the logarithm of the likelihood ratio of some difference against none.

    Parameters
    ----------
    value, error : array_like
        Of one shape: differences, and their standard errors above 0.
    tuned_to : float
        Above 0, in the same unit: the standard deviation of the differences that the ratio is mixed over.

    Returns
    -------
    ndarray

    References
    ----------
    Robbins (1970), Ann. Math. Stat. 41(5), 1397-1409.

    Examples
    --------
    >>> round(float(log_ratio(0.3, 0.1, tuned_to=0.3)), 3)
    2.899
    """
    variance, mixed = np.square(error), np.square(error) + tuned_to**2
    found: np.ndarray = np.square(value) * tuned_to**2 / (2 * variance * mixed) - np.log(mixed / variance) / 2
    return found


def look(contrast: Contrast, *, tuned_to: float, level: float = LEVEL) -> Look:
    """Return an interval of a difference that covers it at every look together, with probability 1 - level.

    Parameters
    ----------
    contrast : Contrast
        The difference by all events so far, with its error by users.
    tuned_to : float
        Above 0, in the unit of the difference and chosen before the first look: where the interval is narrowest.
    level : float
        Above 0 and below 1.

    Returns
    -------
    Look

    Notes
    -----
    The interval holds the differences against which the ratio of `log_ratio` is below 1 / level. By Ville's inequality
    the ratio of the true one exceeds that at any look with probability `level` at most. The error is estimated, so this
    holds asymptotically, and only from FEWEST_USERS on. The p-value is that of this look.

    References
    ----------
    Howard et al. (2021), Ann. Stat. 49(2), 1055-1080, equation 14. Waudby-Smith et al. (2024), Ann. Stat. 52(6),
    2613-2640. Johari et al. (2022), Oper. Res. 70(3), 1806-1821.

    Examples
    --------
    >>> found = look(Contrast(0.3, 0.1, 400, 400, 1.0), tuned_to=0.3)
    >>> round(found.low, 3), round(found.high, 3), round(found.p_value, 3)
    (-0.004, 0.604, 0.055)
    """
    if contrast.freedom < FEWEST_USERS or contrast.error <= 0:
        return Look(contrast.value, -inf, inf, 1.0)
    variance, mixed = contrast.error**2, contrast.error**2 + tuned_to**2
    margin = sqrt(2 * variance * mixed / tuned_to**2 * (log(mixed / variance) / 2 - log(level)))
    evidence = float(log_ratio(contrast.value, contrast.error, tuned_to=tuned_to))
    p_value = 1.0 if evidence <= 0 else exp(-evidence)
    return Look(contrast.value, contrast.value - margin, contrast.value + margin, p_value)


def advice(found: Look, *, margin: float, better: str) -> Advice:
    """Return what to do after a check of a difference, a new arm minus the present one.

    Parameters
    ----------
    found : Look
    margin : float
        The smallest difference that matters, 0 or more.
    better : str
        "higher", "lower", or "" where that is not known.

    Returns
    -------
    Advice

    Examples
    --------
    >>> advice(Look(0.3, 0.1, 0.5, 0.001), margin=0.05, better="higher").value
    'switch'
    >>> advice(Look(0.0, -0.01, 0.01, 1.0), margin=0.05, better="higher").value
    'stop'
    """
    if found.low == -inf:
        return Advice.WAIT
    if -margin < found.low and found.high < margin:
        return Advice.STOP
    if found.low <= 0 <= found.high:
        return Advice.GO_ON
    if not better:
        return Advice.DIFFERENT
    return Advice.SWITCH if (found.low > 0) == (better == "higher") else Advice.KEEP
