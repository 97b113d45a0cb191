"""Two samples of one measure as histograms on one axis: what the kernels of numbers compare."""

from dataclasses import dataclass

import numpy as np

EXACT_VALUES = 200_000
_STEPS_IN_MIDDLE_HALF = 4_096
_MOST_BINS = 2**22


@dataclass(frozen=True, eq=False)
class Histograms:
    """A reference and a current sample, counted on a shared axis.

    values: shape (k,), strictly increasing and finite; the values themselves, or one representative for each bin.
    reference_counts, current_counts: shape (k,), whole numbers >= 0; how often each value was seen on either side.
    Raises ValueError for anything else.
    """

    values: np.ndarray
    reference_counts: np.ndarray
    current_counts: np.ndarray

    def __post_init__(self):
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
    def of_samples(cls, reference: np.ndarray, current: np.ndarray) -> "Histograms":
        """Count two samples; 1-D arrays of shape (n,) and (m,), same unit. NaN and infinity are missing values.

        Beyond EXACT_VALUES values together they are rounded to a grid of 4,096 to 8,192 steps within the middle half,
        where no more than that many lie far out; the cost is then linear, and a share moves by less than 1e-3.
        """
        reference, current = present(reference), present(current)
        pooled = np.concatenate([reference, current])
        step = _grid_step(pooled) if len(pooled) > EXACT_VALUES else 0.0
        if step:
            first = np.floor(pooled.min() / step)
            places = np.rint(pooled / step - first).astype(np.int64)
            size = int(places.max()) + 1
            counts = [np.bincount(side, minlength=size) for side in np.split(places, [len(reference)])]
            seen = np.flatnonzero(counts[0] + counts[1])
            return cls((first + seen) * step, counts[0][seen], counts[1][seen])
        sides = [np.unique(side, return_counts=True) for side in (reference, current)]
        values = np.unique(np.concatenate([side for side, _ in sides]))
        counts = np.zeros((2, len(values)), dtype=np.int64)
        for row, (side, times) in zip(counts, sides, strict=True):
            row[np.searchsorted(values, side)] = times
        return cls(values, *counts)

    @property
    def n_reference(self) -> int:
        return int(self.reference_counts.sum())

    @property
    def n_current(self) -> int:
        return int(self.current_counts.sum())

    @property
    def empty(self) -> bool:
        """Whether a side holds nothing, so that there is nothing to compare."""
        return not self.n_reference or not self.n_current

    def means(self) -> tuple[float, float]:
        """The mean of the reference and of the current sample; NaN for one that is empty."""
        return _mean(self.values, self.reference_counts), _mean(self.values, self.current_counts)

    def quantiles(self, share: float) -> tuple[float, float]:
        """The value below which this share (0 to 1) of the reference, and of the current sample, lies; NaN if empty.

        Where a value ends exactly at the share it is the mean of that value and the next, so .5 gives the median.
        """
        return _quantile(self.values, self.reference_counts, share), _quantile(self.values, self.current_counts, share)


def present(values: np.ndarray) -> np.ndarray:
    """The values that are finite, as a 1-D float array."""
    values = np.asarray(values, dtype=float).ravel()
    return values[np.isfinite(values)]


def _grid_step(values):
    """A power of two, so that whole numbers up to thousands stay whole; 0 where a grid does not suit the values."""
    low, high = np.quantile(values[:: max(1, len(values) // 10_000)], [0.25, 0.75])
    if low == high:
        return 0.0
    step = 2.0 ** np.floor(np.log2((high - low) / _STEPS_IN_MIDDLE_HALF))
    return step if (values.max() - values.min()) / step < _MOST_BINS else 0.0


def _mean(values, counts):
    return float(np.average(values, weights=counts)) if counts.any() else float("nan")


def _quantile(values, counts, share):
    if not counts.any():
        return float("nan")
    reached = np.cumsum(counts)
    target = reached[-1] * share
    last = len(values) - 1
    low = min(last, int(np.searchsorted(reached, target, "left")))
    high = min(int(np.searchsorted(reached, target, "right")), int(np.searchsorted(reached, reached[-1], "left")))
    return float(values[low] + values[high]) / 2
