"""The original detector's arithmetic, kept for parity: fixed thresholds, and a missing score that counts as 0."""

from dataclasses import dataclass

import numpy as np

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


def statistical_drift(recent: np.ndarray, baseline: np.ndarray) -> StatisticalDrift:
    """Return the KS statistic and the equal-width stability index of two samples of prompt lengths.

    recent, baseline: 1-D arrays of shape (n,) and (m,), characters, no NaN; both may be empty.
    """
    values = np.unique(np.concatenate([recent, baseline]))
    if not len(values):
        return StatisticalDrift(0.0, 0.0)
    shares = [np.searchsorted(np.sort(side), values, "right") / max(len(side), 1) for side in (recent, baseline)]
    return StatisticalDrift(float(np.abs(shares[0] - shares[1]).max()), equal_width_psi(recent, baseline))


def equal_width_psi(recent: np.ndarray, baseline: np.ndarray, *, bins: int = 10) -> float:
    """Return the original's population stability index, >= 0; 0.0 if a sample is empty or all values are equal.

    Ten equal bins over the pooled range, shares floored at 1e-6 and not renormalised. Each bin is open above, the
    last one too, so the largest value falls into none.
    """
    if not len(recent) or not len(baseline):
        return 0.0
    pooled = np.concatenate([recent, baseline])
    low, high = pooled.min(), pooled.max()
    if low == high:
        return 0.0
    shares = []
    for side in (recent, baseline):
        position = np.floor((side[side < high] - low) * bins / (high - low)).astype(int)
        shares.append(np.maximum(np.bincount(position, minlength=bins)[:bins] / len(side), 1e-6))
    recent_shares, baseline_shares = shares
    return float(((baseline_shares - recent_shares) * np.log(baseline_shares / recent_shares)).sum())


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
