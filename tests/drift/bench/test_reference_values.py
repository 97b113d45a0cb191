"""Tests and effect sizes against SciPy, figures of statsmodels 0.15, and worked examples of their sources."""

import numpy as np
import pytest
from scipy import stats

from drift.bench import clustered, effects, power, resampling, several, tests
from drift.bench.comparison import compare, compare_arms
from drift.bench.pairs import compare_pair
from drift.bench.results import StatisticalTest
from drift.bench.samples import sample_of
from feedback.statistics.multiplicity import benjamini_hochberg, bonferroni, holm

CONTROL, TREATMENT = [0.89, 0.87, 0.90, 0.88, 0.91], [0.96, 0.97, 0.94, 0.95, 0.98]
THIRD = [0.92, 0.93, 0.90, 0.91, 0.94]


def seeded(*shapes, seed=7):
    rng = np.random.default_rng(seed)
    return [sample_of(np.round(rng.normal(mean, sd, n), 3)) for mean, sd, n in shapes]


def of_yes(count, n):
    return sample_of([1] * count + [0] * (n - count))


def test_the_example_of_the_original_gives_what_its_data_gives():
    found = compare(CONTROL, TREATMENT, outcome="accuracy")

    assert found.test == StatisticalTest.WELCH
    assert found.p_value == pytest.approx(1.12639e-4, rel=1e-5)
    assert found.confidence_interval == pytest.approx((0.0469400, 0.0930600), abs=1e-7)
    assert found.effect_size == {"cohens_d": pytest.approx(4.427189, abs=1e-6), "interpretation": "very large"}
    assert found.interpretation == (
        "treatment has a higher accuracy (M=0.96, SD=0.0158) than control (M=0.89, SD=0.0158), t(8.00)=7.00,"
        " p<0.001, d=4.43."
    )


@pytest.mark.parametrize(
    ("test", "p_value"),
    [("mann_whitney", 0.00793651), ("permutation", 0.00793651), ("student_t", 1.12639e-4), ("welch_t", 1.12639e-4)],
)
def test_the_example_of_the_original_by_other_tests(test, p_value):
    found = compare(CONTROL, TREATMENT, test=StatisticalTest(test))

    assert found.p_value == pytest.approx(p_value, rel=1e-5)


def test_paired_tests_of_the_example():
    before, after = (sample_of(values, prompts=range(5)) for values in (CONTROL, TREATMENT))
    rng = np.random.default_rng(1)

    paired = compare_pair(before, after, rng=rng, asked=StatisticalTest.PAIRED)
    ranked = compare_pair(before, after, rng=rng, asked=StatisticalTest.WILCOXON)
    signs = compare_pair(before, after, rng=rng, asked=StatisticalTest.SIGN)

    assert (paired.result.statistic, paired.p_value) == pytest.approx((7.378648, 0.00179826), rel=1e-5)
    assert (ranked.p_value, signs.p_value) == pytest.approx((0.0625, 0.0625))


@pytest.mark.parametrize("equal_var", [True, False])
def test_means_of_samples_of_unequal_size_and_variance(equal_var):
    before, after = seeded((10, 2, 30), (11, 3, 40))
    test = tests.student if equal_var else tests.welch

    found, expected = test(before, after), stats.ttest_ind(after.values, before.values, equal_var=equal_var)

    assert (found.statistic, found.p_value) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-9)
    assert found.freedom[0] == pytest.approx(expected.df)
    assert found.contrast.interval() == pytest.approx(tuple(expected.confidence_interval()))


def test_users_with_equally_many_events_count_as_their_means():
    """With balanced clusters the clustered test is Welch's test of the means of users."""
    rng = np.random.default_rng(3)
    means = rng.normal(0, 1, 24) + np.repeat([0, 0.4], 12)
    values, users = (means[:, None] + rng.normal(0, 0.5, (24, 5))).ravel(), np.repeat(np.arange(24), 5)

    found = clustered.mean_difference(sample_of(values[:60], users[:60]), sample_of(values[60:], users[60:]))

    by_user = values.reshape(24, 5).mean(axis=1)
    expected = stats.ttest_ind(by_user[12:], by_user[:12], equal_var=False)
    assert (found.t, found.p_value) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-9)
    assert found.design_effect > 2


def test_users_in_both_arms_count_as_pairs():
    rng = np.random.default_rng(4)
    level = rng.normal(0, 2, 200)
    before = sample_of(level + rng.normal(0, 0.5, 200), np.arange(200))
    after = sample_of(level + rng.normal(0.1, 0.5, 200), np.arange(200))

    found = clustered.mean_difference(before, after)

    assert found.error == pytest.approx(stats.sem(after.values - before.values), rel=1e-9)


def test_clustered_ranks_of_independent_events_are_delongs():
    before, after = seeded((0, 1, 40), (0.5, 1, 50))

    found = clustered.rank_difference(before, after)

    u = stats.mannwhitneyu(after.values, before.values).statistic
    assert found.value == pytest.approx(2 * u / (40 * 50) - 1)
    placed_after = np.array([np.mean(before.values < value) for value in after.values])
    placed_before = np.array([np.mean(after.values > value) for value in before.values])
    variance = placed_after.var(ddof=1) / 50 + placed_before.var(ddof=1) / 40
    assert found.error == pytest.approx(2 * np.sqrt(variance), rel=1e-9)


def test_several_arms():
    samples = [sample_of(values) for values in (CONTROL, TREATMENT, THIRD)]

    plain = compare_arms(samples, asked=StatisticalTest.ANOVA)
    ranked = compare_arms(samples, asked=StatisticalTest.KRUSKAL_WALLIS)

    assert (plain.result.statistic, plain.result.p_value) == pytest.approx((24.66667, 5.60929e-05), rel=1e-5)
    eta, omega = plain.effects
    assert (eta.value, omega.value) == pytest.approx((0.804348, 0.759358), abs=1e-6)
    assert (ranked.result.statistic, ranked.result.p_value) == pytest.approx((11.375943, 0.00338646), rel=1e-5)


