import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.selecting.pivots import pivotal_votes
from feedback.choices import Agreement
from feedback.evidence.arrays import vote_arrays
from feedback.evidence.posterior import logit, p_good

GATE = 0.9
VOTES = st.lists(
    st.tuples(st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0, 2.0]), st.sampled_from([0.4, 0.5, 0.7, 0.8, 0.95])),
    max_size=5,
)
EVENTS = st.lists(st.tuples(VOTES, st.lists(st.sampled_from([0.0, 1.0]), max_size=1)), max_size=6)


def _arrays(events):
    ups = [[max(weight, 0) for weight, _ in votes] for votes, _ in events]
    downs = [[max(-weight, 0) for weight, _ in votes] for votes, _ in events]
    voters = [list(range(2, 2 + len(votes))) for votes, _ in events]
    return vote_arrays(voters, ups, downs, [gold for _, gold in events])


def _p_good(events, agreement):
    reliabilities = np.array([right for votes, _ in events for _, right in votes])
    return p_good(_arrays(events), np.full(len(events), logit(0.7)), reliabilities, agreement=agreement)


@settings(deadline=None)
@given(events=EVENTS, agreement=st.sampled_from([Agreement.ENOUGH, Agreement.NOT_ENOUGH]))
def test_a_vote_is_pivotal_if_the_event_fails_without_it(events, agreement):
    reliabilities = np.array([right for votes, _ in events for _, right in votes])
    found_p = _p_good(events, agreement)

    found = pivotal_votes(_arrays(events), reliabilities, found_p, gate=GATE)

    expected = []
    for (votes, gold), whole in zip(events, found_p, strict=True):
        for left_out in range(len(votes)):
            (without,) = _p_good([(votes[:left_out] + votes[left_out + 1 :], gold)], agreement)
            expected.append(bool(whole >= GATE and not without >= GATE))
    assert found.tolist() == expected


def test_certainty_needs_no_one_in_particular():
    arrays = _arrays([([(2.0, 0.95)] * 20, [])])

    assert not pivotal_votes(arrays, np.full(20, 0.95), np.array([1.0]), gate=GATE).any()
