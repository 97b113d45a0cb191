"""Votes on equal answers, seen together."""

import numpy as np
import pytest

from feedback.evidence.arrays import VoteArrays, vote_arrays
from feedback.evidence.pooling import pooled
from feedback.evidence.votes import ANONYMOUS, PUBLIC


def one_voter(who, *weights):
    """One vote of this voter on each of several events with the same answer."""
    arrays = vote_arrays(
        [[who]] * len(weights), [[max(one, 0.0)] for one in weights], [[max(-one, 0.0)] for one in weights],
        [[]] * len(weights),
    )  # fmt: skip
    return pooled(arrays, np.zeros(len(weights), np.int64)).arrays


@pytest.mark.parametrize(
    ("who", "weights", "expected"),
    [
        (7, (1.0, 1.0, 1.0, 1.0), 1.0),
        (7, (1.0, -0.5), 0.25),
        (ANONYMOUS, (1.0, 1.0, 1.0), 2.0),
        (ANONYMOUS, (-1.0, 1.0, -0.5), -0.5),
        (PUBLIC, (-1.0, -1.0), -1.0),
    ],
)
def test_a_voter_is_heard_once_on_an_answer_however_often_it_was_given(who, weights, expected):
    found = one_voter(who, *weights)

    assert (found.voters.tolist(), found.weights.tolist()) == ([who], [expected])


def test_different_answers_are_what_single_events_were(rng):
    voters = np.concatenate([rng.permutation(50)[:4] + 10 for _ in range(30)])
    arrays = VoteArrays(np.arange(31) * 4, voters, rng.choice([-1.0, 1.0], 120), np.arange(31), rng.random(30))

    found = pooled(arrays, rng.permutation(30))

    order = np.lexsort((arrays.voters, arrays.events))
    assert found.arrays.voters.tolist() == arrays.voters[order].tolist()
    assert found.arrays.weights.tolist() == arrays.weights[order].tolist()
    assert found.arrays.gold.tolist() == arrays.gold.tolist()
    assert found.groups.tolist() == found.first.tolist() == list(range(30))


def test_votes_and_gold_scores_of_equal_answers_come_together():
    gold = [[1.0], [0.0], [0.5], []]
    arrays = vote_arrays([[7, 8], [9], [7], []], [[1.0, 1.0], [1.0], [0.0], []], [[0.0, 0.0], [0.0], [1.0], []], gold)

    found = pooled(arrays, np.array([3, 4, 3, 4]))

    assert (found.arrays.offsets.tolist(), found.arrays.voters.tolist()) == ([0, 2, 3], [7, 8, 9])
    assert found.arrays.weights.tolist() == [0.0, 1.0, 1.0]
    assert (found.arrays.gold_offsets.tolist(), found.arrays.gold.tolist()) == ([0, 2, 3], [1.0, 0.5, 0.0])


def test_no_votes_at_all_are_no_error():
    found = pooled(vote_arrays([[], []], [[], []], [[], []], [[], []]), np.array([1, 1]))

    assert (len(found.arrays), found.arrays.offsets.tolist()) == (1, [0, 0])
