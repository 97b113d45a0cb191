"""Evidence over many metrics, and how much a comparison could have seen."""

import numpy as np
from numpy.typing import ArrayLike


def benjamini_hochberg(p_values: ArrayLike, *, at_least: int = 1) -> np.ndarray:
    """Return p-values adjusted for the false discovery rate.

    Parameters
    ----------
    p_values : array_like
        Shape (k,), 0 to 1.
    at_least : int
        A smaller family counts as one of this many.

    Returns
    -------
    ndarray
        Shape (k,), 0 to 1, in the order given.

    Raises
    ------
    ValueError
        If a p-value is NaN, which would make every other one look large.

    Notes
    -----
    The rate also holds for metrics that move together, as lengths and word counts do.

    References
    ----------
    Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57(1), 289-300.
    Benjamini & Yekutieli (2001), Ann. Stat. 29(4), 1165-1188.

    Examples
    --------
    >>> benjamini_hochberg([0.04, 0.01]).tolist()
    [0.04, 0.02]
    >>> benjamini_hochberg([0.01], at_least=10).tolist()
    [0.1]
    """
    p_values = _numbers(p_values)
    size = max(len(p_values), at_least)
    order = np.argsort(p_values)[::-1]
    ranks = np.arange(len(p_values), 0, -1)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum.accumulate(np.append(1.0, p_values[order] * size / ranks))[1:]
    return adjusted


def bonferroni(p_values: ArrayLike) -> np.ndarray:
    """Return p-values adjusted for the chance of any false finding, each by their number.

    Parameters
    ----------
    p_values : array_like
        Shape (k,), 0 to 1.

    Returns
    -------
    ndarray
        Shape (k,), 0 to 1, in the order given.

    Raises
    ------
    ValueError
        If a p-value is NaN.

    References
    ----------
    Dunn (1961), J. Am. Stat. Assoc. 56(293), 52-64.

    Examples
    --------
    >>> bonferroni([0.04, 0.6]).tolist()
    [0.08, 1.0]
    """
    found = _numbers(p_values)
    return np.minimum(1.0, found * len(found))


def holm(p_values: ArrayLike) -> np.ndarray:
    """Return p-values adjusted for the chance of any false finding, in steps: never above Bonferroni's.

    Parameters
    ----------
    p_values : array_like
        Shape (k,), 0 to 1.

    Returns
    -------
    ndarray
        Shape (k,), 0 to 1, in the order given.

    Raises
    ------
    ValueError
        If a p-value is NaN.

    References
    ----------
    Holm (1979), Scand. J. Stat. 6(2), 65-70.

    Examples
    --------
    >>> holm([0.04, 0.01]).tolist()
    [0.04, 0.02]
    """
    found = _numbers(p_values)
    order = np.argsort(found, kind="stable")
    steps = np.maximum.accumulate(found[order] * np.arange(len(found), 0, -1))
    adjusted = np.empty_like(found)
    adjusted[order] = np.minimum(1.0, steps)
    return adjusted


def _numbers(p_values: ArrayLike) -> np.ndarray:
    found = np.asarray(p_values, dtype=float)
    if np.isnan(found).any():
        raise ValueError("A p-value is NaN.")
    return found


def combined(p_values: ArrayLike, weights: ArrayLike) -> float:
    """Return one p-value for several tests of the same metric.

    Parameters
    ----------
    p_values : array_like
        Shape (k,), 0 to 1.
    weights : array_like
        Shape (k,), above 0: the part of the level that each test may use. They sum to 1.

    Returns
    -------
    float
        0 to 1, the smallest ratio of a p-value to its weight.

    References
    ----------
    The weighted Bonferroni inequality; Genovese, Roeder & Wasserman (2006), Biometrika 93(3), 509-524.

    Examples
    --------
    >>> combined([0.25, 0.5], [0.5, 0.5])
    0.5
    """
    return float(min(1.0, np.min(np.asarray(p_values, dtype=float) / np.asarray(weights, dtype=float))))
