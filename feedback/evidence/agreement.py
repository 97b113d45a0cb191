"""Whether the users of a deployment agree enough for their votes to tell good answers from bad ones."""

from dataclasses import dataclass

import numpy as np

from feedback.choices import Agreement
from feedback.evidence.arrays import VoteArrays
from feedback.evidence.camps import LARGEST_OPPOSITION, Kinds
from feedback.evidence.consensus import Consensus
from feedback.evidence.votes import ANONYMOUS, PUBLIC

# A hostile majority of 60 % that knows all answers looks like users who are right in 60 % of their votes.
LEAST_INFORMEDNESS = 0.2
# As long as users vote too seldom for camps to show, even of users who are right in four votes of five.
LEAST_UNSEEN = 0.4
# Gold scores decide from so many scored events with votes on.
FEWEST_GOLD = 15
# One-sided 99.5 % of the normal distribution.
_QUANTILE = 2.576


@dataclass(frozen=True)
class Estimate:
    """A value with its standard error."""

    value: float
    error: float

    @property
    def low(self) -> float:
        return self.value - _QUANTILE * self.error

    @property
    def high(self) -> float:
        return self.value + _QUANTILE * self.error


def agreement_among_users(
    arrays: VoteArrays, versions: np.ndarray, shares: np.ndarray, found: Consensus, kinds: Kinds
) -> Agreement:
    """Return whether users agree so much that most of them must be right, unless most of them are hostile.

    Parameters
    ----------
    arrays : VoteArrays
        The votes on n events and their gold scores.
    versions : ndarray of int, shape (n,)
        The version of each event.
    shares : ndarray of float, shape (m,)
        The share of each vote that counts, 0 to 1.
    found : Consensus
        What all users say together.
    kinds : Kinds
        How users differ.

    Returns
    -------
    Agreement
        ENOUGH or NOT_ENOUGH.

    Notes
    -----
    There must not be LARGEST_OPPOSITION opposed users, and informedness must surely be above LEAST_INFORMEDNESS, or
    above LEAST_UNSEEN if so many opposed users cannot be excluded.

    Examples
    --------
    >>> from feedback.evidence.arrays import vote_arrays
    >>> from feedback.evidence.camps import UP_IF_GOOD
    >>> from feedback.evidence.consensus import consensus
    >>> alike = Kinds(np.zeros(len(UP_IF_GOOD)), 10.0)
    >>> up, down = [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]
    >>> arrays = vote_arrays([[7, 8, 9]] * 100, [up] * 70 + [down] * 30, [down] * 70 + [up] * 30, [[]] * 100)
    >>> found = consensus(arrays, np.zeros(100, int), np.ones(300), count=1)
    >>> agreement_among_users(arrays, np.zeros(100, int), np.ones(300), found, alike).value
    'enough'
    """
    least = LEAST_INFORMEDNESS if kinds.against_camps > _QUANTILE**2 else LEAST_UNSEEN
    is_informed = informedness_among_users(arrays, versions, shares, found).low > least
    return Agreement.ENOUGH if is_informed and kinds.opposed <= LARGEST_OPPOSITION else Agreement.NOT_ENOUGH


