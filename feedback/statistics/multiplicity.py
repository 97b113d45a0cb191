"""Evidence over many metrics, and how much a comparison could have seen."""

from math import sqrt

import numpy as np
from scipy import special

from feedback.statistics.shares import moved_by


def benjamini_hochberg(p_values, *, at_least: int = 1) -> np.ndarray:
    """Return p-values adjusted for the false discovery rate, in the order given; shape (k,), 0 to 1.

    at_least: a smaller family counts as one of this many. Metrics that move together, as lengths and counts of words
    do, keep the rate. Raises ValueError for NaN, which would make every other p look large.
    Source: Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57(1), 289-300; Benjamini & Yekutieli (2001), Ann. Stat.
    29(4), 1165-1188.
    """
    p_values = np.asarray(p_values, dtype=float)
    if np.isnan(p_values).any():
        raise ValueError("A p-value is NaN.")
    size = max(len(p_values), at_least)
    order = np.argsort(p_values)[::-1]
    ranks = np.arange(len(p_values), 0, -1)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum.accumulate(np.append(1.0, p_values[order] * size / ranks))[1:]
    return adjusted


def combined(p_values, weights) -> float:
    """Return one p, 0 to 1, of several tests of the same metric, each with its part of the level; weights sum to 1.

    Source: the weighted Bonferroni inequality; Genovese, Roeder & Wasserman (2006), Biometrika 93(3), 509-524.
    """
    return float(min(1.0, np.min(np.asarray(p_values, dtype=float) / np.asarray(weights, dtype=float))))


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


def _reach(alpha, power):
    return float(special.ndtri(1 - alpha / 2) + special.ndtri(power))
