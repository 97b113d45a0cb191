"""Evidence over many metrics, and how much a comparison could have seen."""

import numpy as np
from numpy.typing import ArrayLike


def benjamini_hochberg(p_values: ArrayLike, *, at_least: int = 1) -> np.ndarray:
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


def combined(p_values: ArrayLike, weights: ArrayLike) -> float:
    """Return one p, 0 to 1, of several tests of the same metric, each with its part of the level; weights sum to 1.

    Source: the weighted Bonferroni inequality; Genovese, Roeder & Wasserman (2006), Biometrika 93(3), 509-524.
    """
    return float(min(1.0, np.min(np.asarray(p_values, dtype=float) / np.asarray(weights, dtype=float))))