def test_welch_anova_agrees_with_statsmodels():
    found = several.welch_anova(seeded((10, 2, 30), (11, 3, 40), (12, 4, 25)))

    assert (found.statistic, found.p_value, *found.freedom) == pytest.approx(
        (11.9002290, 5.37208195e-05, 2.0, 53.0775946), rel=1e-7
    )


def test_interval_of_eta_squared_agrees_with_statsmodels():
    eta, _ = effects.of_variance(24.66667, 2, 12)

    # Noncentralities of statsmodels.stats.oneway.confint_noncentrality, divided by themselves and 15 events.
    assert (eta.low, eta.high) == pytest.approx(
        [noncentrality / (noncentrality + 15) for noncentrality in (11.92027423, 106.55234255)], rel=1e-3
    )


def test_two_shares():
    before, after = of_yes(50, 1000), of_yes(100, 1000)

    z, table = tests.two_proportions(before, after), several.chi_square([before, after])
    pair = compare_pair(before, after, rng=np.random.default_rng(1))

    assert (z.statistic, z.p_value) == pytest.approx((4.244763, 2.18824e-05), rel=1e-5)
    assert (table.statistic, table.p_value) == pytest.approx((18.0180, 2.18824e-05), rel=1e-5)
    assert pair.difference.interval == pytest.approx((0.0270522, 0.0733879), abs=1e-6)
    assert pair.effects[2].value == pytest.approx(0.192474, abs=1e-6)


def test_odds_ratio_agrees_with_statsmodels():
    found = effects.odds_ratio(of_yes(10, 100), of_yes(20, 100))

    assert (found.value, found.low, found.high) == pytest.approx((2.25, 0.99429489, 5.09154783), rel=1e-5)


def test_exact_tests_of_few_yes():
    assert tests.fisher(of_yes(1, 9), of_yes(7, 9)).p_value == pytest.approx(
        stats.fisher_exact([[7, 2], [1, 8]]).pvalue
    )
    pairs = np.array([[0, 1]] * 15 + [[1, 0]] * 4 + [[1, 1]] * 30)
    assert tests.mcnemar(pairs[:, 0], pairs[:, 1]).p_value == pytest.approx(0.0192108, rel=1e-5)


def test_friedman_of_yes_and_no_is_cochrans_q():
    blocks = np.array([[1, 0, 1], [1, 1, 1], [0, 0, 1], [1, 0, 1], [0, 0, 0], [1, 0, 1]], float)

    found = several.friedman(blocks)

    assert (found.statistic, found.p_value) == pytest.approx((6.5, 0.0387742078), rel=1e-7)


def test_interval_of_cohens_d_covers_the_true_one():
    rng = np.random.default_rng(9)
    covered = 0
    for _ in range(400):
        before, after = sample_of(rng.normal(0, 1, 15)), sample_of(rng.normal(0.8, 1, 12))
        d = effects.standardised(before, after, tests.student(before, after).contrast)[0]
        covered += d.low <= 0.8 <= d.high

    assert 0.92 <= covered / 400 <= 0.98


def test_power_agrees_with_statsmodels():
    assert power.power_of_means(0.5, 64, 64) == pytest.approx(0.801460, abs=1e-6)
    assert power.power_of_means(0.3, 50, 100) == pytest.approx(0.40560967, abs=1e-6)
    assert power.needed_for_means(0.2) == pytest.approx(393.406, abs=1e-3)


def test_bootstrap_agrees_with_scipy():
    before, after = seeded((10, 2, 60), (11, 3, 80))

    found = resampling.bootstrap(before, after, rng=np.random.default_rng(1), draws=9_999)

    expected = stats.bootstrap(
        (after.values, before.values),
        lambda x, y, axis: x.mean(axis=axis) - y.mean(axis=axis),
        method="percentile",
        rng=np.random.default_rng(2),
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.05)


def test_bootstrap_of_blocks_is_as_wide_as_of_single_events():
    before, after = seeded((0, 1, 30_000), (0, 1, 30_000))

    found = resampling.bootstrap(before, after, rng=np.random.default_rng(1))

    low, high = tests.welch(before, after).contrast.interval()
    assert found.high - found.low == pytest.approx(high - low, rel=0.1)


def test_corrections():
    p_values = (0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216)

    assert holm(p_values) == pytest.approx([0.01, 0.072, *[0.312] * 5, *[0.615] * 3], abs=1e-9)
    assert benjamini_hochberg(p_values) == pytest.approx(
        [0.01, 0.04, 0.084, 0.084, 0.084, 0.1, 0.105714, 0.216, 0.216, 0.216], abs=1e-6
    )
    assert bonferroni(p_values)[:3] == pytest.approx([0.01, 0.08, 0.39])


@pytest.mark.parametrize(("d", "needed"), [(0.05, 6280.0), (0.1, 1570.7), (0.4, 99.08), (1, 16.715), (2, 5.0900)])
def test_numbers_of_events_for_small_and_large_differences(d, needed):
    assert power.needed_for_means(d) == pytest.approx(needed, rel=2e-4)


def test_clustered_analysis_of_independent_events_is_welchs():
    samples = seeded((10, 2, 30), (11, 3, 40), (12, 4, 25))

    found, expected = several.clustered_anova(samples), several.welch_anova(samples)

    assert (found.statistic, found.p_value) == pytest.approx((expected.statistic, expected.p_value), rel=1e-9)
    assert found.freedom == pytest.approx(expected.freedom)
