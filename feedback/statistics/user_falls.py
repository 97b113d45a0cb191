"""Bounds and falls of shares of votes, where the votes of one user are correlated."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from feedback.statistics.user_shares import UserShare


@dataclass(frozen=True)
class FallResult:
    """How far a share has fallen.

    Attributes
    ----------
    value : float
        The share before less the share now, -1 to 1.
    low : float
        The lower confidence bound of the fall.
    """

    value: float
    low: float


def upper_bound(share: UserShare, *, level: float = 0.95) -> float:
    """Return the one-sided upper confidence bound of a share, robust to correlated votes of one user.

    Parameters
    ----------
    share : UserShare
        The share.
    level : float
        The confidence, .5 to 1.

    Returns
    -------
    float
        0 to 1.

    Notes
    -----
    The score interval for as many votes as would give the variance over users, which is the sum of squares of the moves
    without each of them, with a quantile of Student's t for the effective number of users. A share of 0 or 1 counts as
    that of so many users with one vote each.

    References
    ----------
    Dean & Pagano (2015), J. Surv. Stat. Methodol. 3(4), 484-503.
    Wilson (1927), J. Am. Stat. Assoc. 22(158), 209-212.

    Examples
    --------
    >>> from feedback.statistics.user_shares import user_share
    >>> share = user_share(np.arange(100), np.repeat([1.0, 0.0], [80, 20]), np.repeat([0.0, 1.0], [80, 20]), size=100)
    >>> round(upper_bound(share), 4)
    0.8585
    """
    variance = float(np.sum(share.influences() ** 2))
    binomial = share.value * (1.0 - share.value)
    n = binomial / variance if variance > 0 and binomial > 0 else share.effective_users
    t = -float(stdtrit(share.effective_users - 1.0, 1.0 - level))
    centre, margin = share.value + t * t / (2 * n), t * np.sqrt(binomial / n + t * t / (4 * n * n))
    return float(min(1.0, (centre + margin) / (1.0 + t * t / n)))


def fall(before: UserShare, now: UserShare, *, alpha: float) -> FallResult:
    """Return how far a share has fallen between two groups of votes, some of them of the same users.

    Parameters
    ----------
    before, now : UserShare
        Of the same `size`, so that users who voted in both groups are known.
    alpha : float
        The chance, 0 to .5, that the lower bound lies above a fall of 0 if nothing has changed.

    Returns
    -------
    FallResult

    Notes
    -----
    The variance is the sum of squares of the moves without each user, or what it would be if nothing had changed,
    whichever is larger: for shares near 0 the first is too small, for shares near 1 the second. The quantile is of
    Student's t with Satterthwaite's degrees of freedom for these weights.

    References
    ----------
    Efron & Stein (1981), Ann. Stat. 9(3), 586-596.
    Bell & McCaffrey (2002), Survey Methodology 28(2), 169-181.

    Examples
    --------
    >>> from feedback.statistics.user_shares import user_share
    >>> votes = np.ones(100)
    >>> before = user_share(np.arange(100), votes, 0 * votes, size=200)
    >>> now = user_share(np.arange(100, 200), 0 * votes, votes, size=200)
    >>> result = fall(before, now, alpha=0.01)
    >>> result.value, round(result.low, 2)
    (1.0, 0.83)
    """
    n, m = before.effective_users, now.effective_users
    common = (n * before.value + m * now.value) / (n + m)
    variance = float(np.sum((before.influences() - now.influences()) ** 2))
    single = _binomial(before.value) / n + _binomial(now.value) / m
    unchanged = _binomial(common) * (1.0 / n + 1.0 / m)
    squares = before.weights**2 + now.weights**2
    return _fall(before.value - now.value, variance, single, unchanged, squares, alpha)


def fall_below(level: float, now: UserShare, *, alpha: float) -> FallResult:
    """Return how far a share lies below a level that is no estimate.

    Parameters
    ----------
    level : float
        0 to 1.
    now : UserShare
        The share.
    alpha : float
        The chance, 0 to .5, that the lower bound lies above 0 if the level is the true share.

    Returns
    -------
    FallResult

    Notes
    -----
    As in `fall`, where no change means that the level is the true share.

    Examples
    --------
    >>> from feedback.statistics.user_shares import user_share
    >>> votes = np.ones(100)
    >>> result = fall_below(0.5, user_share(np.arange(100), 0 * votes, votes, size=100), alpha=0.01)
    >>> result.value, round(result.low, 2)
    (0.5, 0.38)
    """
    n, variance = now.effective_users, float(np.sum(now.influences() ** 2))
    single, at_level = _binomial(now.value) / n, _binomial(level) / n
    return _fall(level - now.value, variance, single, at_level, now.weights**2, alpha)


def _binomial(share: float) -> float:
    return share * (1.0 - share)


def _fall(
    value: float, variance: float, single: float, unchanged: float, squares: np.ndarray, alpha: float
) -> FallResult:
    """single, unchanged: the variance if each user had one vote, for the shares as they are and without a change."""
    if single > 0:
        unchanged *= variance / single
    freedom = float(squares.sum() ** 2 / (squares @ squares)) - 1.0
    return FallResult(value, value + float(stdtrit(freedom, alpha)) * max(variance, unchanged) ** 0.5)
