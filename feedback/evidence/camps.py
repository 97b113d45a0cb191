"""How users differ: how often each kind of user votes for good and for bad answers, and how many users are of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

# Kinds of users, by the probability of a vote for a good and for a bad answer.
_LEVELS = np.array([0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95])
UP_IF_GOOD, UP_IF_BAD = (grid.ravel() for grid in np.meshgrid(_LEVELS, _LEVELS, indexing="ij"))
# Users of these kinds vote against good answers and for bad ones.
_IS_OPPOSED = UP_IF_GOOD - UP_IF_BAD < -0.2
# With so many opposed users either side may be the hostile one.
LARGEST_OPPOSITION = 0.3
# Shares are those of at most so many users, and begin as if so many more had been seen who vote as all do on average.
MOST_USERS, PRIOR_USERS = 5_000, 4.0
_ROUNDS, _TOLERANCE = 300, 1e-5
_USERS_AT_ONCE = 5_000
# Of kinds that may be left out when single votes are weighed.
_SMALLEST_SHARE = 1e-4


@dataclass(frozen=True)
class Judged:
    """Votes beside what the rest of the evidence says of the answer, those of one user after those of another.

    Attributes
    ----------
    users : ndarray of int, shape (m,)
        Whose vote: 0 to `size` - 1, in ascending order.
    votes : ndarray of float, shape (m,)
        From -1 to 1.
    log_odds : ndarray of float, shape (m,)
        How probable it is that the answer is good, without this vote.
    size : int
        How many users there are; some may have no vote.
    """

    users: np.ndarray
    votes: np.ndarray
    log_odds: np.ndarray
    size: int

    def where(self, keep: np.ndarray) -> "Judged":
        """Some of these votes, shape (m,) of bool; users keep their numbers."""
        return Judged(self.users[keep], self.votes[keep], self.log_odds[keep], self.size)

    @cached_property
    def numbers(self) -> np.ndarray:
        """How many votes each user has, shape (size,)."""
        return np.bincount(self.users, minlength=self.size)


@dataclass(frozen=True)
class Kinds:
    """How many users are of each kind.

    Attributes
    ----------
    shares : ndarray of float
        Of the kinds in UP_IF_GOOD and UP_IF_BAD; they sum to 1.
    against_camps : float
        Twice the log-likelihood that is lost if LARGEST_OPPOSITION or more of the users were opposed.
    """

    shares: np.ndarray
    against_camps: float

    @property
    def opposed(self) -> float:
        """The share of users who vote against good answers and for bad ones."""
        return float(self.shares[_IS_OPPOSED].sum())


def shares_of_kinds(judged: Judged, *, up_if_good: float, up_if_bad: float) -> np.ndarray:
    """Return the share of users of each kind.

    Parameters
    ----------
    judged : Judged
        The votes. Users with a single one are left out.
    up_if_good, up_if_bad : float
        The probabilities of a vote for a good and for a bad answer, all users taken alike.

    Returns
    -------
    ndarray of float
        Of the kinds in UP_IF_GOOD and UP_IF_BAD; they sum to 1.

    Notes
    -----
    The nonparametric maximum likelihood estimate of a mixing distribution on a grid, by expectation-maximisation.

    References
    ----------
    Laird (1978), J. Am. Stat. Assoc. 73(364), 805-811.

    Examples
    --------
    >>> votes = np.tile([1.0, 1.0, -1.0, -1.0], 100) * np.repeat([1.0, 1.0, 1.0, -1.0], 100)
    >>> judged = Judged(np.repeat(np.arange(100), 4), votes, np.tile([2.2, 2.2, -2.2, -2.2], 100), 100)
    >>> shares = shares_of_kinds(judged, up_if_good=0.65, up_if_bad=0.35)
    >>> round(float(shares[UP_IF_GOOD > UP_IF_BAD].sum()), 2)
    0.76
    """
    return _shares(_likelihoods(judged), _start(up_if_good, up_if_bad), 0.0)


def kinds_of_users(judged: Judged, *, up_if_good: float, up_if_bad: float) -> Kinds:
    """Return the share of users of each kind, and how sure it is that few of them are opposed to the others.

    Parameters
    ----------
    judged : Judged
        The votes. Users with a single one are left out.
    up_if_good, up_if_bad : float
        The probabilities of a vote for a good and for a bad answer, all users taken alike.

    Returns
    -------
    Kinds
        As from `shares_of_kinds`, with the likelihood ratio to the best shares with LARGEST_OPPOSITION.

    Examples
    --------
    >>> votes = np.tile([1.0, 1.0, -1.0, -1.0], 100) * np.repeat([1.0, 1.0, 1.0, -1.0], 100)
    >>> judged = Judged(np.repeat(np.arange(100), 4), votes, np.tile([2.2, 2.2, -2.2, -2.2], 100), 100)
    >>> kinds = kinds_of_users(judged, up_if_good=0.65, up_if_bad=0.35)
    >>> round(kinds.opposed, 2), round(kinds.against_camps, 1)
    (0.24, 1.2)
    """
    likelihoods, start = _likelihoods(judged), _start(up_if_good, up_if_bad)
    shares, divided = (_shares(likelihoods, start, opposed) for opposed in (0.0, LARGEST_OPPOSITION))
    return Kinds(shares, 2 * float(np.log((likelihoods @ shares) / (likelihoods @ divided)).sum()))


def _start(up_if_good: float, up_if_bad: float) -> np.ndarray:
    """Nearly all users of the kind that is closest to all of them together."""
    start = np.full(len(UP_IF_GOOD), 0.1 / len(UP_IF_GOOD))
    start[np.argmin((UP_IF_GOOD - up_if_good) ** 2 + (UP_IF_BAD - up_if_bad) ** 2)] += 0.9
    return start


def _likelihoods(judged: Judged) -> np.ndarray:
    """Of the votes of some users if they are of each kind, up to a factor for each user."""
    several = np.flatnonzero(judged.numbers > 1)
    chosen = np.zeros(judged.size, bool)
    chosen[several[:: max(1, -(-len(several) // MOST_USERS))]] = True
    logs = [_log_likelihoods(block) for _, block in _blocks(judged.where(chosen[judged.users]))]
    found = np.concatenate([np.empty((0, len(UP_IF_GOOD))), *logs])
    return np.exp(found - found.max(axis=1, keepdims=True))


def _shares(likelihoods: np.ndarray, start: np.ndarray, opposed: float) -> np.ndarray:
    shares = _with_opposed(start, opposed)
    for _ in range(_ROUNDS):
        counts = shares * (likelihoods.T @ (1 / (likelihoods @ shares))) + PRIOR_USERS * start
        following = _with_opposed(counts / (len(likelihoods) + PRIOR_USERS), opposed)
        change = float(np.abs(following - shares).max())
        shares = following
        if change < _TOLERANCE:
            break
    return shares


def _with_opposed(shares: np.ndarray, least: float) -> np.ndarray:
    """The shares of kinds, with those of opposed users raised to sum to at least this."""
    share = shares[_IS_OPPOSED].sum()
    return shares if share >= least else shares * np.where(_IS_OPPOSED, least / share, (1 - least) / (1 - share))


def informedness_of_users(judged: Judged, shares: np.ndarray) -> np.ndarray:
    """Return how much likelier each user's vote for an answer is if it is good.

    Parameters
    ----------
    judged : Judged
        The votes.
    shares : ndarray of float
        The share of users of each kind.

    Returns
    -------
    ndarray of float, shape (judged.size,)
        -0.9 to 0.9; that of all users for one without votes, and the closer to it the fewer votes a user has.

    Examples
    --------
    >>> votes = np.array([1.0, 1, -1, -1, -1, -1, 1, 1])
    >>> judged = Judged(np.repeat([0, 1], 4), votes, np.tile([2.2, 2.2, -2.2, -2.2], 2), 3)
    >>> (informedness_of_users(judged, np.full(49, 1 / 49)).round(2) + 0).tolist()
    [0.49, -0.49, 0.0]
    """
    kinds = UP_IF_GOOD - UP_IF_BAD
    found = np.full(judged.size, float(shares @ kinds))
    for users, block in _blocks(judged):
        found[users] = _posterior(_log_likelihoods(block), shares) @ kinds
    return found


def log_odds_of_votes(judged: Judged, shares: np.ndarray) -> np.ndarray:
    """Return what each vote adds to the log-odds of its answer, as far as the other votes of its user tell.

    Parameters
    ----------
    judged : Judged
        The votes.
    shares : ndarray of float
        The share of users of each kind.

    Returns
    -------
    ndarray of float, shape (m,)
        Of either sign for a vote of either sign.

    Examples
    --------
    >>> judged = Judged(np.zeros(4, int), np.array([1.0, 1, -1, -1]), np.array([-2.2, -2.2, 2.2, 2.2]), 1)
    >>> log_odds_of_votes(judged, np.full(49, 1 / 49)).round(2)
    array([-0.95, -0.95,  0.95,  0.95])
    """
    is_seen = shares > _SMALLEST_SHARE
    shares, up_if_good, up_if_bad = shares[is_seen], UP_IF_GOOD[is_seen], UP_IF_BAD[is_seen]
    found = [np.empty(0)]
    for _, block in _blocks(judged):
        cells, votes = _cells(block), np.abs(block.votes)
        numbers = np.bincount(cells)
        used = np.flatnonzero(numbers)
        users, outcomes = np.divmod(used, len(_LOGS))
        logs = _log_likelihoods(block)[:, is_seen][users]
        own = _LOGS[:, is_seen][outcomes] * (np.bincount(cells, votes)[used] / numbers[used])[:, None]
        weights = _posterior(logs - own, shares)
        good, bad = weights @ up_if_good, weights @ up_if_bad
        steps = np.zeros(len(numbers))
        steps[used] = np.where(outcomes % 2, np.log(good / bad), np.log((1 - good) / (1 - bad)))
        found.append(steps[cells] * votes)
    return np.concatenate(found)


def _blocks(judged: Judged) -> Iterator[tuple[np.ndarray, Judged]]:
    """The numbers of some users, and all their votes with users numbered from 0."""
    with_votes = np.flatnonzero(judged.numbers)
    for first in range(0, len(with_votes), _USERS_AT_ONCE):
        users = with_votes[first : first + _USERS_AT_ONCE]
        low, high = np.searchsorted(judged.users, (users[0], users[-1] + 1))
        numbers = np.repeat(np.arange(len(users)), judged.numbers[users])
        yield users, Judged(numbers, judged.votes[low:high], judged.log_odds[low:high], len(users))


def _cells(judged: Judged) -> np.ndarray:
    """The cell of each vote in a table of users by outcomes."""
    log_odds = np.clip(judged.log_odds, -_FURTHEST, _FURTHEST)
    outcomes = np.rint((log_odds + _FURTHEST) / _WIDTH).astype(np.int64) * 2 + (judged.votes > 0)
    return judged.users * len(_LOGS) + outcomes


def _log_likelihoods(judged: Judged) -> np.ndarray:
    """Of the votes of each user if it is of each kind, shape (judged.size, kinds)."""
    table = np.bincount(_cells(judged), np.abs(judged.votes), judged.size * len(_LOGS))
    return table.reshape(judged.size, len(_LOGS)) @ _LOGS


def _posterior(logs: np.ndarray, shares: np.ndarray) -> np.ndarray:
    weights = np.exp(logs - logs.max(axis=1, keepdims=True)) * shares
    return weights / weights.sum(axis=1, keepdims=True)


def _logs_of_outcomes() -> np.ndarray:
    good = 1 / (1 + np.exp(-np.arange(-_FURTHEST, _FURTHEST + _WIDTH / 2, _WIDTH)))[:, None]
    up = good * UP_IF_GOOD + (1 - good) * UP_IF_BAD
    return np.log(np.stack([1 - up, up], axis=1)).reshape(-1, len(UP_IF_GOOD))


# An outcome is a vote against or for an answer, beside the log-odds of the answer in steps of _WIDTH.
_FURTHEST, _WIDTH = 6.0, 0.25
_LOGS = _logs_of_outcomes()