def informedness_by_gold(arrays: VoteArrays, shares: np.ndarray) -> Estimate | None:
    """Return how much likelier votes for an answer are if its gold scores are high.

    Parameters
    ----------
    arrays : VoteArrays
        The votes on n events and their gold scores.
    shares : ndarray of float, shape (m,)
        The share of each vote that counts, 0 to 1.

    Returns
    -------
    Estimate or None
        -1 to 1; None with fewer than FEWEST_GOLD scored events with votes on, or if all scores are alike.

    Notes
    -----
    The slope of votes on gold scores, with a standard error that is robust to correlated votes of one user and on one
    event, whichever is larger.

    References
    ----------
    Liang and Zeger (1986), Biometrika 73(1), 13-22.

    Examples
    --------
    >>> from feedback.evidence.arrays import vote_arrays
    >>> votes = [[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]] * 20
    >>> others = [[0.0, 0.0, 1.0], [1.0, 1.0, 0.0]] * 20
    >>> arrays = vote_arrays([[7, 8, 9]] * 40, votes, others, [[1.0], [0.0]] * 20)
    >>> found = informedness_by_gold(arrays, np.ones(120))
    >>> round(found.value, 2), round(found.error, 2)
    (0.33, 0.54)
    """
    number = np.diff(arrays.gold_offsets)
    mean = np.bincount(arrays.events_of_gold, arrays.gold, len(arrays)) / np.maximum(number, 1)
    events = arrays.events
    is_scored = (number > 0)[events]
    if len(np.unique(events[is_scored])) < FEWEST_GOLD:
        return None
    events, voters, shares = events[is_scored], arrays.voters[is_scored], shares[is_scored]
    votes, scores = np.clip(arrays.weights[is_scored], -1.0, 1.0), 2 * mean[events] - 1
    total = shares.sum()
    scores = scores - shares @ scores / total
    spread = shares @ scores**2
    if spread <= 0:
        return None
    votes = votes - shares @ votes / total
    slope = shares @ (votes * scores) / spread
    moves = shares * scores * (votes - slope * scores)
    squares = max(float(np.sum(np.bincount(group, moves) ** 2)) for group in (events, _persons(voters)))
    return Estimate(float(slope), squares**0.5 / float(spread))


def informedness_among_users(
    arrays: VoteArrays, versions: np.ndarray, shares: np.ndarray, found: Consensus
) -> Estimate:
    """Return how much likelier votes for good answers are, from the agreement of users beyond chance.

    Parameters
    ----------
    arrays : VoteArrays
        The votes on n events and their gold scores.
    versions : ndarray of int, shape (n,)
        The version of each event.
    shares : ndarray of float, shape (m,)
        The share of each vote that counts, 0 to 1.
    found : Consensus
        What all users say together.

    Returns
    -------
    Estimate
        0 to 1; the error is infinite without agreement. It cannot tell whether most users are right or wrong.

    Notes
    -----
    Two votes on one answer, each less the mean of its version, have a mean product of 4 rate (1 - rate) informedness².
    The error of this mean is robust to correlated pairs of one user and on one event, whichever is larger.

    References
    ----------
    Fleiss (1971), Psychological Bulletin 76(5), 378-382, on agreement beyond chance.

    Examples
    --------
    >>> from feedback.evidence.arrays import vote_arrays
    >>> from feedback.evidence.consensus import consensus
    >>> up, down = [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]
    >>> arrays = vote_arrays([[7, 8, 9]] * 100, [up] * 70 + [down] * 30, [down] * 70 + [up] * 30, [[]] * 100)
    >>> found = consensus(arrays, np.zeros(100, int), np.ones(300), count=1)
    >>> found = informedness_among_users(arrays, np.zeros(100, int), np.ones(300), found)
    >>> round(found.value, 3), round(found.error, 3)
    (1.0, 0.044)
    """
    events, votes, n = arrays.events, np.clip(arrays.weights, -1.0, 1.0), len(arrays)
    of_votes = versions[events]
    size = np.bincount(of_votes, shares)
    means = np.bincount(of_votes, shares * votes) / np.where(size > 0, size, 1.0)
    votes = shares * (votes - means[of_votes])
    others = np.bincount(events, votes, n)[events] - votes
    pairs = np.bincount(events, shares, n)[events] * shares - shares**2
    if pairs.sum() <= 0:
        return Estimate(0.0, float("inf"))
    products = votes * others
    mean = products.sum() / pairs.sum()
    moves = products - mean * pairs
    variance = max(
        float(np.sum(np.bincount(events, moves) ** 2)),
        4 * float(np.sum(np.bincount(_persons(arrays.voters), moves) ** 2)),
    )
    spread = 4 * float(np.mean((found.rates * (1 - found.rates))[versions]))
    informedness = min(1.0, (max(float(mean), 0.0) / spread) ** 0.5)
    error = variance**0.5 / float(pairs.sum()) / (2 * informedness * spread) if informedness > 0 else float("inf")
    return Estimate(informedness, error)


def _persons(voters: np.ndarray) -> np.ndarray:
    """A number for the user of each vote; votes without an identity are of a user each."""
    numbers = np.unique(voters, return_inverse=True)[1]
    is_unknown = (voters == ANONYMOUS) | (voters == PUBLIC)
    return np.where(is_unknown, len(voters) + np.arange(len(voters)), numbers)
