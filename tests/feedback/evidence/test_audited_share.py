"""The share of good answers from audits, however unevenly users vote and audits are answered."""

import numpy as np
import pytest

from feedback.evidence.audited_share import audited_share
from feedback.evidence.audits import is_audited

EVENTS, RATE, DRAWS = 20_000, 0.02, 60
NONE, UP, DOWN = 0, 1, 2


def traffic(rng, *, satisfied=0.839, wrong_votes=0.0):
    """Whether each answer is good, and what its user says; unhappy users vote three times as often."""
    good = rng.random(EVENTS) < satisfied
    likes = good ^ (rng.random(EVENTS) < wrong_votes)
    voted = rng.random(EVENTS) < np.where(likes, 0.08, 0.24)
    return good, np.where(voted, np.where(likes, UP, DOWN), NONE)


def audited(rng, good, said, answered):
    """The share by audits, of which a share is answered by what users say; and the mean of the answers."""
    chosen = rng.random(EVENTS) < RATE
    is_answered = rng.random(EVENTS) < np.take(answered, said)
    gold = np.where(is_answered, good, np.nan)[chosen]
    strata = [(int(state),) for state in said[chosen]]
    return audited_share(gold, np.full(len(gold), RATE), strata), float(np.nanmean(gold))


@pytest.mark.parametrize("wrong_votes", [0.0, 0.2])
@pytest.mark.parametrize("answered", [(1.0, 1.0, 1.0), (0.25, 0.5, 0.75)], ids=["all answered", "complaints first"])
def test_the_share_is_that_of_all_events_though_unhappy_users_vote_more(rng, wrong_votes, answered):
    errors, covered, votes, plain = [], 0, [], []
    for _ in range(DRAWS):
        good, said = traffic(rng, wrong_votes=wrong_votes)
        share, mean = audited(rng, good, said, answered)
        errors.append(share.mean - good.mean())
        covered += share.low <= good.mean() <= share.high
        votes.append(np.mean(said[said != NONE] == UP) - good.mean())
        plain.append(mean - good.mean())

    assert np.mean(votes) < -0.19
    assert abs(np.mean(errors)) < 0.012
    assert np.sqrt(np.mean(np.square(errors))) < (0.025 if answered[0] == 1 else 0.045)
    assert covered / DRAWS >= 0.88
    if answered[0] < 1:
        assert np.mean(plain) < -0.02


def test_audits_of_a_lower_rate_stand_for_more_events():
    gold = np.array([1.0] * 20 + [0.0] * 20)

    share = audited_share(gold, np.repeat([0.01, 0.04], 20), [()] * 40)

    assert share.mean == pytest.approx(0.8)
    assert share.effective == pytest.approx(40 * 25 / 34)


def test_a_stratum_without_answers_joins_the_one_that_is_most_like_it():
    gold = np.array([1.0] * 20 + [0.0] * 20 + [np.nan] * 40)
    strata = [("up", True)] * 20 + [("none", None)] * 20 + [("up", False)] * 20 + [("mixed", None)] * 20

    share = audited_share(gold, np.full(80, 0.1), strata)

    # The first 20 stand for 40, the second 20 for 20, and both for the last 20 in this proportion.
    assert share.mean == pytest.approx((40 + 40 / 3) / 80)


@pytest.mark.parametrize("answers", [0, 19])
def test_below_20_answers_there_is_no_share(answers):
    gold = np.array([1.0] * answers + [np.nan] * 30)

    assert audited_share(gold, np.full(len(gold), 0.1), [()] * len(gold)) is None


def test_the_share_of_audited_events_is_the_rate_and_depends_on_the_salt():
    ids = [str(number) for number in range(50_000)]

    chosen = {salt: {one for one in ids if is_audited(one, salt=salt, rate=0.02)} for salt in ("a", "b")}

    assert [len(some) for some in chosen.values()] == pytest.approx([1_000, 1_000], abs=100)
    assert len(chosen["a"] & chosen["b"]) < 50
    assert all(is_audited(one, salt="a", rate=0.05) for one in chosen["a"])
