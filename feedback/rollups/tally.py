"""Sums by cell: how often each bin or name of each metric occurs in each group of events."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isclose

import numpy as np

from feedback.measures.binning import Kind, bins_of, bounds
from feedback.measures.catalogue import Measure, kind_of
from feedback.measures.histograms import Categories, Histogram, sum_by_bin

_BIN_BITS = 20
_MIDDLE = 1 << (_BIN_BITS - 1)
_NO_BINS = np.empty(0, dtype=np.int64)


@dataclass
class Cell:
    """The values of one metric in one group of events: bins (numbers) or names (categories), with counts of either
    sign.
    """

    n: int = 0
    total: float = 0.0
    squares: float = 0.0
    bins: np.ndarray = field(default_factory=lambda: _NO_BINS)
    counts: np.ndarray = field(default_factory=lambda: _NO_BINS)
    names: dict[str, int] = field(default_factory=dict)

    @property
    def is_nothing(self) -> bool:
        return not (self.n or len(self.bins) or self.names)

    def negative(self) -> "Cell":
        names = {name: -count for name, count in self.names.items()}
        return Cell(-self.n, -self.total, -self.squares, self.bins, -self.counts, names)

    def without_rounding(self, kind: Kind) -> "Cell":
        """The same with its sums within the bounds of its bins, where adding and subtracting left a trace of rounding.

        A sum of values that have bins of their own is exact then, however often others came and went.
        """
        if not len(self.bins):
            return replace(self, total=0.0, squares=0.0)
        if (self.counts < 0).any():
            return self
        low, high = bounds(self.bins, kind)
        total = np.clip(self.total, low @ self.counts, high @ self.counts)
        small, large = np.sort([low * low, high * high], axis=0)
        squares = np.clip(self.squares, small @ self.counts, large @ self.counts)
        return replace(self, total=float(total), squares=float(squares))

    def agrees_with(self, other: "Cell") -> bool:
        """Whether both have the same counts, and sums that differ by rounding alone."""
        return (
            self.n == other.n
            and np.array_equal(self.bins, other.bins)
            and np.array_equal(self.counts, other.counts)
            and self.names == other.names
            and isclose(self.total, other.total, rel_tol=1e-9, abs_tol=1e-12)
            and isclose(self.squares, other.squares, rel_tol=1e-9, abs_tol=1e-12)
        )


Cells = dict[Measure, Cell]


def tally(
    numbers: Mapping[Measure, np.ndarray],
    names: Mapping[Measure, Sequence[str | tuple[str, ...] | None]],
    indexes: np.ndarray,
    groups: np.ndarray,
    number_of_groups: int,
) -> list[Cells]:
    """The cells of each group, by measure.

    numbers: float64 arrays of shape (n,), NaN where missing. indexes, groups: int64 arrays of shape (m,): an event and
    a group that it belongs to; an event may belong to several, and have several names. Measures without a value in a
    group are left out.
    """
    cells: list[Cells] = [{} for _ in range(number_of_groups)]
    _add_numbers(cells, numbers, indexes, groups)
    places, owners = indexes.tolist(), groups.tolist()
    for measure, values in names.items():
        chosen = [values[index] for index in places]
        for (group, found), count in Counter(zip(owners, chosen, strict=True)).items():
            for name in found if isinstance(found, tuple) else () if found is None else (found,):
                cell = cells[group].setdefault(measure, Cell(names={}))
                cell.n += count
                cell.names[name] = cell.names.get(name, 0) + count
    return cells


def _add_numbers(
    cells: list[Cells], numbers: Mapping[Measure, np.ndarray], indexes: np.ndarray, groups: np.ndarray
) -> None:
    by_kind: defaultdict[Kind, list[Measure]] = defaultdict(list)
    for measure in numbers:
        by_kind[kind_of(measure.metric, measure.assessor)].append(measure)
    for kind, measures in by_kind.items():
        values = np.array([numbers[measure] for measure in measures])
        there = np.isfinite(values)
        bins = np.where(there, bins_of(np.where(there, values, 0.0), kind), 0)
        values, bins, there = values[:, indexes], bins[:, indexes], there[:, indexes]
        place = np.arange(len(measures))[:, None] * len(cells) + groups
        places, values, bins = place[there], values[there], bins[there]
        _split(cells, measures, places, values, bins)


def _split(
    cells: list[Cells], measures: list[Measure], places: np.ndarray, values: np.ndarray, bins: np.ndarray
) -> None:
    """places: of each value, the index of its measure times the number of groups, plus its group."""
    size = len(measures) * len(cells)
    totals = np.bincount(places, weights=values, minlength=size)
    squares = np.bincount(places, weights=values * values, minlength=size)
    keys, counts = np.unique((places << _BIN_BITS) + bins + _MIDDLE, return_counts=True)
    owners = keys >> _BIN_BITS
    starts = np.searchsorted(owners, np.arange(size + 1))
    bins = (keys & ((1 << _BIN_BITS) - 1)) - _MIDDLE
    for place in np.flatnonzero(np.diff(starts)).tolist():
        part = slice(starts[place], starts[place + 1])
        cells[place % len(cells)][measures[place // len(cells)]] = Cell(
            int(counts[part].sum()), float(totals[place]), float(squares[place]), bins[part], counts[part]
        )


def add_up(parts: Iterable[Cell]) -> Cell:
    """The sum of cells of one measure; bins and names that come to 0 are left out."""
    parts = list(parts)
    if len(parts) == 1:
        return parts[0]
    bins, counts = sum_by_bin(
        np.concatenate([_NO_BINS, *(part.bins for part in parts)]),
        np.concatenate([_NO_BINS, *(part.counts for part in parts)]),
    )
    names: Counter[str] = Counter()
    for part in parts:
        for name, count in part.names.items():
            names[name] += count
    return Cell(
        sum(part.n for part in parts),
        sum(part.total for part in parts),
        sum(part.squares for part in parts),
        bins,
        counts,
        {name: count for name, count in names.items() if count},
    )


def summary_of(metric: str, parts: Iterable[Cell], *, kind: Kind | None = None) -> Histogram | Categories:
    """What cells of one metric come to together. kind: that of the metric, unless it is a score of another assessor."""
    cell, kind = add_up(parts), kind or kind_of(metric)
    if kind == Kind.CATEGORY:
        return Categories(dict(sorted(cell.names.items())))
    return Histogram(kind, cell.bins, cell.counts, cell.total, cell.squares)
