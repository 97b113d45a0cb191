import dataclasses

import numpy as np
import pytest

from feedback.choices import Agreement
from feedback.evidence.fitting import fit
from tests.feedback.evidence.crowds import crowd


def test_a_fit_finds_the_rates_and_the_reliability_that_made_the_votes(rng):
    made = crowd(rng, [0.8] * 300, rates=(0.2, 0.5, 0.9), events=6000)

    found = fit(made.arrays, made.versions, count=3)

    assert found.is_fitted
    assert found.agreement == Agreement.ENOUGH
    assert [version.rate for version in found.versions] == pytest.approx([0.2, 0.5, 0.9], abs=0.03)
    assert found.reliability == pytest.approx(0.8, abs=0.01)
    assert (found.events, found.votes, found.users, found.gold_scores) == (6000, 30_000, 300, 0)


def test_the_same_votes_give_the_same_fit(rng):
    made = crowd(rng, [0.8] * 50)

    first, second = (dataclasses.asdict(fit(made.arrays, made.versions, count=2)) for _ in range(2))

    known = first.pop("users_known"), second.pop("users_known")
    assert first == second
    assert all(np.array_equal(known[0][name], known[1][name]) for name in known[0])


def test_nothing_is_fitted_below_50_events_with_two_voters(rng):
    made = crowd(rng, [0.8] * 50, events=49)

    found = fit(made.arrays, made.versions, count=2)

    assert (found.is_fitted, found.agreement, found.reliability) == (False, Agreement.UNKNOWN, 0.75)
    assert [(version.events, version.rate, version.log_odds) for version in found.versions] == [
        (25, 0.5, 0.0),
        (24, 0.5, 0.0),
    ]
    assert len(found.users_known.voters) == 0


def test_voters_without_an_identity_have_the_mean_reliability(rng):
    made = crowd(rng, [0.8] * 50)
    voters = np.where(made.arrays.voters < 12, made.arrays.voters - 10, made.arrays.voters)

    found = fit(dataclasses.replace(made.arrays, voters=voters), made.versions, count=2)

    assert found.reliabilities_of(np.array([0, 1, 10**9])) == pytest.approx([found.reliability] * 3)
    assert set(found.users_known.voters) == set(range(12, 60))


def test_an_unknown_version_has_the_log_odds_of_the_deployment(rng):
    made = crowd(rng, [0.8] * 50)

    found = fit(made.arrays, made.versions, count=2)

    assert found.log_odds_of(np.array([1, -1, 2])) == pytest.approx(
        [found.versions[1].log_odds, found.log_odds, found.log_odds]
    )


@pytest.mark.parametrize("vote", [1.0, -1.0])
def test_one_user_who_votes_alike_on_every_answer_changes_no_rate(rng, vote):
    made = crowd(rng, [0.8] * 600, events=1_000, votes=3)
    before, arrays = fit(made.arrays, made.versions, count=2), made.arrays
    everywhere = np.insert(arrays.voters, arrays.offsets[:-1], 5)
    weights = np.insert(arrays.weights, arrays.offsets[:-1], vote)
    offsets = arrays.offsets + np.arange(len(arrays.offsets))

    found = fit(
        dataclasses.replace(arrays, offsets=offsets, voters=everywhere, weights=weights), made.versions, count=2
    )

    assert found.agreement == before.agreement == Agreement.ENOUGH
    assert found.reliabilities_of(np.array([5])) == pytest.approx([0.5], abs=0.01)
    assert found.reliability == pytest.approx(before.reliability, abs=0.01)
    assert [one.rate for one in found.versions] == pytest.approx([one.rate for one in before.versions], abs=0.02)
