import numpy as np
import pytest
from scipy import stats

from drift.crucible import detectors
from feedback.statistics import distances, ranks
from feedback.statistics.histogram_pairs import HistogramPair
from tests.feedback.statistics.reference_cases import (
    lognormal_integers,
    mass_at_one,
    normal_null,
    normal_shift,
    other_constant,
    same_constant,
)


def pair(reference, current):
    return HistogramPair.of_samples(np.array(reference, dtype=float), np.array(current, dtype=float))


@pytest.mark.parametrize(
    ("sample", "distance", "log10_p", "moved", "index", "auc", "equal_width_index"),
    [
        (normal_null, 0.0365, np.log10(0.582206), 0.0438518, 0.016893, 0.508909, 0.0348876),
        (normal_shift, 0.16825, np.log10(1.86471e-11), 0.381509, 0.147286, 0.607812, 0.153234),
        (lognormal_integers, 0.0900667, np.log10(1.09975e-13), 0.211981, 0.049973, 0.561782, 0.0303665),
        (mass_at_one, 0.134667, np.log10(2.81383e-16), 0.194876, 0.077905, 0.435163, 0.0460407),
        (same_constant, 0.0, 0.0, 0.0, 0.0, 0.5, 0.0),
        (other_constant, 1.0, None, 2000.0, 13.271964, 1.0, 13.8155),
    ],
)
def test_distances_agree_with_the_reference_values(sample, distance, log10_p, moved, index, auc, equal_width_index):
    samples = pair(*sample())

    ks = distances.ks(samples)

    # The values are printed with six digits, so half of the sixth digit is what they can tell.
    assert ks.statistic == pytest.approx(distance, rel=1e-6, abs=5e-7)
    assert ks.p_value < 1e-160 if log10_p is None else np.log10(ks.p_value) == pytest.approx(log10_p, rel=0.01)
    assert distances.wasserstein(samples).in_deviations == pytest.approx(moved, rel=1e-6, abs=5e-7)
    assert distances.psi(samples).index == pytest.approx(index, rel=1e-6, abs=5e-7)
    assert (ranks.cliffs_delta(samples).delta + 1) / 2 == pytest.approx(auc, rel=1e-6, abs=5e-7)
    assert detectors.equal_width_psi(samples) == pytest.approx(equal_width_index, rel=1e-6, abs=5e-5)


def test_distances_agree_with_scipy_on_tied_samples(rng):
    reference, current = rng.integers(0, 12, 400).astype(float), rng.integers(0, 14, 350).astype(float)
    samples = pair(reference, current)

    ks, effect = distances.ks(samples), ranks.cliffs_delta(samples)

    expected = stats.ks_2samp(reference, current, method="asymp")
    wins = stats.mannwhitneyu(current, reference)
    assert ks.statistic == pytest.approx(expected.statistic, rel=1e-12)
    assert ks.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert effect.delta == pytest.approx(2 * wins.statistic / (400 * 350) - 1, abs=1e-12)
    assert np.log10(effect.p_value) == pytest.approx(np.log10(wins.pvalue), rel=0.01)
    distance = stats.wasserstein_distance(reference, current)
    assert distances.wasserstein(samples).distance == pytest.approx(distance, rel=1e-12)


