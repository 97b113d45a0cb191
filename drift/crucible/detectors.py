"""The original detector's arithmetic, for parity: fixed thresholds, and missing scores count as 0."""

from dataclasses import dataclass

import numpy as np

from feedback.statistics.histogram_pairs import HistogramPair

KS_THRESHOLD = 0.1
PSI_THRESHOLD = 0.2
CENTROID_THRESHOLD = 0.5
OUTPUT_THRESHOLD = 0.2


@dataclass(frozen=True)
class StatisticalDrift:
    ks: float
    psi: float

    @property
    def score(self) -> float:
        return max(self.ks, self.psi)

    @property
    def drifted(self) -> bool:
        return self.ks > KS_THRESHOLD or self.psi > PSI_THRESHOLD


@dataclass(frozen=True)
class OutputDrift:
    length_change: float
    quality_change: float

    @property
    def score(self) -> float:
        return max(self.length_change, self.quality_change)

    @property
    def drifted(self) -> bool:
        return self.score > OUTPUT_THRESHOLD


def statistical_drift(pair: HistogramPair) -> StatisticalDrift:
    """Return the KS statistic, 0 to 1, and the equal-width stability index of prompt lengths in characters.

    The reference is the original's baseline, the current sample its recent one; the statistic is 1 if one is empty.
    """
    shares = [np.cumsum(counts) / max(counts.sum(), 1) for counts in (pair.reference_counts, pair.current_counts)]
    statistic = float(np.abs(shares[0] - shares[1]).max(initial=0.0))
    return StatisticalDrift(statistic, equal_width_psi(pair))


def equal_width_psi(pair: HistogramPair, *, bins: int = 10) -> float:
    """Return the original's population stability index, >= 0; 0.0 if a sample is empty or all values are equal.

    Ten equal bins over the pooled range, shares floored at 1e-6 and not renormalised. Each bin is open above, the
    last one too, so the largest value falls into none.
    """
    seen = pair.values[pair.reference_counts + pair.current_counts > 0]
    if pair.empty or len(seen) < 2:
        return 0.0
    low, high = seen[0], seen[-1]
    inside = pair.values < high
    position = np.floor((np.maximum(pair.values[inside], low) - low) * bins / (high - low)).astype(int)
    shares = []
    for counts in (pair.reference_counts, pair.current_counts):
        in_bins = np.bincount(position, weights=counts[inside], minlength=bins)[:bins]
        shares.append(np.maximum(in_bins / counts.sum(), 1e-6))
    baseline, recent = shares
    return float(((baseline - recent) * np.log(baseline / recent)).sum())


def centroid_distance(recent: np.ndarray, baseline: np.ndarray) -> float:
    """Return the Euclidean distance, >= 0, of the mean vectors of two samples of shape (n, d) and (m, d).

    Raises ValueError if the dimensions differ or a sample is empty. It is blind to a change that keeps the mean.
    """
    if not len(recent) or not len(baseline) or recent.shape[1] != baseline.shape[1]:
        raise ValueError("Centroids need vectors of one dimension in both samples.")
    return float(np.linalg.norm(recent.mean(axis=0) - baseline.mean(axis=0)))


def output_drift(
    recent_lengths: np.ndarray, baseline_lengths: np.ndarray, recent_quality: np.ndarray, baseline_quality: np.ndarray
) -> OutputDrift:
    """Return the relative change of the mean response length and the change of the mean quality.

    1-D float arrays; lengths in characters, quality 0 to 1 with NaN for unscored, which counts as 0 here.
    """
    recent_length, baseline_length = _mean(recent_lengths), _mean(baseline_lengths)
    length_change = abs(recent_length - baseline_length) / max(recent_length, baseline_length, 1.0)
    return OutputDrift(length_change, abs(_mean(recent_quality) - _mean(baseline_quality)))


def _mean(values):
    return float(np.nan_to_num(values, nan=0.0).mean()) if len(values) else 0.0
