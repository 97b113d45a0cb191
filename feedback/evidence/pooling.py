"""Votes on equal answers to equal prompts, seen together: what is repeated is judged by all who got it."""

from dataclasses import dataclass

import numpy as np

from feedback.evidence.arrays import VoteArrays
from feedback.evidence.votes import ANONYMOUS, PUBLIC, STRONGEST


@dataclass(frozen=True)
class Pooled:
    """The votes on g different answers.

    Attributes
    ----------
    arrays : VoteArrays
        One voter at most once an answer.
    groups : ndarray of int, shape (n,)
        Which of them the answer of each event is.
    first : ndarray of int, shape (g,)
        The first event with each.
    """

    arrays: VoteArrays
    groups: np.ndarray
    first: np.ndarray


def pooled(arrays: VoteArrays, answers: np.ndarray) -> Pooled:
    """Return the votes on n events as votes on their different answers.

    Parameters
    ----------
    arrays : VoteArrays
        The votes on n events and their gold scores.
    answers : ndarray of int64, shape (n,)
        Equal for events with the same prompt and answer.

    Returns
    -------
    Pooled
        Answers in the order of their first event. A user's vote on an answer is the mean of the user's votes on its
        events, so asking again adds nothing. Voters without an identity add up to STRONGEST, strangers with public
        keys to 1.

    Examples
    --------
    >>> from feedback.evidence.arrays import vote_arrays
    >>> up, down = [[1.0], [1.0, 0.0], [0.0]], [[0.0], [0.0, 1.0], [1.0]]
    >>> found = pooled(vote_arrays([[7], [7, 8], [9]], up, down, [[1.0], [], []]), np.array([5, 5, 6]))
    >>> found.arrays.offsets.tolist(), found.arrays.voters.tolist(), found.arrays.weights.tolist()
    ([0, 2, 3], [7, 8, 9], [1.0, -1.0, -1.0])
    >>> found.groups.tolist(), found.arrays.gold_offsets.tolist()
    ([0, 0, 1], [0, 1, 1])
    """
    _, first, of_sorted = np.unique(answers, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    groups, first = rank[of_sorted], np.sort(first)
    offsets, voters, weights = _one_vote_each(groups[arrays.events], arrays.voters, arrays.weights, len(first))
    of_gold = groups[arrays.events_of_gold]
    gold = arrays.gold[np.argsort(of_gold, kind="stable")]
    gold_offsets = np.concatenate([[0], np.cumsum(np.bincount(of_gold, minlength=len(first)))])
    return Pooled(VoteArrays(offsets, voters, weights, gold_offsets, gold), groups, first)


def _one_vote_each(
    groups: np.ndarray, voters: np.ndarray, weights: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    order = np.lexsort((voters, groups))
    groups, voters, weights = groups[order], voters[order], weights[order]
    is_first = np.ones(len(groups), bool)
    is_first[1:] = (groups[1:] != groups[:-1]) | (voters[1:] != voters[:-1])
    starts = np.flatnonzero(is_first)
    if not len(starts):
        return np.zeros(count + 1, np.int64), voters, weights
    sums, sizes = np.add.reduceat(weights, starts), np.diff(np.append(starts, len(groups)))
    groups, voters = groups[starts], voters[starts]
    most = np.where(voters == PUBLIC, 1.0, STRONGEST)
    is_unknown = (voters == ANONYMOUS) | (voters == PUBLIC)
    merged = np.where(is_unknown, np.clip(sums, -most, most), sums / sizes)
    return np.concatenate([[0], np.cumsum(np.bincount(groups, minlength=count))]), voters, merged
