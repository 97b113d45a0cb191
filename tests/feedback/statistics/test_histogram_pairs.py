import numpy as np
import pytest

from feedback.statistics import distances, ranks
from feedback.statistics.histogram_pairs import EXACT_VALUES, HistogramPair


def test_two_samples_are_counted_on_one_axis():
    pair = HistogramPair.of_samples(np.array([3, 1, 3, np.nan]), np.array([2, 3, np.inf, -np.inf]))

    assert pair.values.tolist() == [1, 2, 3]
    assert pair.reference_counts.tolist() == [1, 0, 2]
    assert pair.current_counts.tolist() == [0, 1, 1]
    assert (pair.n_reference, pair.n_current, pair.empty) == (3, 2, False)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.95])
@pytest.mark.parametrize("n", [1, 2, 7, 100])
def test_quantiles_and_means_agree_with_numpy(rng, n, share):
    reference, current = rng.integers(0, 9, n).astype(float), rng.normal(size=n + 1)

    pair = HistogramPair.of_samples(reference, current)

    expected = [np.quantile(side, share, method="averaged_inverted_cdf") for side in (reference, current)]
    assert pair.quantiles(share) == pytest.approx(expected)
    assert pair.means() == pytest.approx((reference.mean(), current.mean()))


def test_an_empty_side_has_no_mean_and_no_quantile():
    pair = HistogramPair.of_samples(np.array([]), np.array([4.0]))

    assert pair.empty
    assert np.isnan([pair.means()[0], pair.quantiles(0.5)[0]]).all()
    assert (pair.means()[1], pair.quantiles(0.5)[1]) == (4.0, 4.0)


@pytest.mark.parametrize(
    ("values", "reference", "current", "words"),
    [
        ([1, 2], [1], [1, 1], "one length"),
        ([[1]], [[1]], [[1]], "one length"),
        ([2, 1], [1, 1], [1, 1], "strictly increasing"),
        ([1, 1], [1, 1], [1, 1], "strictly increasing"),
        ([1, np.nan], [1, 1], [1, 1], "finite"),
        ([1, 2], [1, -1], [1, 1], "negative"),
    ],
)
def test_arrays_that_are_no_histogram_are_rejected(values, reference, current, words):
    with pytest.raises(ValueError, match=words):
        HistogramPair(values, reference, current)


@pytest.mark.parametrize("spread", ["lognormal", "far from zero", "nine tenths at zero", "long tail", "negative"])
def test_many_values_are_put_on_a_grid_that_moves_no_share(rng, spread):
    n = EXACT_VALUES // 2 + 1
    reference, current = {
        "lognormal": lambda: (rng.lognormal(5, 0.8, n), rng.lognormal(5.03, 0.8, n)),
        "far from zero": lambda: (rng.normal(1e9, 1, n), rng.normal(1e9 + 0.05, 1, n)),
        "long tail": lambda: (rng.lognormal(5, 3, n), rng.lognormal(5.1, 3, n)),
        "negative": lambda: (-rng.lognormal(5, 3, n), -rng.lognormal(5.1, 3, n)),
        "nine tenths at zero": lambda: (rng.random(n) * (rng.random(n) < 0.1), rng.random(n) * (rng.random(n) < 0.11)),
    }[spread]()
    exact = HistogramPair(*_counted(reference, current))

    gridded = HistogramPair.of_samples(reference, current)

    assert len(gridded.values) < n
    assert distances.ks(gridded).statistic == pytest.approx(distances.ks(exact).statistic, abs=1e-3)
    assert ranks.cliffs_delta(gridded).delta == pytest.approx(ranks.cliffs_delta(exact).delta, abs=1e-3)
    assert distances.psi(gridded).index == pytest.approx(distances.psi(exact).index, abs=1e-3)
    moved = distances.wasserstein(exact).in_deviations
    assert distances.wasserstein(gridded).in_deviations == pytest.approx(moved, abs=1e-3)


def test_many_whole_numbers_stay_exact(rng):
    reference, current = rng.integers(0, 3000, EXACT_VALUES), rng.integers(0, 3000, 10)

    pair = HistogramPair.of_samples(reference, current)

    values, before, after = _counted(reference, current)
    assert (pair.values.tolist(), pair.reference_counts.tolist()) == (values.tolist(), before.tolist())
    assert pair.current_counts.tolist() == after.tolist()


def _counted(reference, current):
    values = np.unique(np.concatenate([reference, current]))
    return values, *(np.bincount(np.searchsorted(values, side), minlength=len(values)) for side in (reference, current))
