"""Additive histograms: what bins say of any set of values.

Rows of bins and counts of one scheme may be summed and subtracted, so every window is the sum of its hours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from feedback.measures.binning import Kind, bins_of, bounds, representatives


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
