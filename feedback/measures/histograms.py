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
    """How often each bin occurs.

    Attributes
    ----------
    kind : Kind
        How values are binned.
    bins, counts : ndarray
        int64, shape (b,): bins ascend, no count is 0.
    total, squares : float
        The exact sums of the values and of their squares.

    Examples
    --------
    >>> histogram = Histogram.of(np.array([1.0, 2.0, 2.0, np.nan]), Kind.COUNT)
    >>> histogram.n, histogram.mean, histogram.quantiles([0.5]).tolist()
    (3, 1.6666666666666667, [2.0])
    """

    kind: Kind
    bins: np.ndarray
    counts: np.ndarray
    total: float
    squares: float

    @classmethod
    def of(cls, values: np.ndarray, kind: Kind) -> "Histogram":
        """Return the histogram of these values without those that are not finite."""
        values = np.asarray(values, dtype=np.float64)
        values = values[np.isfinite(values)]
        bins, counts = np.unique(bins_of(values, kind), return_counts=True)
        return cls(kind, bins, counts, float(values.sum()), float(np.square(values).sum()))

    @cached_property
    def n(self) -> int:
        """How many values there are."""
        return int(self.counts.sum())

    @property
    def mean(self) -> float:
        """The exact mean; NaN without values."""
        return self.total / self.n if self.n else float("nan")

    @property
    def variance(self) -> float:
        """The variance with n in the denominator, never below 0; NaN without values."""
        return max(self.squares / self.n - self.mean**2, 0.0) if self.n else float("nan")

    @cached_property
    def values(self) -> np.ndarray:
        """The middle of each bin, to be weighted by `counts`."""
        return representatives(self.bins, self.kind)

    def quantiles(self, shares: Sequence[float]) -> np.ndarray:
        """Return the values below which these shares, 0 to 1, lie, interpolated as numpy does; NaN without values.

        Values count as evenly spread inside a bin, so a quantile is at most 0.2 % off where a bin holds few of them.
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


def merge(histograms: Iterable[Histogram], kind: Kind) -> Histogram:
    """Return the sum of histograms.

    Parameters
    ----------
    histograms : iterable of Histogram
        Of one kind; counts may be negative in some of them.
    kind : Kind
        Their kind, also if there is none.

    Returns
    -------
    Histogram
        Without the bins whose counts add up to 0.

    Examples
    --------
    >>> hours = [Histogram.of(np.array([1.0, 2.0]), Kind.COUNT), Histogram.of(np.array([2.0]), Kind.COUNT)]
    >>> day = merge(hours, Kind.COUNT)
    >>> day.bins.tolist(), day.counts.tolist(), day.total
    ([1, 2], [1, 2], 5.0)
    """
    parts = list(histograms)
    if not parts:
        empty = np.empty(0, dtype=np.int64)
        return Histogram(kind, empty, empty, 0.0, 0.0)
    bins, counts = sum_by_bin(
        np.concatenate([part.bins for part in parts]), np.concatenate([part.counts for part in parts])
    )
    return Histogram(kind, bins, counts, sum(part.total for part in parts), sum(part.squares for part in parts))


def sum_by_bin(bins: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each bin once, ascending, with the sum of its counts.

    Parameters
    ----------
    bins, counts : ndarray
        int64, shape (n,).

    Returns
    -------
    bins, counts : ndarray
        int64, shape (b,), b <= n; bins whose counts add up to 0 are left out.

    Examples
    --------
    >>> bins, counts = sum_by_bin(np.array([3, 1, 3, 2]), np.array([1, 1, 1, 0]))
    >>> bins.tolist(), counts.tolist()
    ([1, 3], [1, 2])
    """
    if not len(bins):
        return bins, counts
    first, last = bins.min(), bins.max()
    # All bins of a scheme are some ten thousand side by side, so counting by place beats sorting.
    sums = np.bincount(bins - first, weights=counts, minlength=last - first + 1).astype(np.int64)
    there = np.flatnonzero(sums)
    return there + first, sums[there]


@dataclass(frozen=True)
class Aligned:
    """Two histograms over the same bins.

    Attributes
    ----------
    values, low, high : ndarray
        float64, shape (b,): the middles of the bins and their bounds.
    reference, current : ndarray
        int64, shape (b,): counts.
    """

    values: np.ndarray
    low: np.ndarray
    high: np.ndarray
    reference: np.ndarray
    current: np.ndarray


def aligned(reference: Histogram, current: Histogram) -> Aligned:
    """Return two histograms over the union of their bins.

    Parameters
    ----------
    reference, current : Histogram
        Two of one kind.

    Returns
    -------
    Aligned
        Counts of both; 0 where a histogram lacks a bin.

    Raises
    ------
    ValueError
        If their kinds differ.

    Examples
    --------
    >>> sides = [Histogram.of(np.array(values), Kind.COUNT) for values in ([1.0, 2.0], [2.0, 4.0])]
    >>> both = aligned(*sides)
    >>> both.values.tolist(), both.reference.tolist(), both.current.tolist()
    ([1.0, 2.0, 4.0], [1, 1, 0], [0, 1, 1])
    """
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
    """How often each name occurs.

    Examples
    --------
    >>> languages = Categories({"de": 1, "en": 3})
    >>> languages.n, languages.share("en")
    (4, 0.75)
    """

    counts: dict[str, int]

    @property
    def n(self) -> int:
        """How many names were counted."""
        return sum(self.counts.values())

    def share(self, name: str) -> float:
        """Return the share of one name, 0 to 1; NaN if nothing was counted."""
        return self.counts.get(name, 0) / self.n if self.n else float("nan")


def merge_categories(parts: Iterable[Categories]) -> Categories:
    """Return the sum of counts by name.

    Parameters
    ----------
    parts : iterable of Categories
        Counts may be negative in some of them.

    Returns
    -------
    Categories
        Names in order, without those whose counts add up to 0.

    Examples
    --------
    >>> merge_categories([Categories({"en": 2, "de": 1}), Categories({"de": -1, "en": 1})])
    Categories(counts={'en': 3})
    """
    sums: dict[str, int] = {}
    for part in parts:
        for name, count in part.counts.items():
            sums[name] = sums.get(name, 0) + count
    return Categories({name: count for name, count in sorted(sums.items()) if count})
