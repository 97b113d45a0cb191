import numpy as np
import pytest
from scipy import stats

from drift import crucible, statistics


def normal_null():
    g = np.random.default_rng(101)
    return g.normal(0, 1, 1000).round(6), g.normal(0, 1, 800).round(6)


def normal_shift():
    g = np.random.default_rng(102)
    return g.normal(0, 1, 1000).round(6), g.normal(0.3, 1, 800).round(6)


def lognormal_integers():
    g = np.random.default_rng(104)
    return np.floor(g.lognormal(5, 0.8, 5000)), np.floor(g.lognormal(5.2, 0.8, 3000))


def mass_at_one():
    g = np.random.default_rng(106)
    reference = np.where(g.random(3000) < 0.6, 1.0, g.beta(8, 2, 3000)).round(6)
    return reference, np.where(g.random(1500) < 0.45, 1.0, g.beta(8, 2, 1500)).round(6)


def same_constant():
    return np.full(500, 7.0), np.full(300, 7.0)


def other_constant():
    return np.full(500, 7.0), np.full(300, 9.0)


@pytest.mark.parametrize(
    ("sample", "distance", "log10_p", "index", "auc", "equal_width_index"),
    [
        (normal_null, 0.0365, np.log10(0.582206), 0.016893, 0.508909, 0.0348876),
        (normal_shift, 0.16825, np.log10(1.86471e-11), 0.147286, 0.607812, 0.153234),
        (lognormal_integers, 0.0900667, np.log10(1.09975e-13), 0.049973, 0.561782, 0.0303665),
        (mass_at_one, 0.134667, np.log10(2.81383e-16), 0.077905, 0.435163, 0.0460407),
        (same_constant, 0.0, 0.0, 0.0, 0.5, 0.0),
        (other_constant, 1.0, None, 13.271964, 1.0, 13.8155),
    ],
)
def test_distances_agree_with_the_reference_values(sample, distance, log10_p, index, auc, equal_width_index):
    reference, current = sample()

    ks = statistics.ks(reference, current)

    assert ks.statistic == pytest.approx(distance, rel=1e-5)
    assert ks.p_value < 1e-160 if log10_p is None else np.log10(ks.p_value) == pytest.approx(log10_p, rel=0.01)
    assert statistics.psi(reference, current).index == pytest.approx(index, rel=4e-5)
    assert (statistics.cliffs_delta(reference, current).delta + 1) / 2 == pytest.approx(auc, rel=1e-5)
    assert crucible.equal_width_psi(current, reference) == pytest.approx(equal_width_index, rel=1e-5)


def test_ks_and_effect_agree_with_scipy_on_tied_samples(rng):
    reference, current = rng.integers(0, 12, 400).astype(float), rng.integers(0, 14, 350).astype(float)

    ks = statistics.ks(reference, current)

    expected = stats.ks_2samp(reference, current, method="asymp")
    wins = stats.mannwhitneyu(current, reference).statistic
    assert ks.statistic == pytest.approx(expected.statistic, rel=1e-12)
    assert ks.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert statistics.cliffs_delta(reference, current).delta == pytest.approx(2 * wins / (400 * 350) - 1, abs=1e-12)


def test_swapping_the_samples_turns_the_effect_round_and_keeps_the_distance():
    reference, current = normal_shift()

    forward, backward = statistics.cliffs_delta(reference, current), statistics.cliffs_delta(current, reference)

    assert backward.delta == pytest.approx(-forward.delta)
    assert (backward.low, backward.high) == pytest.approx((-forward.high, -forward.low))
    assert statistics.ks(current, reference) == statistics.ks(reference, current)


def test_missing_values_take_no_part():
    reference, current = normal_shift()
    with_gaps = np.insert(reference, [0, 10, 500], np.nan)

    assert statistics.ks(with_gaps, current) == statistics.ks(reference, current)
    assert statistics.psi(with_gaps, current) == statistics.psi(reference, current)
    assert statistics.cliffs_delta(with_gaps, current) == statistics.cliffs_delta(reference, current)


