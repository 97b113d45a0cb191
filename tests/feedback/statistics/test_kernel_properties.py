"""What holds for every pair of samples."""

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift.choices import Verdict
from drift.measures import numbers
from drift.measures.verdicts import MetricResult, VerdictParameters, judge
from feedback.statistics import distances, multiplicity, proportions, ranks, shares
from feedback.statistics.histogram_pairs import HistogramPair

NUMBERS = st.floats(-1e6, 1e6, allow_subnormal=False) | st.integers(-3, 3).map(float)
SAMPLES = st.lists(NUMBERS, min_size=1, max_size=40).map(np.array)
COUNTS = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=8).filter(
    lambda pairs: any(before for before, _ in pairs) and any(after for _, after in pairs)
)


@given(SAMPLES, SAMPLES)
@settings(max_examples=60)
def test_distances_of_numbers_keep_their_ranges_and_do_not_depend_on_the_order(reference, current):
    forward, backward = HistogramPair.of_samples(reference, current), HistogramPair.of_samples(current, reference)

    ks, effect, psi = distances.ks(forward), ranks.cliffs_delta(forward), distances.psi(forward)

    assert 0 <= ks.low <= ks.statistic <= ks.high <= 1
    assert -1 <= effect.low <= effect.delta <= effect.high <= 1
    assert 0 < ks.p_value <= 1
    assert 0 < effect.p_value <= 1
    assert psi.index >= 0
    assert 0 <= psi.p_value <= 1
    assert 0 < ranks.level_p(forward) <= 1
    assert ranks.level_p(backward) == pytest.approx(ranks.level_p(forward), abs=1e-9)
    turned = ranks.cliffs_delta(backward)
    assert astuple(distances.ks(backward)) == pytest.approx(astuple(ks), abs=1e-9)
    assert (turned.delta, turned.p_value) == pytest.approx((-effect.delta, effect.p_value), abs=1e-9)
    moved, moved_back = distances.wasserstein(forward).distance, distances.wasserstein(backward).distance
    assert moved == pytest.approx(moved_back)
    means = forward.means()
    assert moved >= abs(means[0] - means[1]) - 1e-6


@given(SAMPLES)
@settings(max_examples=60)
def test_a_sample_does_not_differ_from_itself(sample):
    pair = HistogramPair.of_samples(sample, sample)

    assert (distances.ks(pair).statistic, distances.ks(pair).p_value) == (0.0, 1.0)
    assert ranks.cliffs_delta(pair).delta == pytest.approx(0, abs=1e-12)
    assert distances.psi(pair).index == 0
    assert distances.wasserstein(pair).distance == 0


@given(SAMPLES, SAMPLES, st.integers(2, 50))
@settings(max_examples=60)
def test_a_weighted_histogram_is_the_sample_that_it_counts(reference, current, times):
    counted = HistogramPair.of_samples(reference, current)
    weighted = HistogramPair(counted.values, counted.reference_counts * times, counted.current_counts * times)

    repeated = HistogramPair.of_samples(np.repeat(reference, times), np.repeat(current, times))

    for kernel in (distances.ks, ranks.cliffs_delta, distances.psi, distances.wasserstein):
        assert kernel(weighted) == kernel(repeated)


@given(SAMPLES, SAMPLES, st.floats(0.1, 100), st.floats(-1e3, 1e3))
@settings(max_examples=60)
def test_the_unit_of_the_values_does_not_matter(reference, current, scale, offset):
    pair = HistogramPair.of_samples(np.round(reference, 3), np.round(current, 3))

    rescaled = HistogramPair(pair.values * scale + offset, pair.reference_counts, pair.current_counts)

    for kernel in (distances.ks, ranks.cliffs_delta, distances.psi):
        assert kernel(rescaled) == kernel(pair)


@given(COUNTS)
@settings(max_examples=60)
def test_distances_of_shares_keep_their_ranges_and_do_not_depend_on_the_order(pairs):
    reference, current = np.array(pairs).T

    test, distance = shares.chi_square(reference, current), shares.share_distance(reference, current)

    assert test.statistic >= 0
    assert 0 <= test.p_value <= 1
    assert 0 <= distance.low <= distance.value <= distance.high <= 2
    assert 0 <= shares.cramers_v(reference, current) <= 1
    assert 0 <= shares.total_variation(reference, current) <= 1
    turned = shares.chi_square(current, reference)
    assert (turned.statistic, turned.dof) == pytest.approx((test.statistic, test.dof))
    shuffled = shares.chi_square(reference[::-1], current[::-1])
    assert (shuffled.statistic, shuffled.dof) == pytest.approx((test.statistic, test.dof))


@given(st.integers(1, 500), st.integers(1, 500), st.data())
@settings(max_examples=60)
def test_a_difference_of_shares_lies_in_its_interval_and_turns_round(n, m, data):
    before, after = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))

    found, turned = proportions.risk_difference(before, n, after, m), proportions.risk_difference(after, m, before, n)

    assert -1 <= found.low <= found.value <= found.high <= 1
    assert (turned.value, turned.low, turned.high) == pytest.approx((-found.value, -found.high, -found.low))
    assert -np.pi - 1e-9 <= proportions.cohens_h(before / n, after / m) <= np.pi + 1e-9


@given(st.lists(st.floats(0, 1), max_size=30), st.integers(1, 50))
def test_adjusted_p_values_keep_their_order_and_never_shrink(p_values, at_least):
    adjusted = multiplicity.benjamini_hochberg(p_values, at_least=at_least)

    assert (adjusted >= np.array(p_values) - 1e-12).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(p_values)]) >= 0).all()


@given(SAMPLES, SAMPLES)
@settings(max_examples=60)
def test_every_pair_of_samples_has_a_verdict_and_a_sentence(reference, current):
    pair = HistogramPair.of_samples(reference, current)

    found = numbers.measure("latency", "Latency", pair, VerdictParameters(minimum_n=1))

    metric = found if isinstance(found, MetricResult) else judge([found], VerdictParameters())[0]
    assert metric.verdict in (Verdict.OK, Verdict.WATCH, Verdict.DRIFTING)
    assert metric.sentence.startswith("Latency: ")
    assert np.isfinite([value for value in metric.statistics.values() if isinstance(value, float)]).all()
