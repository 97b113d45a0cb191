"""How often each user's votes are right, as far as other users and gold scores can tell."""

from dataclasses import dataclass

import numpy as np

from feedback.evidence.arrays import VoteArrays
from feedback.evidence.votes import ANONYMOUS, PUBLIC

LOWEST, LOWEST_BY_GOLD, HIGHEST = 0.5, 0.05, 0.95
# A user has a reliability of their own from this many votes on that others or gold scores can judge.
FEWEST_VOTES = 5


@dataclass(frozen=True)
class Reliabilities:
    """Users with a reliability of their own, in ascending order of their hash.

    Attributes
    ----------
    voters : ndarray of int64, shape (u,)
        The users.
    values : ndarray of float, shape (u,)
        How often they are right: 0.5 to 0.95, less only by gold scores.
    votes, gold_votes : ndarray of int, shape (u,)
        How many of their votes others or gold scores judge, and how many gold scores alone.
    """

    voters: np.ndarray
    values: np.ndarray
    votes: np.ndarray
    gold_votes: np.ndarray


@dataclass(frozen=True)
class Judged:
    """Votes beside what the rest of the evidence says of the answer.

    Attributes
    ----------
    users : ndarray of int, shape (m,)
        Whose vote, as a position in an ascending array of voters.
    votes : ndarray of float, shape (m,)
        From -1 to 1; what is beyond counts as that.
    surprises : ndarray of float, shape (m,)
        How much better than usual for its version the answer is without this vote, from -2 to 2.
    by_gold : ndarray of float, shape (m,)
        The same by gold scores alone; 0 without one.
    """

    users: np.ndarray
    votes: np.ndarray
    surprises: np.ndarray
    by_gold: np.ndarray


def look_up(voters: np.ndarray, known: np.ndarray, values: np.ndarray, *, default: float) -> np.ndarray:
    """Return the reliability of each voter.

    Parameters
    ----------
    voters : ndarray of int64
        Whose; a voter may be there several times.
    known : ndarray of int64, shape (u,)
        Users with a reliability of their own, in ascending order.
    values : ndarray of float, shape (u,)
        Theirs.
    default : float
        That of all others.

    Returns
    -------
    ndarray of float
        In the shape of `voters`.

    Examples
    --------
    >>> look_up(np.array([9, 0, 7]), np.array([7, 9]), np.array([0.6, 0.9]), default=0.75)
    array([0.9 , 0.75, 0.6 ])
    """
    if not len(known):
        return np.full(len(voters), default)
    position = np.minimum(np.searchsorted(known, voters), len(known) - 1)
    return np.where(known[position] == voters, values[position], default)


def reliabilities(arrays: VoteArrays, judged: Judged, *, informedness: float, variance: float) -> Reliabilities:
    """Return the reliability of each user with enough votes that others or gold scores judge.

    Parameters
    ----------
    arrays : VoteArrays
        The votes on n events and their gold scores.
    judged : Judged
        The same votes, beside what the rest of the evidence says.
    informedness : float
        That of the deployment's users, 0 to 1; a user's is shrunk to it.
    variance : float
        Of the informedness of users, above 0.

    Returns
    -------
    Reliabilities
        Without voters who have no identity.

    Notes
    -----
    A user's informedness 2r - 1 is the slope of their votes on what the rest says, so one who votes alike on every
    answer has none. It is shrunk as if the deployment's had been seen in votes worth (1 - informedness²) / variance.

    References
    ----------
    Swamy (1970), Econometrica 38(2), 311-323.

    Examples
    --------
    >>> from feedback.evidence.arrays import vote_arrays
    >>> arrays = vote_arrays([[7, 8]] * 6, [[1.0, 0.0]] * 6, [[0.0, 1.0]] * 6, [[1.0], [0.0]] * 3)
    >>> surprises = np.repeat([0.9, -0.9] * 3, 2)
    >>> judged = Judged(np.array([0, 1] * 6), arrays.weights, surprises, surprises)
    >>> found = reliabilities(arrays, judged, informedness=0.5, variance=0.05)
    >>> found.voters, found.values.round(3), found.gold_votes
    (array([7, 8]), array([0.689, 0.689]), array([6, 6]))
    """
    voters = np.unique(arrays.voters)
    count = len(voters)
    strength = (1 - informedness**2) / variance
    is_overlapping = (np.diff(arrays.offsets) > 1)[arrays.events]
    has_gold = (np.diff(arrays.gold_offsets) > 0)[arrays.events]
    votes = np.bincount(judged.users[is_overlapping | has_gold], minlength=count)
    gold_votes = np.bincount(judged.users[has_gold], minlength=count)
    all_slopes = _slopes(judged.users, judged.votes, judged.surprises, count, informedness, strength)
    gold_slopes = _slopes(judged.users, judged.votes, judged.by_gold, count, informedness, strength)
    values = np.clip((1 + all_slopes) / 2, LOWEST, HIGHEST)
    by_gold = np.clip((1 + gold_slopes) / 2, LOWEST_BY_GOLD, HIGHEST)
    values = np.where((gold_votes >= FEWEST_VOTES) & (by_gold < LOWEST), by_gold, values)
    has_own = (votes >= FEWEST_VOTES) & (voters != ANONYMOUS) & (voters != PUBLIC)
    return Reliabilities(voters[has_own], values[has_own], votes[has_own], gold_votes[has_own])


def _slopes(
    users: np.ndarray, votes: np.ndarray, surprises: np.ndarray, count: int, informedness: float, strength: float
) -> np.ndarray:
    """The slope of each user's votes on the surprises, through their means, shrunk to the informedness."""
    seen = surprises != 0
    users, votes, surprises = users[seen], votes[seen], surprises[seen]
    numbers = np.maximum(np.bincount(users, minlength=count), 1)
    shift = np.bincount(users, surprises, count) / numbers
    products = np.bincount(users, votes * surprises, count) - np.bincount(users, votes, count) * shift
    squares = np.bincount(users, surprises**2, count) - numbers * shift**2
    return (products + strength * informedness) / (squares + strength)
