import numpy as np
import pytest

from feedback.choices import FeedbackState
from feedback.evidence.votes import ANONYMOUS, PUBLIC, EventVotes, collect, collect_each, hash_of_user, voter_of
from feedback.evidence.weights import Vote

UP, DOWN, HALF = Vote(1.0, 0.0), Vote(0.0, 1.0), Vote(0.5, 0.5)


@pytest.mark.parametrize(
    ("user", "is_public", "voter"),
    [
        ("asker", True, hash_of_user("asker")),
        ("stranger", True, PUBLIC),
        ("", True, PUBLIC),
        ("stranger", False, hash_of_user("stranger")),
        ("", False, ANONYMOUS),
    ],
)
def test_strangers_with_a_public_key_are_one_voter(user, is_public, voter):
    assert voter_of(user, event_user_hash="asker", through_public_key=is_public) == voter


@pytest.mark.parametrize(
    ("votes", "state"),
    [
        ([], FeedbackState.NONE),
        ([UP, UP], FeedbackState.GOOD),
        ([DOWN], FeedbackState.BAD),
        ([UP, DOWN], FeedbackState.MIXED),
        ([HALF], FeedbackState.MIXED),
        ([Vote(0.0, 0.0)], FeedbackState.NONE),
    ],
)
def test_the_state_is_what_the_signals_say(votes, state):
    assert collect(enumerate(votes, start=2)).state == state


def test_contradictory_evidence_adds_up():
    votes = collect([(7, UP), (8, UP), (9, DOWN)])

    assert (votes.up, votes.down) == (2.0, 1.0)


def test_many_signals_of_one_user_weigh_two_at_most_and_are_one_user():
    votes = collect([(7, UP)] * 50)

    assert votes == EventVotes((7,), (2.0,), (0.0,), FeedbackState.GOOD)
    assert (votes.up, votes.down) == (1.0, 0.0)


def test_all_strangers_together_weigh_like_one_user():
    votes = collect([(PUBLIC, DOWN)] * 3 + [(PUBLIC, UP)])

    assert votes == EventVotes((PUBLIC,), (0.25,), (0.75,), FeedbackState.MIXED)


def test_many_events_at_once_have_the_votes_of_each_alone(rng):
    said = [UP, DOWN, HALF, Vote(0.0, 0.25), Vote(0.0, 0.0)]
    events, voters, kinds = rng.integers(0, 40, 600), rng.integers(0, 6, 600), rng.integers(0, len(said), 600)
    events[events == 7] = 8
    votes = [said[kind] for kind in kinds]

    found = collect_each(events, voters, *np.array(votes).T, count=41)

    alone = [[(voters[at], votes[at]) for at in np.flatnonzero(events == event)] for event in range(41)]
    assert found == [collect(one) for one in alone]
    assert (found[7], found[40]) == (EventVotes(), EventVotes())


def test_no_signals_are_no_votes():
    nothing = np.empty(0)

    assert collect_each(nothing.astype(int), nothing.astype(int), nothing, nothing, count=2) == [EventVotes()] * 2
