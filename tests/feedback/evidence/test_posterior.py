from itertools import product

import numpy as np
import pytest
from scipy.stats import beta

from feedback.choices import Agreement
from feedback.evidence.arrays import vote_arrays
from feedback.evidence.posterior import approval, approval_mean, p_good


def test_approval_is_the_posterior_under_jeffreys_prior(rng):
    up, down = rng.uniform(0, 20, (2, 100))

    found = approval(up, down)

    expected = beta(up + 0.5, down + 0.5)
    assert found.mean == pytest.approx(expected.mean(), abs=1e-12)
    assert found.low == pytest.approx(expected.ppf(0.025), abs=1e-9)
    assert found.high == pytest.approx(expected.ppf(0.975), abs=1e-9)
    assert approval_mean(up, down) == pytest.approx(found.mean, abs=1e-15)


def test_an_event_without_users_has_no_approval():
    found = approval([0.0, 1.0], [0.0, 0.0])

    assert np.isnan([found.mean[0], found.low[0], found.high[0]]).all()
    assert found.mean[1] == 0.75


def _by_enumeration(prior, reliabilities, ups, gold):
    """P(good | votes), by Bayes' theorem over both possible answers."""
    chances = {}
    for is_good, odds in ((True, prior), (False, 1 - prior)):
        for reliability, up in (*zip(reliabilities, ups, strict=True), *((0.95, one) for one in gold)):
            odds *= reliability if up == is_good else 1 - reliability
        chances[is_good] = odds
    return chances[True] / (chances[True] + chances[False])


def test_p_good_is_bayes_theorem_for_whole_votes():
    reliabilities = (0.6, 0.8, 0.95)
    cases = [(*ups, gold) for *ups, gold in product([True, False], repeat=4)]
    arrays = vote_arrays(
        [[5, 6, 7]] * len(cases),
        [[float(up) for up in case[:3]] for case in cases],
        [[float(not up) for up in case[:3]] for case in cases],
        [[float(case[3])] for case in cases],
    )
    log_odds = np.full(len(cases), np.log(0.7 / 0.3))

    found = p_good(arrays, log_odds, np.tile(reliabilities, len(cases)), agreement=Agreement.ENOUGH)

    expected = [_by_enumeration(0.7, reliabilities, case[:3], case[3:]) for case in cases]
    assert found == pytest.approx(expected, abs=1e-12)


def test_p_good_of_gold_scores_alone():
    arrays = vote_arrays([[], [], []], [[], [], []], [[], [], []], [[1.0], [0.0], []])

    found = p_good(arrays, np.zeros(3), np.empty(0), agreement=Agreement.NOT_ENOUGH)

    assert found == pytest.approx([0.95, 0.05, np.nan], nan_ok=True)


def test_half_a_vote_adds_half_its_log_odds_and_contradictions_cancel():
    arrays = vote_arrays([[5], [5, 6], []], [[0.5], [1.0, 0.0], []], [[0.0], [0.0, 1.0], []], [[], [], [0.5]])

    found = p_good(arrays, np.zeros(3), np.full(3, 0.8), agreement=Agreement.ENOUGH)

    assert found == pytest.approx([2 / 3, 0.5, 0.5])


def test_the_prior_counts_up_to_3():
    arrays = vote_arrays([[5], [5]], [[0.0], [0.0]], [[0.0], [0.0]], [[], []])

    found = p_good(arrays, np.array([9.0, -9.0]), np.full(2, 0.8), agreement=Agreement.UNKNOWN)

    assert found == pytest.approx([1 / (1 + np.exp(-3)), 1 / (1 + np.exp(3))])


def test_without_agreement_only_events_with_a_gold_score_have_a_p_good():
    arrays = vote_arrays([[5], [5], []], [[1.0], [1.0], []], [[0.0], [0.0], []], [[], [0.0], []])

    not_enough = p_good(arrays, np.zeros(3), np.full(2, 0.8), agreement=Agreement.NOT_ENOUGH)
    unknown = p_good(arrays, np.zeros(3), np.full(2, 0.8), agreement=Agreement.UNKNOWN)

    assert not_enough == pytest.approx([np.nan, 4 / 23, np.nan], nan_ok=True)
    assert unknown == pytest.approx([0.8, 4 / 23, np.nan], nan_ok=True)
