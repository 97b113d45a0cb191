import numpy as np
import pytest
from scipy import stats

from feedback.statistics import intervals, proportions, shares


@pytest.mark.parametrize(
    ("reference", "current", "statistic", "dof", "p_value", "v", "variation"),
    [
        ([500, 300, 200], [250, 150, 100], 0.0, 2, 1.0, 0.0, 0.0),
        ([500, 300, 200], [400, 350, 250], 20.5128, 2, 3.51316e-05, 0.101274, 0.1),
        ([800], [500], 0.0, 0, 1.0, 0.0, 0.0),
        ([50, 950], [100, 900], 18.0180, 1, 2.18824e-05, 0.0949158, 0.05),
    ],
)
def test_categories_agree_with_the_reference_values(reference, current, statistic, dof, p_value, v, variation):
    test = shares.chi_square(reference, current)

    assert test.statistic == pytest.approx(statistic, rel=1e-6, abs=5e-5)
    assert test.dof == dof
    assert np.log10(test.p_value) == pytest.approx(np.log10(p_value), rel=0.01)
    assert shares.cramers_v(reference, current) == pytest.approx(v, rel=1e-6, abs=5e-7)
    assert shares.total_variation(reference, current) == pytest.approx(variation, abs=1e-12)


def test_chi_square_agrees_with_scipy(rng):
    reference, current = rng.multinomial(900, [0.4, 0.3, 0.2, 0.1]), rng.multinomial(300, [0.3, 0.3, 0.2, 0.2])

    test = shares.chi_square(reference, current)

    expected = stats.chi2_contingency([reference, current], correction=False)
    assert (test.statistic, test.p_value, test.dof) == pytest.approx(
        (expected.statistic, expected.pvalue, expected.dof)
    )


def test_rare_categories_are_tested_as_one():
    """With 100 of 1,100 events on one side, a category needs 55 in all to have 5 there."""
    before, after = shares.merged(np.array([900, 40, 30, 30, 0]), np.array([60, 20, 5, 5, 10]))

    assert (before.tolist(), after.tolist()) == ([900, 40, 60], [60, 20, 20])


def test_a_rest_that_stays_too_rare_takes_the_rarest_of_the_others_in():
    before, after = shares.merged(np.array([500, 300, 2]), np.array([500, 300, 1]))

    assert (before.tolist(), after.tolist()) == ([500, 302], [500, 301])


def test_two_categories_stay_two_however_rare_one_is():
    """Of 50 events 1 % is half an event; merging it away would leave nothing to test."""
    before, after = shares.merged(np.array([9990, 10]), np.array([45, 5]))
    many_before, many_after = shares.merged(np.array([9970, 10, 10, 10]), np.array([45, 2, 2, 1]))

    assert (before.tolist(), after.tolist()) == ([9990, 10], [45, 5])
    assert (many_before.tolist(), many_after.tolist()) == ([9970, 30], [45, 5])
    assert shares.share_distance([9990, 10], [45, 5]).low > 0.5


def test_a_category_that_one_side_lacks_counts_nought():
    names, reference, current = shares.aligned({"en": 9, "de": 3, "fr": 0}, {"en": 5, "es": 2})

    assert names == ["de", "en", "es"]
    assert (reference.tolist(), current.tolist()) == ([3, 9, 0], [0, 5, 2])


@pytest.mark.parametrize(("reference", "current"), [([], []), ([0, 0], [3, 4]), ([3, 4], [0, 0])])
def test_an_empty_side_gives_nan_and_not_zero(reference, current):
    reference, current = np.array(reference, dtype=int), np.array(current, dtype=int)

    assert np.isnan(shares.chi_square(reference, current).p_value)
    assert np.isnan(shares.share_distance(reference, current).value)
    assert np.isnan(shares.cramers_v(reference, current))
    assert np.isnan(shares.total_variation(reference, current))
    assert np.isnan(shares.fisher(reference, current))
    assert np.isnan(proportions.risk_difference(0, int(reference.sum()), 0, int(current.sum())).value)


def test_one_category_and_one_event_are_no_evidence():
    assert shares.chi_square([1], [1]).p_value == 1.0
    assert shares.share_distance([5], [9]).high == 0.0
    assert shares.fisher([1, 0], [0, 1]) == 1.0


def test_risk_difference_and_its_interval_agree_with_the_reference_values():
    found = proportions.risk_difference(50, 1000, 100, 1000)

    assert found.value == pytest.approx(0.05)
    assert (found.low, found.high) == pytest.approx((0.0270522, 0.0733879), abs=5e-8)
    assert proportions.cohens_h(0.05, 0.1) == pytest.approx(0.192474, abs=5e-7)
    assert intervals.wilson(8, 50) == pytest.approx((0.0833742, 0.285142), abs=5e-7)


@pytest.mark.parametrize(("share", "h"), [(0.0, 0.3), (0.05, -0.1), (0.5, 0.2), (1.0, -0.4)])
def test_moving_a_share_by_h_is_the_reverse_of_measuring_h(share, h):
    assert proportions.cohens_h(share, proportions.moved_by(share, h)) == pytest.approx(h)


def test_a_share_stops_at_nought_and_at_one():
    assert (proportions.moved_by(0.001, -0.5), proportions.moved_by(0.999, 0.5)) == (0.0, 1.0)


@pytest.mark.parametrize("n", [60, 1000])
def test_intervals_of_shares_cover_what_is_true(rng, n):
    before, after = np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.35, 0.25])
    true = np.sqrt(((before - after) ** 2 / (before + after) * 2).sum())
    covered = []

    for _ in range(400):
        found = shares.share_distance(rng.multinomial(n, before), rng.multinomial(n, after))
        difference = proportions.risk_difference(rng.binomial(n, 0.05), n, rng.binomial(n, 0.1), n)
        covered.append((found.low <= true <= found.high, difference.low <= 0.05 <= difference.high))

    assert (np.mean(covered, axis=0) >= 0.93).all()


def test_the_distance_of_a_rare_category_that_has_grown_is_covered(rng):
    """The large side knows the share of old; the small one, where it is another, decides how the statistic varies."""
    before = 1 / np.arange(1, 31)
    before /= before.sum()
    after = before.copy()
    after[[0, 15]] += [-0.05, 0.05]
    pooled = (10_000 * before + 1_000 * after) / 11_000
    true = np.sqrt(((before - after) ** 2 / pooled).sum())

    found = [shares.share_distance(rng.multinomial(10_000, before), rng.multinomial(1_000, after)) for _ in range(400)]

    assert np.mean([one.low <= true <= one.high for one in found]) >= 0.93


def test_the_distance_of_two_categories_is_about_cohens_h_whatever_the_sizes():
    for n, m in ((1000, 1000), (100_000, 1000), (200, 10_000)):
        found = shares.share_distance([n * 3 // 10, n * 7 // 10], [m * 4 // 10, m * 6 // 10])

        assert found.value == pytest.approx(proportions.cohens_h(0.3, 0.4), rel=0.05)


def test_the_distance_of_huge_counts_has_an_interval():
    found = shares.share_distance([50_000_000, 950_000_000], [10_000_000, 90_000_000])

    assert (found.value, found.low, found.high) == pytest.approx((0.220176, 0.219971, 0.220382), abs=1e-6)
