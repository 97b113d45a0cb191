from math import floor, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from feedback.measures.binning import Kind, bins_of, bounds, representatives
from feedback.measures.histograms import Categories, Histogram, aligned, merge, merge_categories

NUMBERS = [Kind.AMOUNT, Kind.COUNT, Kind.SCORE]
FINITE = st.floats(allow_nan=False, allow_infinity=False)


def samples(rng, kind, n):
    if kind == Kind.SCORE:
        return np.where(rng.random(n) < 0.6, 1.0, rng.beta(8, 2, n))
    values = rng.lognormal(6, 1, n)
    return np.floor(values) if kind == Kind.COUNT else values


def test_ten_bins_of_amounts_are_one_of_two_percent(rng):
    values = rng.lognormal(3, 3, 10_000)

    bins = bins_of(values, Kind.AMOUNT)

    tens = (bins - bins_of(np.array([1.0]), Kind.AMOUNT)) // 10
    assert tens.tolist() == [floor(log(value) / log(1.02)) for value in values]
    low, high = bounds(bins, Kind.AMOUNT)
    assert (low <= values).all()
    assert (values < high).all()
    assert high / low == pytest.approx(1.02**0.1)


@pytest.mark.parametrize(
    ("kind", "value", "bounded"),
    [
        (Kind.AMOUNT, 0.0, (0.0, 0.0)),
        (Kind.AMOUNT, 1.0, (1.0, 1.02**0.1)),
        (Kind.AMOUNT, -1.0, (-(1.02**0.1), -1.0)),
        (Kind.COUNT, 0, (0, 0)),
        (Kind.COUNT, 1_023, (1_023, 1_023)),
        (Kind.COUNT, 1_025, (1_024, 1_025)),
        (Kind.COUNT, 5_000, (5_000, 5_009)),
        (Kind.COUNT, -5, (-5, -5)),
        (Kind.SCORE, 0.0, (0.0, 0.0)),
        (Kind.SCORE, 1.0, (1.0, 1.0)),
        (Kind.SCORE, 0.145, (0.145, 0.145)),
        (Kind.SCORE, 0.0015, (0.001, 0.002)),
        (Kind.SCORE, 0.9999, (0.999, 1.0)),
    ],
)
def test_a_bin_has_the_bounds_of_its_values(kind, value, bounded):
    low, high = bounds(bins_of(np.array([value]), kind), kind)

    assert (low[0], high[0]) == pytest.approx(bounded, abs=1e-12)


def test_a_category_has_no_bin():
    with pytest.raises(ValueError, match="by name"):
        bins_of(np.array([1.0]), Kind.CATEGORY)


@given(st.lists(FINITE, min_size=1, max_size=50))
def test_a_larger_value_has_no_lower_bin_and_lies_within_its_bounds(values):
    values = np.sort(np.array(values))

    for kind in (Kind.AMOUNT, Kind.COUNT, Kind.SCORE):
        bins = bins_of(values, kind)
        assert (np.diff(bins) >= 0).all()
        distinct = np.unique(bins)
        assert (np.diff(representatives(distinct, kind)) > 0).all()


def test_what_is_not_finite_is_left_out():
    histogram = Histogram.of(np.array([1.0, np.nan, np.inf, 3.0]), Kind.COUNT)

    assert (histogram.bins.tolist(), histogram.counts.tolist(), histogram.total) == ([1, 3], [1, 1], 4.0)


@pytest.mark.parametrize("kind", NUMBERS)
def test_hours_add_up_to_the_day_and_can_be_taken_out_again(rng, kind):
    values = samples(rng, kind, 9_000)
    day, *hours = (Histogram.of(part, kind) for part in (values, values[:4_000], values[4_000:]))

    merged = merge(hours, kind)
    taken = Histogram(kind, hours[0].bins, -hours[0].counts, -hours[0].total, -hours[0].squares)
    left = merge([merged, taken], kind)

    assert (merged.bins.tolist(), merged.counts.tolist()) == (day.bins.tolist(), day.counts.tolist())
    assert (merged.total, merged.squares) == pytest.approx((day.total, day.squares))
    assert (left.bins.tolist(), left.counts.tolist()) == (hours[1].bins.tolist(), hours[1].counts.tolist())


@pytest.mark.parametrize("kind", NUMBERS)
def test_mean_variance_quantiles_and_shares_are_those_of_the_values(rng, kind):
    values = samples(rng, kind, 20_000)
    shares = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]

    histogram = Histogram.of(values, kind)

    assert (histogram.n, histogram.mean, histogram.variance) == pytest.approx((20_000, values.mean(), values.var()))
    assert histogram.quantiles(shares) == pytest.approx(np.quantile(values, shares), rel=1e-3)


@pytest.mark.parametrize("n", [200, 40_000])
@pytest.mark.parametrize("kind", NUMBERS)
def test_two_histograms_stand_over_the_same_bins(rng, kind, n):
    first, second = samples(rng, kind, n), samples(rng, kind, n // 2) * 0.95

    pair = aligned(Histogram.of(first, kind), Histogram.of(second, kind))

    exact = stats.ks_2samp(first, second, method="asymp").statistic
    distance = np.abs(np.cumsum(pair.reference) / n - np.cumsum(pair.current) / (n // 2)).max()
    moved = stats.wasserstein_distance(pair.values, pair.values, pair.reference, pair.current)
    assert distance == pytest.approx(exact, abs=1e-3)
    assert moved == pytest.approx(stats.wasserstein_distance(first, second), abs=1e-3 * first.std())
    assert (np.diff(pair.values) > 0).all()
    assert ((pair.low <= pair.values) & (pair.values <= pair.high)).all()


def test_two_kinds_cannot_be_compared():
    with pytest.raises(ValueError, match="count and score"):
        aligned(Histogram.of(np.array([1.0]), Kind.COUNT), Histogram.of(np.array([1.0]), Kind.SCORE))


def test_nothing_has_no_mean_and_no_quantile():
    nothing = merge([], Kind.AMOUNT)

    assert nothing.n == 0
    assert np.isnan([nothing.mean, nothing.variance, *nothing.quantiles([0.5])]).all()


def test_categories_are_counted_by_name():
    before, after = Categories({"en": 6, "de": 2}), Categories({"de": 3, "fr": 1})

    merged = merge_categories([before, after, Categories({"fr": -1})])

    assert (merged.counts, merged.n, merged.share("en")) == ({"de": 5, "en": 6}, 11, 6 / 11)
    assert np.isnan(Categories({}).share("en"))
