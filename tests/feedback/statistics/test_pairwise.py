"""Pairwise verdicts in both orders: what counts as a preference, and biases of position and length."""

from math import isnan, log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from feedback.statistics.pairwise import BothOrders, PairVerdict, Preference, position_bias, verbosity_bias

FIRST, SECOND, TIE = Preference.FIRST, Preference.SECOND, Preference.TIE
PREFERENCES, LENGTHS = st.sampled_from(Preference), st.integers(0, 5_000)
PAIRS = st.lists(
    st.builds(BothOrders, PREFERENCES, PREFERENCES, LENGTHS, LENGTHS, st.none() | st.sampled_from(PairVerdict)),
    min_size=1,
    max_size=60,
)
RENAMED = {PairVerdict.A: PairVerdict.B, PairVerdict.B: PairVerdict.A, PairVerdict.TIE: PairVerdict.TIE, None: None}


@pytest.mark.parametrize(
    ("forward", "backward", "verdict", "is_consistent"),
    [
        (FIRST, SECOND, "a", True),
        (SECOND, FIRST, "b", True),
        (TIE, TIE, "tie", True),
        (FIRST, FIRST, "tie", False),
        (SECOND, SECOND, "tie", False),
        (FIRST, TIE, "tie", False),
        (TIE, FIRST, "tie", False),
    ],
)
def test_only_what_holds_in_both_orders_is_a_preference(forward, backward, verdict, is_consistent):
    pair = BothOrders(forward, backward)

    assert (pair.verdict, pair.is_consistent) == (verdict, is_consistent)


def test_a_judge_that_always_takes_the_first_decides_nothing():
    pairs = [BothOrders(FIRST, FIRST, 10, 20)] * 30

    found = position_bias(pairs)

    assert (found.first.value, found.inconsistent.value, found.is_biased) == (1.0, 1.0, True)
    assert {pair.verdict for pair in pairs} == {PairVerdict.TIE}
    assert verbosity_bias(pairs).n == 0
    assert isnan(verbosity_bias(pairs).longer.value)


def test_without_pairs_nothing_is_known():
    assert isnan(position_bias([]).first.value)
    assert isnan(verbosity_bias([]).odds_ratio.value)


@given(PAIRS)
def test_names_of_answers_do_not_matter(pairs):
    renamed = [
        BothOrders(pair.backward, pair.forward, pair.length_b, pair.length_a, RENAMED[pair.people]) for pair in pairs
    ]

    assert position_bias(renamed) == position_bias(pairs)
    ours, theirs = verbosity_bias(pairs), verbosity_bias(renamed)
    assert ours.longer == theirs.longer or ours.n == theirs.n == 0
    assert ours.odds_ratio.value == pytest.approx(theirs.odds_ratio.value, rel=1e-6, nan_ok=True)
    assert ours.partial_odds_ratio.value == pytest.approx(theirs.partial_odds_ratio.value, rel=1e-6, nan_ok=True)


@given(PAIRS)
def test_every_pair_counts_once_and_intervals_hold_their_value(pairs):
    position, verbosity = position_bias(pairs), verbosity_bias(pairs)

    assert position.n == len(pairs)
    assert position.to_first + position.to_second <= round(position.inconsistent.value * len(pairs))
    assert 0 <= position.first.low <= position.first.value <= position.first.high <= 1
    if verbosity.n:
        assert 0 < verbosity.odds_ratio.low < verbosity.odds_ratio.value < verbosity.odds_ratio.high < float("inf")


def test_odds_ratio_agrees_with_a_general_optimiser(rng):
    pairs = [_judged(rng, effect=0.8, people=True) for _ in range(200)]
    signs = {"a": 1.0, "b": -1.0, "tie": 0.0}
    design = np.array([[log2(pair.length_a / pair.length_b), signs[pair.people]] for pair in pairs])
    won = np.array([pair.verdict == "a" for pair in pairs], float)

    def loss(beta):
        return np.logaddexp(0, design @ beta).sum() - won @ design @ beta + beta @ beta / (2 * 2.5**2)

    expected = optimize.minimize(loss, np.zeros(2), tol=1e-12).x

    assert np.log(verbosity_bias(pairs).partial_odds_ratio.value) == pytest.approx(expected[0], abs=1e-4)


@pytest.mark.parametrize("effect", [0.0, 0.5, 1.5])
def test_interval_of_the_odds_ratio_holds_the_true_effect(rng, effect):
    found = [verbosity_bias([_judged(rng, effect) for _ in range(100)]).odds_ratio for _ in range(400)]

    assert np.mean([one.low <= np.exp(effect) <= one.high for one in found]) >= 0.93


@pytest.mark.parametrize(("flips", "at_most"), [(0.0, 0.0), (0.3, 0.06), (1.0, 0.06)])
def test_a_judge_without_a_preferred_position_is_seldom_called_biased(rng, flips, at_most):
    def called():
        kinds = rng.random(100) < flips
        leans = rng.random(100) < 0.5
        return position_bias(
            [
                BothOrders(*((FIRST, FIRST) if lean else (SECOND, SECOND)) if kind else (FIRST, SECOND))
                for kind, lean in zip(kinds, leans, strict=True)
            ]
        ).is_biased

    assert np.mean([called() for _ in range(500)]) <= at_most + 0.02


def _judged(rng, effect, people=False):
    length_a, length_b = rng.integers(50, 800, 2)
    length_b += length_a == length_b
    is_a = rng.random() < 1 / (1 + np.exp(-effect * log2(length_a / length_b)))
    orders = (FIRST, SECOND) if is_a else (SECOND, FIRST)
    return BothOrders(*orders, int(length_a), int(length_b), rng.choice(list(PairVerdict)[:2]) if people else None)
