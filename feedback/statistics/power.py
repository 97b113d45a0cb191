"""The smallest effect that a comparison of given sizes detects."""

from math import sqrt

import numpy as np
from scipy import special

from feedback.statistics.shares import moved_by


def smallest_detectable_delta(n: int, m: int, *, alpha: float, power: float = 0.8) -> float:
    """Return the smallest Cliff's delta that n and m values reveal with this power; 1 when nothing smaller does.

    Normal approximation of the rank-sum test: the standard error of the AUC is sqrt((n + m + 1) / (12 n m)).
    Source: Noether (1987), J. Am. Stat. Assoc. 82(398), 645-647.
    """
    if not n or not m:
        return 1.0
    return min(1.0, 2 * _reach(alpha, power) * sqrt((n + m + 1) / (12 * n * m)))


def smallest_detectable_h(n: int, m: int, *, alpha: float, power: float = 0.8) -> float:
    """Return the smallest Cohen's h between shares of n and m events that is revealed with this power; pi at most.

    Source: Cohen (1988), Statistical Power Analysis, chapter 6.
    """
    return min(np.pi, _reach(alpha, power) * sqrt(1 / n + 1 / m)) if n and m else float(np.pi)


def smallest_detectable_share(share: float, n: int, m: int, *, alpha: float, power: float = 0.8) -> float:
    """Return the nearest share above this one that n and m events would tell from it; 0 to 1."""
    return moved_by(share, smallest_detectable_h(n, m, alpha=alpha, power=power))


def _reach(alpha: float, power: float) -> float:
    return float(special.ndtri(1 - alpha / 2) + special.ndtri(power))
