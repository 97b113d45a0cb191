"""The smallest effect that a comparison of given sizes detects."""

from math import sqrt

import numpy as np
from scipy import special

from feedback.statistics.proportions import moved_by


def smallest_detectable_delta(n: int, m: int, *, alpha: float, power: float = 0.8) -> float:
    """Return the smallest Cliff's delta that samples of these sizes reveal.

    Parameters
    ----------
    n, m : int
        The sizes of the two samples.
    alpha : float
        The level of the two-sided test, above 0 and below 1.
    power : float
        How probable it is that the test finds an effect of this size.

    Returns
    -------
    float
        0 to 1; 1 when no smaller effect is detectable.

    Notes
    -----
    Normal approximation of the rank-sum test: the standard error of the AUC is sqrt((n + m + 1) / (12 n m)).

    References
    ----------
    Noether (1987), J. Am. Stat. Assoc. 82(398), 645-647.

    Examples
    --------
    >>> round(smallest_detectable_delta(100, 100, alpha=0.05), 3)
    0.229
    """
    if not n or not m:
        return 1.0
    return min(1.0, 2 * _reach(alpha, power) * sqrt((n + m + 1) / (12 * n * m)))


def smallest_detectable_h(n: int, m: int, *, alpha: float, power: float = 0.8) -> float:
    """Return the smallest Cohen's h that the shares of these many events reveal.

    Parameters
    ----------
    n, m : int
        How many events each share is of.
    alpha : float
        The level of the two-sided test, above 0 and below 1.
    power : float
        How probable it is that the test finds an effect of this size.

    Returns
    -------
    float
        0 to pi; pi when no smaller effect is detectable.

    References
    ----------
    Cohen (1988), Statistical Power Analysis, chapter 6.

    Examples
    --------
    >>> round(smallest_detectable_h(100, 100, alpha=0.05), 3)
    0.396
    """
    return min(np.pi, _reach(alpha, power) * sqrt(1 / n + 1 / m)) if n and m else float(np.pi)


def smallest_detectable_share(share: float, n: int, m: int, *, alpha: float, power: float = 0.8) -> float:
    """Return the nearest share above this one that is detectably different from it.

    Parameters
    ----------
    share : float
        The share of the reference, 0 to 1.
    n, m : int
        How many events each share is of.
    alpha : float
        The level of the two-sided test, above 0 and below 1.
    power : float
        How probable it is that the test finds an effect of this size.

    Returns
    -------
    float
        0 to 1.

    Examples
    --------
    >>> round(smallest_detectable_share(0.1, 1_000, 1_000, alpha=0.05), 3)
    0.141
    """
    return moved_by(share, smallest_detectable_h(n, m, alpha=alpha, power=power))


def _reach(alpha: float, power: float) -> float:
    return float(special.ndtri(1 - alpha / 2) + special.ndtri(power))
