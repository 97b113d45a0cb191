"""Two samples of one measure as histograms on one axis: what the kernels of numbers compare."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

EXACT_VALUES = 200_000
_STEPS_IN_MIDDLE_HALF = 4_096
_MOST_BINS = 2**23
# Of the 52 bits of a float's fraction 12 are kept: 4,096 steps from each power of two to the next.
_DROPPED_BITS = 40
_SIGN = np.int64(2**63 - 1)


@dataclass(frozen=True, eq=False)
class HistogramPair:
    """A reference and a current sample, counted on a shared axis.

    Attributes
    ----------
    values : ndarray
        Shape (k,), strictly increasing and finite: the values themselves, or one representative of each bin.
    reference_counts, current_counts : ndarray
        Shape (k,), whole numbers >= 0: how often each value occurs on either side.

    Raises
    ------
    ValueError
        If the arrays differ in shape, a value is not finite, the values do not increase, or a count is negative.

    Examples
    --------
    >>> pair = HistogramPair([1, 2, 3], [2, 1, 0], [1, 1, 1])
    >>> pair.n_reference, pair.n_current
    (3, 3)
    >>> pair.quantiles(0.5)
    (1.0, 2.0)
    """

    values: np.ndarray
    reference_counts: np.ndarray
    current_counts: np.ndarray

    def __post_init__(self) -> None:
        arrays = {
            "values": np.asarray(self.values, dtype=float),
            "reference_counts": np.asarray(self.reference_counts, dtype=np.int64),
            "current_counts": np.asarray(self.current_counts, dtype=np.int64),
        }
        shapes = {array.shape for array in arrays.values()}
        if len(shapes) != 1 or arrays["values"].ndim != 1:
            raise ValueError("Values and counts must be three arrays of one length.")
        if not np.isfinite(arrays["values"]).all() or (np.diff(arrays["values"]) <= 0).any():
            raise ValueError("The values must be finite and strictly increasing.")
        if (arrays["reference_counts"] < 0).any() or (arrays["current_counts"] < 0).any():
            raise ValueError("A count is negative.")
        for name, array in arrays.items():
            object.__setattr__(self, name, array)

    @classmethod
    def of_samples(cls, reference: ArrayLike, current: ArrayLike) -> "HistogramPair":
        """Count two samples.

        Parameters
        ----------
        reference, current : array_like
            Shapes (n,) and (m,), in the same unit. NaN and infinity are missing values.

        Returns
        -------
        HistogramPair
            The values that occur, with their counts.

        Notes
        -----
        More than EXACT_VALUES values together are rounded to a grid of at least 4,096 steps within the middle half:
        equal steps, or floats of fewer digits for values of one sign with a long tail. The cost is then linear, and a
        share moves by less than 1e-3. Values that suit neither grid are counted as they are.

        Examples
        --------
        >>> HistogramPair.of_samples([3, 1, 1], [1, float("nan")]).reference_counts.tolist()
        [2, 1]
        """
        reference, current = present(reference), present(current)
        pooled = np.concatenate([reference, current])
        grid = _grid_for(pooled) if len(pooled) > EXACT_VALUES else None
        if grid is not None:
            places = grid.places(pooled)
            first = places.min()
            places -= first
            size = int(places.max()) + 1
            before, after = (np.bincount(side, minlength=size) for side in np.split(places, [len(reference)]))
            seen = np.flatnonzero(before + after)
            return cls(grid.values(seen + first), before[seen], after[seen])
        sides = [np.unique(side, return_counts=True) for side in (reference, current)]
        values = np.unique(np.concatenate([side for side, _ in sides]))
        counts = np.zeros((2, len(values)), dtype=np.int64)
        for row, (side, times) in zip(counts, sides, strict=True):
            row[np.searchsorted(values, side)] = times
        return cls(values, *counts)

    @property
    def n_reference(self) -> int:
        """The size of the reference sample."""
        return int(self.reference_counts.sum())

    @property
    def n_current(self) -> int:
        """The size of the current sample."""
        return int(self.current_counts.sum())

    @property
    def empty(self) -> bool:
        """Whether a sample is empty, so that there is nothing to compare."""
        return not self.n_reference or not self.n_current

    def means(self) -> tuple[float, float]:
        """Return the means of the reference and of the current sample; NaN for an empty one."""
        return _mean(self.values, self.reference_counts), _mean(self.values, self.current_counts)

    def quantiles(self, share: float) -> tuple[float, float]:
        """Return the value below which this share, 0 to 1, of each sample lies: reference first, NaN for an empty one.

        Where a value ends exactly at the share, the quantile is the mean of that value and the next, so 0.5 gives the
        median.
        """
        return _quantile(self.values, self.reference_counts, share), _quantile(self.values, self.current_counts, share)


def present(values: ArrayLike) -> np.ndarray:
    """Return the finite values.

    Parameters
    ----------
    values : array_like
        Numbers of any shape.

    Returns
    -------
    ndarray
        The finite ones, float, 1-D.

    Examples
    --------
    >>> present([1, float("nan"), 2, float("inf")]).tolist()
    [1.0, 2.0]
    """
    values = np.asarray(values, dtype=float).ravel()
    return values[np.isfinite(values)]


@dataclass(frozen=True)
class _EqualSteps:
    """A step is a power of two, so that whole numbers up to thousands stay whole."""

    step: float

    def places(self, values: np.ndarray) -> np.ndarray:
        return np.rint(values / self.step).astype(np.int64)

    def values(self, places: np.ndarray) -> np.ndarray:
        return places * self.step


@dataclass(frozen=True)
class _FewerDigits:
    """Floats with the first bits of their fraction: their order is that of their bits."""

    def places(self, values: np.ndarray) -> np.ndarray:
        sizes = ((values.view(np.int64) & _SIGN) + (1 << (_DROPPED_BITS - 1))) >> _DROPPED_BITS
        return np.where(values < 0, -sizes, sizes)

    def values(self, places: np.ndarray) -> np.ndarray:
        return np.copysign((np.abs(places) << _DROPPED_BITS).view(np.float64), places)


def _grid_for(values: np.ndarray) -> _EqualSteps | _FewerDigits | None:
    """A grid on which the middle half of the values has enough steps and all of them not too many bins; or None."""
    middle = np.quantile(values[:: max(1, len(values) // 10_000)], [0.25, 0.75])
    if middle[0] == middle[1]:
        return None
    ends = np.array([values.min(), values.max()])
    step = 2.0 ** np.floor(np.log2((middle[1] - middle[0]) / _STEPS_IN_MIDDLE_HALF))
    if (ends[1] - ends[0]) / step < _MOST_BINS:
        return _EqualSteps(step)
    (low, high), (first, last) = (_FewerDigits().places(pair) for pair in (middle, ends))
    return _FewerDigits() if high - low >= _STEPS_IN_MIDDLE_HALF and last - first < _MOST_BINS else None


def _mean(values: np.ndarray, counts: np.ndarray) -> float:
    return float(np.average(values, weights=counts)) if counts.any() else float("nan")


def _quantile(values: np.ndarray, counts: np.ndarray, share: float) -> float:
    if not counts.any():
        return float("nan")
    reached = np.cumsum(counts)
    target = reached[-1] * share
    last = len(values) - 1
    low = min(last, int(np.searchsorted(reached, target, "left")))
    high = min(int(np.searchsorted(reached, target, "right")), int(np.searchsorted(reached, reached[-1], "left")))
    return float(values[low] + values[high]) / 2
