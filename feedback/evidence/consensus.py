"""What the votes of a deployment say together: how often users are right, and how often each version is."""

from dataclasses import dataclass

import numpy as np

from feedback.evidence.arrays import VoteArrays
from feedback.evidence.posterior import GOLD_RELIABILITY, logit

# Votes that every fit begins with, half on good and half on bad answers, right as often as DEFAULT_RELIABILITY.
PRIOR_VOTES = 20.0
DEFAULT_RELIABILITY = 0.75
# A version's rate begins with this many events at the rate of the deployment.
SHRINKAGE = 2.0
_ROUNDS, _TOLERANCE = 500, 1e-6
_STEPS = 1000.0


@dataclass(frozen=True)
class Consensus:
    """How users vote on good and on bad answers, and the rate of good answers of each version.

    Attributes
    ----------
    up_if_good, up_if_bad : float
        The probability of a vote for a good and for a bad answer.
    rate : float
        The share of good answers of the deployment.
    rates : ndarray of float, shape (versions,)
        Of each version, shrunk to that of the deployment.
    events : ndarray of float, shape (versions,)
        How many events each rate comes from.
    """

    up_if_good: float
    up_if_bad: float
    rate: float
    rates: np.ndarray
    events: np.ndarray

    @property
    def informedness(self) -> float:
        """How much likelier a vote for the answer is if it is good: 0 for users who know nothing, 1 at most."""
        return max(0.0, self.up_if_good - self.up_if_bad)

    @property
    def step_up(self) -> float:
        """What a vote for the answer adds to its log-odds."""
        return float(np.log(self.up_if_good / self.up_if_bad))

    @property
    def step_down(self) -> float:
        """What a vote against the answer adds to its log-odds."""
        return float(np.log((1 - self.up_if_good) / (1 - self.up_if_bad)))


def consensus(arrays: VoteArrays, versions: np.ndarray, shares: np.ndarray, *, count: int) -> Consensus:
    """Return the most plausible rates of versions and of right votes, all users taken alike.

    Parameters
    ----------
    arrays : VoteArrays
        The votes on n events and their gold scores.
    versions : ndarray of int, shape (n,)
        The version of each event, from 0 to `count` - 1.
    shares : ndarray of float, shape (m,)
        The share of each vote that counts, 0 to 1.
    count : int
        How many versions there are.

    Returns
    -------
    Consensus
        Never one in which votes for an answer speak against it.

    Notes
    -----
    Expectation-maximisation of a mixture of good and bad answers, from votes that are right as often as
    DEFAULT_RELIABILITY. Votes for good and for bad answers have a probability each, so users who always vote alike add
    nothing to `informedness`: agreement is corrected for chance.

    References
    ----------
    Dawid and Skene (1979), J. R. Stat. Soc. C 28(1), 20-28.

    Examples
    --------
    >>> from feedback.evidence.arrays import vote_arrays
    >>> up, down = [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]
    >>> arrays = vote_arrays([[7, 8, 9]] * 100, [up] * 70 + [down] * 30, [down] * 70 + [up] * 30, [[]] * 100)
    >>> found = consensus(arrays, np.zeros(100, int), np.ones(300), count=1)
    >>> round(found.rate, 3), round(found.informedness, 3)
    (0.696, 0.964)
    """
    cells = _cells(arrays, versions, shares)
    good = bad = DEFAULT_RELIABILITY
    found = Consensus(good, 1 - bad, 0.5, np.full(count, 0.5), np.zeros(count))
    for _ in range(_ROUNDS):
        following = _improved(found, cells, count)
        change = max(
            abs(following.up_if_good - found.up_if_good),
            abs(following.up_if_bad - found.up_if_bad),
            float(np.abs(following.rates - found.rates).max(initial=0.0)),
        )
        found = following
        if change < _TOLERANCE:
            break
    return found


@dataclass(frozen=True)
class _Cells:
    """Events with the same version and the same sums of votes, and what all of them weigh."""

    versions: np.ndarray
    ups: np.ndarray
    downs: np.ndarray
    gold: np.ndarray
    events: np.ndarray
    counted_up: np.ndarray
    counted: np.ndarray


def _cells(arrays: VoteArrays, versions: np.ndarray, shares: np.ndarray) -> _Cells:
    n, events, weights = len(arrays), arrays.events, arrays.weights
    up, down = np.maximum(weights, 0.0), np.maximum(-weights, 0.0)
    sums = [np.bincount(events, up, n), np.bincount(events, down, n), gold_log_odds(arrays)]
    key = versions.astype(np.int64)
    for one in sums:
        steps = np.rint(one * _STEPS).astype(np.int64)
        steps -= steps.min(initial=0)
        key = np.unique(key, return_inverse=True)[1] * (int(steps.max(initial=0)) + 1) + steps
    _, first, cell = np.unique(key, return_index=True, return_inverse=True)
    size = len(first)
    return _Cells(
        versions[first],
        sums[0][first],
        sums[1][first],
        sums[2][first],
        events=np.bincount(cell, _event_weights(arrays, shares), size),
        counted_up=np.bincount(cell[events], shares * up, size),
        counted=np.bincount(cell[events], shares * (up + down), size),
    )


def gold_log_odds(arrays: VoteArrays) -> np.ndarray:
    """Return what gold scores add to the log-odds of each event.

    Parameters
    ----------
    arrays : VoteArrays
        The votes on n events and their gold scores.

    Returns
    -------
    ndarray of float, shape (n,)
        0 for an event without a gold score.

    Examples
    --------
    >>> from feedback.evidence.arrays import vote_arrays
    >>> gold_log_odds(vote_arrays([[], []], [[], []], [[], []], [[1.0], []])).round(3)
    array([2.944, 0.   ])
    """
    weights = (2 * arrays.gold - 1) * logit(GOLD_RELIABILITY)
    return np.bincount(arrays.events_of_gold, weights, len(arrays))


def _event_weights(arrays: VoteArrays, shares: np.ndarray) -> np.ndarray:
    """How much each event counts for the rate of its version: as its votes do on average, 1 with a gold score."""
    n = len(arrays)
    sizes = np.diff(arrays.offsets)
    average = np.bincount(arrays.events, shares, n) / np.maximum(sizes, 1)
    return np.where(np.diff(arrays.gold_offsets) > 0, 1.0, average)


def _improved(found: Consensus, cells: _Cells, count: int) -> Consensus:
    log_odds = logit(found.rates)[cells.versions] + cells.gold
    log_odds += cells.ups * found.step_up + cells.downs * found.step_down
    good = 1 / (1 + np.exp(-log_odds))
    pseudo_up = PRIOR_VOTES / 2 * DEFAULT_RELIABILITY
    pseudo_down = PRIOR_VOTES / 2 - pseudo_up
    if_good = (good @ cells.counted_up + pseudo_up) / (good @ cells.counted + PRIOR_VOTES / 2)
    if_bad = ((1 - good) @ cells.counted_up + pseudo_down) / ((1 - good) @ cells.counted + PRIOR_VOTES / 2)
    if if_bad > if_good:
        if_good = if_bad = (if_good + if_bad) / 2
    events = np.bincount(cells.versions, cells.events, count)
    sums = np.bincount(cells.versions, cells.events * good, count)
    rate = (sums.sum() + SHRINKAGE / 2) / (events.sum() + SHRINKAGE)
    rates = (sums + SHRINKAGE * rate) / (events + SHRINKAGE)
    return Consensus(float(if_good), float(if_bad), float(rate), rates, events)