@pytest.mark.parametrize("difference", [200, 2000, 4000])
def test_the_evidence_of_large_samples_agrees_with_scipy(difference):
    n = 100_000
    samples = HistogramPair([0, 1], [n // 2, n // 2], [n // 2 - difference, n // 2 + difference])

    p_value = distances.ks(samples).p_value

    expected = stats.kstwo.sf(difference / n, n // 2)
    assert np.log10(p_value) == pytest.approx(np.log10(expected), rel=0.02, abs=0.001)


def test_spread_agrees_with_scipy_and_sees_what_the_rank_sum_cannot(rng):
    reference, current = rng.normal(size=400), rng.normal(0, 1.5, 350)
    samples = pair(reference, current)

    p_value = ranks.spread_p(samples)

    assert np.log10(p_value) == pytest.approx(np.log10(stats.mood(reference, current).pvalue), rel=0.02)
    assert p_value < 1e-4 < ranks.cliffs_delta(samples).p_value
    assert ranks.spread_p(pair([7.0] * 5, [7.0] * 3)) == 1.0
    assert np.isnan(ranks.spread_p(pair([], [1.0])))


def test_the_level_agrees_with_normal_scores_over_relabelled_samples(rng):
    reference, current = rng.lognormal(5, 0.7, 40), rng.lognormal(5.3, 0.7, 25)
    pooled = np.concatenate([reference, current])
    scores = stats.norm.ppf((stats.rankdata(pooled) - 0.5) / 65)
    by_chance = np.array([rng.permutation(scores)[40:].sum() for _ in range(20_000)])

    p_value = ranks.level_p(pair(reference, current))

    expected = np.mean(np.abs(by_chance) >= abs(scores[40:].sum()))
    assert p_value == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize(("tied", "same"), [(99, False), (100, True)])
def test_the_level_of_numbers_of_which_a_tenth_are_tied_is_that_of_the_rank_sum(rng, tied, same):
    values = rng.lognormal(5, 0.7, 1000)
    values[:tied] = 0
    rng.shuffle(values)
    samples = pair(values[:600], values[600:])

    p_values = ranks.level_p(samples), ranks.cliffs_delta(samples).p_value

    assert (p_values[0] == p_values[1]) is same
    assert p_values[0] == pytest.approx(p_values[1], rel=0.5)


def test_the_level_sees_a_few_answers_near_empty_that_the_rank_sum_hardly_weighs(rng):
    reference, current = rng.lognormal(6, 0.7, 1000), rng.lognormal(6, 0.7, 1000)
    current[:60] = 3

    samples = pair(reference, current)

    assert ranks.level_p(samples) < 0.001 < ranks.cliffs_delta(samples).p_value
    assert ranks.level_p(pair([7.0] * 5, [7.0] * 3)) == 1.0
    assert np.isnan(ranks.level_p(pair([], [1.0])))


def test_the_rank_sum_of_rare_values_is_as_rare_as_exact_counting_says():
    """Four of 50 values are not 0, where one is expected: a normal tail would say 0.001."""
    reference, current = np.zeros(10_000), np.zeros(50)
    reference[:200], current[:4] = 1, 1

    p_value = ranks.cliffs_delta(pair(reference, current)).p_value

    exact = stats.hypergeom.sf(3, 10_050, 204, 50)
    assert 2 * exact == pytest.approx(p_value, rel=0.2)


def test_swapping_the_samples_turns_the_effect_round_and_keeps_the_distance():
    reference, current = normal_shift()

    forward, backward = (
        ranks.cliffs_delta(pair(reference, current)),
        ranks.cliffs_delta(pair(current, reference)),
    )

    assert backward.delta == pytest.approx(-forward.delta)
    assert (backward.low, backward.high) == pytest.approx((-forward.high, -forward.low))
    assert backward.p_value == pytest.approx(forward.p_value)
    assert distances.ks(pair(current, reference)) == distances.ks(pair(reference, current))


def test_missing_values_take_no_part():
    reference, current = normal_shift()
    with_gaps = pair(np.insert(reference, [0, 10, 500], np.nan), current)
    without = pair(reference, current)

    for kernel in (distances.ks, distances.psi, ranks.cliffs_delta, distances.wasserstein):
        assert kernel(with_gaps) == kernel(without)


@pytest.mark.parametrize("empty", [[], [np.nan, np.nan]])
def test_an_empty_sample_gives_nan_and_not_zero(empty):
    for samples in (pair(empty, [1.0] * 5), pair([1.0] * 5, empty), pair(empty, empty)):
        assert np.isnan(distances.ks(samples).statistic)
        assert np.isnan(distances.psi(samples).index)
        assert np.isnan(ranks.cliffs_delta(samples).delta)
        assert np.isnan(distances.wasserstein(samples).distance)


def test_one_value_a_side_is_no_evidence():
    samples = pair([1.0], [2.0])

    ks, effect = distances.ks(samples), ranks.cliffs_delta(samples)

    assert (ks.statistic, ks.p_value) == (1.0, 1.0)
    assert (effect.delta, effect.low, effect.high, effect.p_value) == (1.0, -1.0, 1.0, 1.0)
    assert distances.psi(samples).p_value > 0.1
    assert distances.wasserstein(samples).distance == 1.0


def test_psi_has_its_stated_mean_and_level_without_drift(rng):
    results = [distances.psi(pair(rng.normal(size=400), rng.normal(size=300))) for _ in range(400)]

    assert np.mean([result.index for result in results]) == pytest.approx(results[0].null_mean, rel=0.1)
    assert 0.02 <= np.mean([result.p_value < 0.05 for result in results]) <= 0.09


def test_the_effect_interval_covers_the_true_effect(rng):
    true_delta = 2 * stats.norm.cdf(0.5 / np.sqrt(2)) - 1
    intervals = [ranks.cliffs_delta(pair(rng.normal(size=80), rng.normal(0.5, 1, 60))) for _ in range(400)]

    covered = np.mean([interval.low <= true_delta <= interval.high for interval in intervals])

    assert 0.92 <= covered <= 0.98


def test_an_effect_is_measured_in_standard_deviations_of_a_normal_sample(rng):
    samples = pair(rng.normal(size=50_000), rng.normal(0.3, 1, 50_000))
    skewed = HistogramPair(np.exp(samples.values), samples.reference_counts, samples.current_counts)

    shifts = [ranks.in_deviations(ranks.cliffs_delta(side).delta, 50_000, 50_000) for side in (samples, skewed)]

    assert shifts == pytest.approx([0.3, 0.3], abs=0.02)
    assert shifts[0] == shifts[1]


def test_samples_wholly_apart_have_a_finite_shift():
    assert ranks.in_deviations(1.0, 100, 100) == pytest.approx(5.50, abs=0.01)
    assert ranks.in_deviations(-1.0, 100, 100) == pytest.approx(-5.50, abs=0.01)
    assert ranks.in_deviations(0.0, 1, 1) == 0.0
