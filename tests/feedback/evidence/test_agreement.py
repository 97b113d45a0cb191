"""Votes that cannot tell a hostile majority from an honest one are not enough, and gold scores decide."""

import dataclasses

import numpy as np
import pytest

from feedback.choices import Agreement
from feedback.evidence.fitting import fit
from feedback.evidence.posterior import p_good
from tests.feedback.evidence.crowds import crowd

USERS = 300


def shares(*parts):
    """How often each user is right: (share of users, how often) each."""
    return [right for share, right in parts for _ in range(round(share * USERS))]


def agreement(right, seed, **fields):
    made = crowd(np.random.default_rng(seed), right, events=1500, rates=(0.2, 0.5, 0.8), **fields)
    return fit(made.arrays, made.versions, count=3).agreement


def mean_scores(made, found):
    """The mean probability of good and of bad answers without a gold score."""
    probabilities = p_good(
        made.arrays,
        found.log_odds_of(made.versions),
        found.reliabilities_of(made.arrays.voters),
        agreement=found.agreement,
    )
    is_seen = np.diff(made.arrays.gold_offsets) == 0
    return tuple(probabilities[is_seen & (made.is_good == good)].mean() for good in (True, False))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("gold", [0, 200])
@pytest.mark.parametrize(
    "right",
    [
        shares((1.0, 0.4)),
        shares((0.6, 0.2), (0.4, 0.8)),
        shares((0.6, 0.0), (0.4, 0.8)),
        shares((0.5, 0.0), (0.5, 0.8)),
        shares((1.0, 0.5)),
    ],
    ids=["all wrong in 60 %", "60 % mirrored", "60 % always wrong", "half always wrong", "random"],
)
def test_a_hostile_majority_of_60_percent_is_not_enough_unless_gold_scores_show_who_is_right(right, gold, seed):
    made = crowd(np.random.default_rng(seed), right, events=1500, rates=(0.2, 0.5, 0.8), gold=gold)

    found = fit(made.arrays, made.versions, count=3)

    if found.agreement == Agreement.ENOUGH:
        good, bad = mean_scores(made, found)
        assert gold == 200
        assert good - bad > 0.25


def test_votes_of_known_users_are_enough_though_half_of_them_are_always_wrong():
    right = shares((0.5, 0.0), (0.5, 0.8))
    assert [agreement(right, 1, gold=gold) for gold in (0, 200)] == [Agreement.NOT_ENOUGH, Agreement.ENOUGH]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("right", [shares((1.0, 0.2)), shares((0.8, 0.2), (0.2, 0.8)), shares((0.8, 0.0), (0.2, 0.8))])
def test_a_hostile_majority_of_80_percent_is_found_by_gold_scores(right, seed):
    assert agreement(right, seed, gold=200) == Agreement.NOT_ENOUGH


def test_votes_alone_cannot_tell_a_hostile_majority_of_80_percent_from_an_honest_one():
    assert agreement(shares((1.0, 0.2)), 1) == agreement(shares((1.0, 0.8)), 1) == Agreement.ENOUGH


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("votes", [3, 10])
@pytest.mark.parametrize(
    "right",
    [shares((1.0, 0.8)), shares((0.8, 0.8), (0.2, "up")), shares((0.65, 0.8), (0.35, "down"))],
    ids=["honest", "a fifth always up", "a third always down"],
)
def test_an_honest_majority_is_enough(right, votes, seed):
    assert agreement(right, seed, votes=votes) == Agreement.ENOUGH


@pytest.mark.parametrize(("right", "expected"), [(0.8, Agreement.ENOUGH), (0.64, Agreement.NOT_ENOUGH)])
def test_users_who_vote_once_each_are_enough_if_they_agree_well(rng, right, expected):
    made = crowd(rng, shares((1.0, right)), events=8000)
    once = dataclasses.replace(made.arrays, voters=np.arange(len(made.arrays.voters)) + 10)

    assert fit(made.arrays, made.versions, count=2).agreement == Agreement.ENOUGH
    assert fit(once, made.versions, count=2).agreement == expected


def test_weak_users_are_enough_once_gold_scores_confirm_them():
    assert [agreement(shares((1.0, 0.6)), 1, gold=gold) for gold in (0, 200)] == [
        Agreement.NOT_ENOUGH,
        Agreement.ENOUGH,
    ]


def test_few_gold_scores_do_not_decide():
    assert [agreement(shares((1.0, 0.2)), 1, gold=gold) for gold in (1, 20)] == [
        Agreement.ENOUGH,
        Agreement.NOT_ENOUGH,
    ]


def test_users_who_vote_against_all_others_do_not_count(rng):
    made = crowd(rng, shares((0.85, 0.8), (0.15, 0.0)), rates=(0.2, 0.8), events=2000)

    found = fit(made.arrays, made.versions, count=2)

    values = found.reliabilities_of(np.arange(USERS) + 10)
    assert values[-45:].max() == 0.5
    assert values[:-45].mean() == pytest.approx(0.8, abs=0.02)
    good, bad = mean_scores(made, found)
    assert good > 0.85
    assert bad < 0.15


def test_users_whom_gold_scores_contradict_count_against_what_they_say(rng):
    made = crowd(rng, shares((0.85, 0.8), (0.15, 0.0)), rates=(0.2, 0.8), events=2000, gold=400)

    found = fit(made.arrays, made.versions, count=2)

    known = found.users_known
    is_contradicted = known.values < 0.5
    assert set(known.voters[is_contradicted]) <= set(range(10 + 255, 10 + 300))
    assert np.count_nonzero(is_contradicted) > 30
    assert known.gold_votes[is_contradicted].min() >= 5