@pytest.mark.parametrize("empty", [[], [np.nan, np.nan]])
def test_an_empty_sample_gives_nan_and_not_zero(empty):
    assert np.isnan(statistics.ks(np.array(empty), np.ones(5)).statistic)
    assert np.isnan(statistics.psi(np.ones(5), np.array(empty)).index)
    assert np.isnan(statistics.cliffs_delta(np.array(empty), np.ones(5)).delta)


def test_one_value_a_side_is_no_evidence():
    ks = statistics.ks(np.array([1.0]), np.array([2.0]))
    effect = statistics.cliffs_delta(np.array([1.0]), np.array([2.0]))

    assert (ks.statistic, ks.p_value) == (1.0, 1.0)
    assert (effect.delta, effect.low, effect.high) == (1.0, -1.0, 1.0)
    assert statistics.psi(np.array([1.0]), np.array([2.0])).p_value > 0.1


def test_psi_has_its_stated_mean_and_level_without_drift(rng):
    results = [statistics.psi(rng.normal(size=400), rng.normal(size=300)) for _ in range(400)]

    assert np.mean([result.index for result in results]) == pytest.approx(results[0].null_mean, rel=0.1)
    assert 0.02 <= np.mean([result.p_value < 0.05 for result in results]) <= 0.09


def test_the_effect_interval_covers_the_true_effect(rng):
    true_delta = 2 * stats.norm.cdf(0.5 / np.sqrt(2)) - 1
    intervals = [statistics.cliffs_delta(rng.normal(size=80), rng.normal(0.5, 1, 60)) for _ in range(400)]

    covered = np.mean([interval.low <= true_delta <= interval.high for interval in intervals])

    assert 0.92 <= covered <= 0.98


def test_benjamini_hochberg_agrees_with_the_worked_example():
    p_values = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216]

    adjusted = statistics.benjamini_hochberg(p_values)

    expected = [0.01, 0.04, 0.084, 0.084, 0.084, 0.1, 0.105714, 0.216, 0.216, 0.216]
    assert adjusted == pytest.approx(expected, abs=1e-6)
    assert statistics.benjamini_hochberg(p_values[::-1]) == pytest.approx(adjusted[::-1])
    assert len(statistics.benjamini_hochberg([])) == 0


def test_fewer_values_reveal_only_larger_effects():
    detectable = [statistics.smallest_detectable_delta(n, n, alpha=0.01) for n in (1, 20, 200, 2000)]

    assert detectable[0] == 1.0
    assert detectable == sorted(detectable, reverse=True)
    assert detectable[2] == pytest.approx(0.198, abs=0.002)


def test_centroids_that_moved_are_told_from_those_that_did_not(rng):
    reference, current = rng.normal(size=(200, 16)), rng.normal(size=(150, 16))

    still = statistics.centroid_shift(reference, current, rng=np.random.default_rng(0))
    moved = statistics.centroid_shift(reference, current + 0.3, rng=np.random.default_rng(0))

    assert still.p_value > 0.01
    assert still.distance == pytest.approx(np.linalg.norm(current.mean(axis=0) - reference.mean(axis=0)))
    assert moved.p_value == 1 / 1000
    assert moved.distance > 2 * moved.chance_distance


def test_the_permutation_p_is_uniform_without_drift(rng):
    p_values = [
        statistics.centroid_shift(rng.normal(size=(40, 4)), rng.normal(size=(30, 4)), rng=rng, permutations=99).p_value
        for _ in range(300)
    ]

    assert 0.02 <= np.mean(np.array(p_values) <= 0.05) <= 0.09


@pytest.mark.parametrize(
    ("current", "words"),
    [(np.ones((5, 3)), "4 and 3 dimensions"), (np.full((5, 4), np.inf), "not a finite number")],
)
def test_embeddings_that_cannot_be_compared_are_refused(current, words):
    with pytest.raises(ValueError, match=words):
        statistics.centroid_shift(np.ones((6, 4)), current, rng=np.random.default_rng(0))


def test_an_empty_embedding_sample_gives_nan():
    result = statistics.centroid_shift(np.empty((0, 0)), np.ones((5, 4)), rng=np.random.default_rng(0))

    assert np.isnan(result.distance)
