"""The share of votes that are up, where the votes of one user are correlated. Without SciPy: web pages use it too."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from feedback.statistics.beta import beta_quantile

# One user decides at most this much of a share, so it takes at least FEWEST_USERS to have one.
LARGEST_WEIGHT, FEWEST_USERS = 0.05, 20


@dataclass(frozen=True)
class UserShare:
    """The share of a group's votes that are up.

    Attributes
    ----------
    value : float
        The share, 0 to 1.
    users : int
        Users with a vote.
    weights : ndarray
        Shape (k,) by user, 0 to LARGEST_WEIGHT; they sum to 1. 0 for users without a vote in this group.
    means : ndarray
        Shape (k,), the share of each user's own votes that are up; 0 for users without one.
    """

    value: float
    users: int
    weights: np.ndarray
    means: np.ndarray

    @property
    def effective_users(self) -> float:
        """How many users of equal weight would be worth as much: all of them, or at least FEWEST_USERS."""
        return float(1.0 / np.sum(self.weights**2))

    def influences(self) -> np.ndarray:
        """How far the share would move without each user; shape (k,)."""
        return self.weights * (self.means - self.value) / (1.0 - self.weights)


def numbered(voters: np.ndarray, *, anonymous: int) -> tuple[np.ndarray, int]:
    """Return a number for the user of each vote.

    Parameters
    ----------
    voters : ndarray of int
        Shape (n,), the identity of each user.
    anonymous : int
        The identity of those who have none: each of their votes counts as another user's.

    Returns
    -------
    users : ndarray of int
        Shape (n,), 0 to size - 1.
    size : int
        How many users there are.

    Examples
    --------
    >>> users, size = numbered(np.array([7, 0, 5, 7, 0]), anonymous=0)
    >>> users.tolist(), size
    ([1, 2, 0, 1, 3], 4)
    """
    is_known = voters != anonymous
    identities, known = np.unique(voters[is_known], return_inverse=True)
    users = np.empty(len(voters), dtype=np.int64)
    users[is_known] = known
    size = len(identities) + int(np.count_nonzero(~is_known))
    users[~is_known] = np.arange(len(identities), size)
    return users, size


def capped_weights(votes: np.ndarray) -> np.ndarray:
    """Return the weights of users in proportion to their votes, with none above LARGEST_WEIGHT.

    Parameters
    ----------
    votes : ndarray
        Shape (k,), the votes of each user, 0 or more.

    Returns
    -------
    ndarray
        Shape (k,), 0 to LARGEST_WEIGHT; they sum to 1.

    Raises
    ------
    ValueError
        If fewer than FEWEST_USERS have votes.

    Examples
    --------
    >>> weights = capped_weights(np.array([60.0] + [1.0] * 38))
    >>> round(float(weights[0]), 4), round(float(weights[1]), 4)
    (0.05, 0.025)
    """
    descending = np.sort(votes[votes > 0])[::-1]
    if len(descending) < FEWEST_USERS:
        raise ValueError(f"{len(descending)} users have votes; at least {FEWEST_USERS} are needed.")
    # With the k largest capped, the cap is the same part of what is left as LARGEST_WEIGHT is of 1 - k LARGEST_WEIGHT.
    rest = np.cumsum(descending[::-1])[::-1][:FEWEST_USERS]
    caps = rest / np.arange(FEWEST_USERS, 0, -1)
    cap = caps[int(np.argmax(descending[:FEWEST_USERS] <= caps * (1 + 1e-12)))]
    weights: np.ndarray = np.minimum(votes, cap)
    return weights / weights.sum()


def user_share(
    users: np.ndarray, ups: np.ndarray, downs: np.ndarray, *, size: int, fewest: int = FEWEST_USERS
) -> UserShare:
    """Return the share of votes that are up, each user with at most LARGEST_WEIGHT.

    Parameters
    ----------
    users : ndarray of int
        Shape (n,), who voted, each 0 to size - 1.
    ups, downs : ndarray
        Shape (n,), what each vote says for and against; a vote that says more than 1 together counts as 1.
    size : int
        How many users there are in all groups that are to be compared.
    fewest : int
        How many users must have votes, at least 1. Of fewer than FEWEST_USERS each weighs the same.

    Returns
    -------
    UserShare

    Raises
    ------
    ValueError
        If fewer than `fewest` have votes.

    Examples
    --------
    >>> share = user_share(np.arange(40), np.repeat([1.0, 0.0], [30, 10]), np.repeat([0.0, 1.0], [30, 10]), size=40)
    >>> round(share.value, 4), share.users
    (0.75, 40)
    >>> votes = np.array([1.0, 1.0, 1.0, 0.0])
    >>> user_share(np.array([0, 0, 0, 1]), 1 - votes, votes, size=2, fewest=1).value
    0.5
    """
    scale = np.maximum(1.0, ups + downs)
    up = np.bincount(users, ups / scale, minlength=size)
    votes = up + np.bincount(users, downs / scale, minlength=size)
    there = int(np.count_nonzero(votes))
    weights = np.where(votes > 0, 1.0 / there, 0.0) if fewest <= there < FEWEST_USERS else capped_weights(votes)
    means = np.divide(up, votes, out=np.zeros(size), where=votes > 0)
    return UserShare(min(1.0, float(weights @ means)), there, weights, means)


def intervals(shares: Sequence[UserShare], *, level: float = 0.95) -> list[tuple[float, float] | None]:
    """Return the two-sided confidence interval of each share, robust to correlated votes of one user.

    Parameters
    ----------
    shares : sequence of UserShare
        The shares, of any sizes.
    level : float
        The confidence, above 0 and below 1.

    Returns
    -------
    list of (float, float) or None
        The ends, 0 to 1; None for a share of a single user.

    Notes
    -----
    The score interval for as many votes as would give the variance over users, with a quantile of Student's t for the
    effective number k of users. The variance is the sum of squares of the moves without each of them. Few users who
    agree hide how different users are, so the share is drawn towards .5 as if by one user up and one down, and what
    its binomial variance gains by that is added for k users with one vote each.

    References
    ----------
    Dean & Pagano (2015), J. Surv. Stat. Methodol. 3(4), 484-503.
    Wilson (1927), J. Am. Stat. Assoc. 22(158), 209-212.

    Examples
    --------
    >>> share = user_share(np.arange(100), np.repeat([1.0, 0.0], [80, 20]), np.repeat([0.0, 1.0], [80, 20]), size=100)
    >>> [(low, high)] = intervals([share])
    >>> round(low, 4), round(high, 4)
    (0.709, 0.8679)
    """
    known = [share for share in shares if share.users > 1]
    freedom = np.array([share.effective_users - 1.0 for share in known])
    # Student's t, from the beta distribution.
    x = beta_quantile(1.0 - level, freedom / 2, 0.5)
    quantiles = iter(np.sqrt(freedom * (1.0 - x) / x).tolist())
    return [_bounds(share, next(quantiles)) if share.users > 1 else None for share in shares]


def _bounds(share: UserShare, t: float) -> tuple[float, float]:
    users, variance = share.effective_users, float(np.sum(share.influences() ** 2))
    binomial, drawn = share.value * (1.0 - share.value), (users * share.value + 1.0) / (users + 2.0)
    drawn_binomial = drawn * (1.0 - drawn)
    variance += max(0.0, drawn_binomial - binomial) / users
    n = drawn_binomial / variance if variance > 0 else users
    centre, margin = share.value + t * t / (2 * n), t * (binomial / n + t * t / (4 * n * n)) ** 0.5
    scale = 1.0 + t * t / n
    return max(0.0, (centre - margin) / scale), min(1.0, (centre + margin) / scale)
