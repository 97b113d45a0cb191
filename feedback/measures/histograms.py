"""Additive histograms: how values fall into bins, and what the bins say of any set of values.

Rows of bins and counts of one scheme may be summed and subtracted, so every window is the sum of its hours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from enum import StrEnum
from functools import cached_property
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
    """The bin of each value: shape (n,), int64. A larger value never has a lower bin.

    values: float array of shape (n,), finite. Amounts below 1e-9 or above 1e15 fall into the outermost bins, scores
    outside 0 to 1 count as 0 or 1. Raises ValueError for categories, which have names instead.
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
    """(low, high): the least and the largest value of each bin, equal where the bin is one value; shape (n,) each.

    Of a bin of counts these are its least and its largest integer.
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
    """The middle of each bin: shape (n,). At most 0.1 % off for amounts and counts, 0.0005 for scores."""
    low, high = bounds(bins, kind)
    return (low + high) / 2


@dataclass(frozen=True)
class Histogram:
    """How often each bin occurs. bins: int64 array of shape (b,), ascending; counts: likewise, none of them 0.

    total and squares are the exact sums of the values and of their squares.
    """

    kind: Kind
    bins: np.ndarray
    counts: np.ndarray
    total: float
    squares: float

    @classmethod
    def of(cls, values: np.ndarray, kind: Kind) -> "Histogram":
        """The histogram of these values; those that are not finite are left out."""
        values = np.asarray(values, dtype=np.float64)
        values = values[np.isfinite(values)]
        bins, counts = np.unique(bins_of(values, kind), return_counts=True)
        return cls(kind, bins, counts, float(values.sum()), float(np.square(values).sum()))

    @cached_property
    def n(self) -> int:
        return int(self.counts.sum())

    @property
    def mean(self) -> float:
        """The exact mean; NaN of nothing."""
        return self.total / self.n if self.n else float("nan")

    @property
    def variance(self) -> float:
        """The variance with n in the denominator; NaN of nothing, never below 0."""
        return max(self.squares / self.n - self.mean**2, 0.0) if self.n else float("nan")

    @cached_property
    def values(self) -> np.ndarray:
        """The middle of each bin, to be weighted by `counts`."""
        return representatives(self.bins, self.kind)

    def quantiles(self, shares: Sequence[float]) -> np.ndarray:
        """The values below which these shares (0 to 1) lie, between neighbours as numpy does it; NaN of nothing.

        Inside a bin values are taken as evenly spread, so at most 0.2 % off where a bin holds few of them.
        """
        wanted = np.asarray(shares, dtype=np.float64)
        if not self.n:
            return np.full(wanted.shape, np.nan)
        rank = wanted * (self.n - 1)
        below = np.floor(rank)
        part = rank - below
        return (1 - part) * self._ranked(below) + part * self._ranked(np.minimum(below + 1, self.n - 1))

    def _ranked(self, rank: np.ndarray) -> np.ndarray:
        """The value at each place, from 0, of the values in order."""
        ends = np.cumsum(self.counts)
        place = np.searchsorted(ends, rank, side="right")
        low, high = (bound[place] for bound in bounds(self.bins, self.kind))
        inside = (rank - (ends - self.counts)[place] + 0.5) / self.counts[place]
        if self.kind == Kind.COUNT:
            return np.minimum(low + np.floor(inside * (high - low + 1)), high)
        return low + inside * (high - low)

    def cdf(self, points: Sequence[float]) -> np.ndarray:
        """The share of values that are at most each point, from 0 to 1; NaN of nothing."""
        asked = np.asarray(points, dtype=np.float64)
        if not self.n:
            return np.full(asked.shape, np.nan)
        low, high = bounds(self.bins, self.kind)
        whole = 1.0 if self.kind == Kind.COUNT else 0.0
        reached = (np.floor(asked) if whole else asked)[..., None] - low + whole
        # A bin of one value is passed as soon as the point reaches it.
        width = high - low + whole
        parts = np.where(width > 0, np.clip(reached / np.where(width > 0, width, 1), 0, 1), reached >= 0)
        return parts @ self.counts / self.n


def merge(histograms: Iterable[Histogram], kind: Kind) -> Histogram:
    """The sum of histograms of one kind. Counts may be negative in some of them; bins that come to 0 are left out."""
    parts = list(histograms)
    if not parts:
        empty = np.empty(0, dtype=np.int64)
        return Histogram(kind, empty, empty, 0.0, 0.0)
    bins, counts = sum_by_bin(
        np.concatenate([part.bins for part in parts]), np.concatenate([part.counts for part in parts])
    )
    return Histogram(kind, bins, counts, sum(part.total for part in parts), sum(part.squares for part in parts))


def sum_by_bin(bins: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each bin once, ascending, with the sum of its counts; those that come to 0 are left out."""
    if not len(bins):
        return bins, counts
    first, last = bins.min(), bins.max()
    # All bins of a scheme are some ten thousand side by side, so counting by place beats sorting.
    sums = np.bincount(bins - first, weights=counts, minlength=last - first + 1).astype(np.int64)
    there = np.flatnonzero(sums)
    return there + first, sums[there]


@dataclass(frozen=True)
class Aligned:
    """Two histograms over the same bins: values are the middles of the bins, low and high their bounds.

    Every array has shape (b,); reference and current are counts, int64.
    """

    values: np.ndarray
    low: np.ndarray
    high: np.ndarray
    reference: np.ndarray
    current: np.ndarray


def aligned(reference: Histogram, current: Histogram) -> Aligned:
    """Both over the union of their bins. Raises ValueError for two kinds."""
    if reference.kind != current.kind:
        raise ValueError(f"bins of {reference.kind} and {current.kind} cannot be compared")
    bins = np.union1d(reference.bins, current.bins)
    counts = []
    for histogram in (reference, current):
        row = np.zeros(len(bins), dtype=np.int64)
        row[np.searchsorted(bins, histogram.bins)] = histogram.counts
        counts.append(row)
    low, high = bounds(bins, reference.kind)
    return Aligned((low + high) / 2, low, high, *counts)


@dataclass(frozen=True)
class Categories:
    """How often each name occurs."""

    counts: dict[str, int]

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    def share(self, name: str) -> float:
        """The share of one name, 0 to 1; NaN of nothing."""
        return self.counts.get(name, 0) / self.n if self.n else float("nan")


def merge_categories(parts: Iterable[Categories]) -> Categories:
    """The sum; names that come to 0 are left out."""
    sums: dict[str, int] = {}
    for part in parts:
        for name, count in part.counts.items():
            sums[name] = sums.get(name, 0) + count
    return Categories({name: count for name, count in sorted(sums.items()) if count})
