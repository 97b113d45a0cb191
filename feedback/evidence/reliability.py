"""How often each user's votes are right, as far as other users and gold scores can tell."""

from dataclasses import dataclass

import numpy as np

from feedback.evidence.camps import Judged, informedness_of_users

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


def reliabilities(voters: np.ndarray, judged: Judged, by_gold: Judged, shares: np.ndarray) -> Reliabilities:
    """Return the reliability of each user with enough votes that others or gold scores judge.

    Parameters
    ----------
    voters : ndarray of int64, shape (u,)
        Users in ascending order: those whose votes have the numbers 0 to u - 1.
    judged, by_gold : Judged
        Their votes beside what the rest of the evidence says, and beside what gold scores alone say.
    shares : ndarray of float
        The share of users of each kind.

    Returns
    -------
    Reliabilities
        Of those with at least FEWEST_VOTES votes.

    Notes
    -----
    A user's informedness 2r - 1 is the mean of that of the kinds of users, each as probable as their votes make it. The
    fewer votes, the closer it is to that of the deployment; one who votes alike on every answer has none.

    Examples
    --------
    >>> votes = np.tile([1.0, 1, 1, -1, -1, -1], 2) * np.repeat([1, -1], 6)
    >>> judged = Judged(np.repeat([0, 1], 6), votes, np.tile([2.2, 2.2, 2.2, -2.2, -2.2, -2.2], 2), 2)
    >>> shares = np.full(49, 1 / 49)
    >>> reliabilities(np.array([7, 8]), judged, judged.where(judged.users < 0), shares).values.round(2)
    array([0.8, 0.5])
    >>> reliabilities(np.array([7, 8]), judged, judged, shares).values.round(2)
    array([0.8, 0.2])
    """
    votes, gold_votes = judged.numbers, by_gold.numbers
    values = np.clip((1 + informedness_of_users(judged, shares)) / 2, LOWEST, HIGHEST)
    values_by_gold = np.clip((1 + informedness_of_users(by_gold, shares)) / 2, LOWEST_BY_GOLD, HIGHEST)
    values = np.where((gold_votes >= FEWEST_VOTES) & (values_by_gold < LOWEST), values_by_gold, values)
    has_own = votes >= FEWEST_VOTES
    return Reliabilities(voters[has_own], values[has_own], votes[has_own], gold_votes[has_own])
