import numpy as np
import pytest

from drift.crucible import detectors
from feedback.statistics.histogram_pairs import HistogramPair


def span(first, last, step=1):
    return np.arange(first, last + 1, step, dtype=float)


def values(*numbers):
    return np.array(numbers, dtype=float)


@pytest.mark.parametrize(
    ("recent", "baseline", "ks", "psi", "drifted"),
    [
        (span(1, 100), span(1, 100), 0, 0, False),
        (span(1, 100), span(11, 110), 0.10000000000000009, 0.447022, True),
        (span(1, 100), span(51, 150), 0.5, 10.638184, True),
        (np.full(50, 5.0), np.full(50, 200.0), 1.0, 13.815496, True),
        (np.full(50, 13.0), np.full(50, 13.0), 0, 0, False),
        (values(10, 20, 30, 40), values(10, 20, 30, 50), 0.25, 3.107292, True),
        (span(10, 50, 10), span(30, 70, 10), 0.4, 7.323607, True),
        (values(1, 1, 2, 3, 5, 8, 13), values(1, 2, 2, 3, 5, 8, 21), 0.142857, 1.695645, True),
        (values(1, 1, 2), values(1, 2, 2), 0.333333, 0.231049, True),
        (values(5, 6, 7), values(), 1.0, 0, True),
        (values(), values(), 0, 0, False),
        (span(1, 50), np.append(span(1, 49), 10_000), 0.02, 0.000404, False),
        (span(1, 30), np.repeat(span(1, 30), 10), 0, 0, False),
    ],
)
def test_statistical_drift_gives_the_numbers_of_the_original(recent, baseline, ks, psi, drifted):
    drift = detectors.statistical_drift(HistogramPair.of_samples(baseline, recent))

    assert drift.ks == pytest.approx(ks, abs=1e-6)
    assert drift.psi == pytest.approx(psi, abs=1e-6)
    assert drift.score == max(drift.ks, drift.psi)
    assert drift.drifted is drifted


@pytest.mark.parametrize(
    ("recent", "baseline", "length_change", "quality_change", "drifted"),
    [
        ((100, 0.9), (110, 0.85), 0.090909, 0.05, False),
        ((100, 0.9), (125, 0.9), 0.2, 0.0, False),
        ((100, np.nan), (100, 0.9), 0.0, 0.9, True),
        ((100, 0.0), None, 1.0, 0.0, True),
        (None, None, 0.0, 0.0, False),
        ((5, 0.95), (200, 0.2), 0.975, 0.75, True),
    ],
)
def test_output_drift_gives_the_numbers_of_the_original(recent, baseline, length_change, quality_change, drifted):
    lengths = [np.full(20, side[0], dtype=float) if side else values() for side in (recent, baseline)]
    quality = [np.full(20, side[1]) if side else values() for side in (recent, baseline)]

    drift = detectors.output_drift(*lengths, *quality)

    assert drift.length_change == pytest.approx(length_change, abs=1e-6)
    assert drift.quality_change == pytest.approx(quality_change, abs=1e-12)
    assert drift.drifted is drifted


def test_a_histogram_gives_the_numbers_of_its_sample():
    pair = HistogramPair([1, 2, 3, 5, 8, 13, 21], [1, 2, 1, 1, 1, 0, 1], [2, 1, 1, 1, 1, 1, 0])

    assert detectors.equal_width_psi(pair) == pytest.approx(1.695645, abs=1e-6)


def test_centroids_are_as_far_apart_as_their_means():
    recent, baseline = np.array([[1.0], [2], [3]]), np.array([[4.0], [5], [6]])

    assert detectors.centroid_distance(recent, baseline) == 3.0


@pytest.mark.parametrize("recent", [np.empty((0, 1)), np.ones((3, 2))])
def test_centroids_of_empty_or_different_dimensions_are_rejected(recent):
    with pytest.raises(ValueError, match="one dimension"):
        detectors.centroid_distance(recent, np.ones((3, 1)))
