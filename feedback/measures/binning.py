"""How values fall into bins, and what a bin says of its values."""

from decimal import Context, Decimal
from enum import StrEnum
from math import log

import numpy as np

# Bins of two schemes are never added up. A change of any rule below is a new number here.
SCHEME = 1
# A tenth of the way from one power of 1.02 to the next, so that ten bins make one of two percent.
RATIO = Context(prec=40).power(Decimal("1.02"), Decimal("0.1"))
# Off by one is within a thousandth of anything larger.
_SINGLE = 1024
_SMALLEST, _LARGEST = Decimal("1e-9"), Decimal("1e15")
_SCORE_STEPS = 1_000
_ON_A_STEP = 1e-7


class Kind(StrEnum):
    """How the values of a metric are binned.

    amount: any number, in bins [r**k, r**(k+1)) with r = 1.02**0.1, likewise below zero; zero has a bin of its own.
    count: integers; those below 1024 have one bin each, larger ones share bins of the same ratio.
    score: 0 to 1 in steps of 0.001; each multiple of 0.001 (0 and 1 too) has a bin of its own beside them.
    category: names.
    """

    AMOUNT = "amount"
    COUNT = "count"
    SCORE = "score"
    CATEGORY = "category"


def _edges() -> np.ndarray:
    """The powers of the ratio between the bounds as the floats nearest to them, whatever the machine's logarithm."""
    exact = Context(prec=40)
    below, above = [Decimal(1)], [Decimal(1)]
    while below[-1] > _SMALLEST:
        below.append(exact.divide(below[-1], RATIO))
    while above[-1] <= _LARGEST:
        above.append(exact.multiply(above[-1], RATIO))
    return np.array([float(power) for power in (*reversed(below), *above[1:])])


_EDGES = _edges()
_LAST = len(_EDGES) - 2
_STEP = log(RATIO)
_BELOW_ONE = -int(np.searchsorted(_EDGES, 1.0))
_SHARED = int(np.searchsorted(_EDGES, _SINGLE, side="right")) - 1


def bins_of(values: np.ndarray, kind: Kind) -> np.ndarray:
    """Return the bin of each value. A larger value never has a lower bin.

    Parameters
    ----------
    values : ndarray
        Float array of shape (n,), finite. Amounts below 1e-9 or above 1e15 fall into the outermost bins; scores outside
        0 to 1 count as 0 or 1.
    kind : Kind
        How values are binned; not CATEGORY.

    Returns
    -------
    ndarray
        int64, shape (n,).

    Raises
    ------
    ValueError
        For categories, which have names instead of bins.

    Examples
    --------
    >>> bins_of(np.array([0.0, 0.25, 1.0]), Kind.SCORE).tolist()
    [0, 500, 2000]
    >>> bins_of(np.array([-3.0, 7.0, 1024.0, 1025.0]), Kind.COUNT).tolist()
    [-3, 7, 1024, 1024]
    """
    values = np.asarray(values, dtype=np.float64)
    if kind == Kind.SCORE:
        return _score_bins(values)
    if kind == Kind.CATEGORY:
        raise ValueError("categories are counted by name")
    size = np.abs(values)
    if kind == Kind.AMOUNT:
        bins = np.where(size == 0, 0, _places(size) + 1)
    else:
        bins = np.minimum(size, _SINGLE).astype(np.int64)
        shared = size >= _SINGLE
        bins[shared] += _places(size[shared]) - _SHARED
    return np.where(values < 0, -bins, bins)


def _places(sizes: np.ndarray) -> np.ndarray:
    """Between which two edges each size lies; sizes beyond them are at the ends."""
    # The logarithm is at most one place off, whatever the machine, and the edges decide.
    guess = np.log(np.clip(sizes, _EDGES[0], _EDGES[_LAST])) / _STEP
    places = np.clip(guess.astype(np.int64) - _BELOW_ONE, 0, _LAST)
    places -= sizes < _EDGES[places]
    places += sizes >= _EDGES[places + 1]
    return np.clip(places, 0, _LAST)


def _score_bins(values: np.ndarray) -> np.ndarray:
    steps = np.clip(values, 0.0, 1.0) * _SCORE_STEPS
    nearest = np.rint(steps)
    between = 2 * np.floor(steps) + 1
    return np.where(np.abs(steps - nearest) < _ON_A_STEP, 2 * nearest, between).astype(np.int64)


def bounds(bins: np.ndarray, kind: Kind) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the largest value of each bin; they are equal where the bin is one value.

    Parameters
    ----------
    bins : ndarray
        Integer array of shape (n,).
    kind : Kind
        How values are binned; not CATEGORY.

    Returns
    -------
    low, high : ndarray
        float64, shape (n,). For counts they are the least and the largest integer of the bin.

    Examples
    --------
    >>> low, high = bounds(np.array([7, 1024]), Kind.COUNT)
    >>> low.tolist(), high.tolist()
    ([7.0, 1024.0], [7.0, 1025.0])
    """
    bins = np.asarray(bins, dtype=np.int64)
    if kind == Kind.SCORE:
        inside = bins % 2
        return (bins - inside) / (2 * _SCORE_STEPS), (bins + inside) / (2 * _SCORE_STEPS)
    size = np.abs(bins)
    if kind == Kind.AMOUNT:
        place = np.maximum(size - 1, 0)
        low, high = (np.where(size == 0, 0.0, _EDGES[place + step]) for step in (0, 1))
    else:
        place = np.clip(size - _SINGLE + _SHARED, 0, _LAST)
        single = size < _SINGLE
        low = np.where(single, size, np.maximum(np.ceil(_EDGES[place]), _SINGLE))
        high = np.where(single, size, np.ceil(_EDGES[place + 1]) - 1)
    return np.where(bins < 0, -high, low), np.where(bins < 0, -low, high)


def representatives(bins: np.ndarray, kind: Kind) -> np.ndarray:
    """Return the middle of each bin.

    Parameters
    ----------
    bins : ndarray
        Integer array of shape (n,).
    kind : Kind
        How values are binned; not CATEGORY.

    Returns
    -------
    ndarray
        float64, shape (n,). At most 0.1 % off a value of the bin for amounts and counts, 0.0005 for scores.

    Examples
    --------
    >>> representatives(np.array([500, 501, 502]), Kind.SCORE).tolist()
    [0.25, 0.2505, 0.251]
    """
    low, high = bounds(bins, kind)
    return (low + high) / 2
