"""Summary figures and chart data of two windows."""

from collections.abc import Mapping

import numpy as np

from feedback.measures.histograms import Aligned, Categories, Histogram

BARS = 30
SHOWN_NAMES = 12
_DIGITS = 6


def figures(summary: Histogram | Categories, factor: float = 1.0) -> dict:
    """n, with mean, standard deviation, median and 5 % and 95 % quantiles of numbers, or shares of categories."""
    if not summary.n:
        return {"n": 0}
    if isinstance(summary, Categories):
        largest = sorted(summary.counts.items(), key=lambda entry: (-entry[1], entry[0]))[:SHOWN_NAMES]
        return {"n": summary.n, "shares": {name: _round(count / summary.n) for name, count in largest}}
    low, median, high = (_round(value * factor) for value in summary.quantiles([0.05, 0.5, 0.95]))
    # Sums of squares leave rounding errors when all values are equal.
    variance = summary.variance if summary.variance > 1e-12 * summary.mean**2 else 0.0
    mean, deviation = _round(summary.mean * factor), _round(variance**0.5 * factor)
    return {"n": summary.n, "mean": mean, "sd": deviation, "median": median, "p5": low, "p95": high}


def of_numbers(both: Aligned, factor: float = 1.0) -> dict:
    """{"edges", "reference", "current"}: counts in BARS bars of equal width over the middle 98 % of both sides.

    The outermost bars include values beyond. A small range of whole numbers gets one bar per number.
    """
    if not len(both.values):
        return {"edges": [], "reference": [], "current": []}
    edges = _edges(both, factor)
    index = np.clip(np.searchsorted(edges, both.values, side="right") - 1, 0, len(edges) - 2)
    counts = [np.bincount(index, weights=side, minlength=len(edges) - 1) for side in (both.reference, both.current)]
    return {
        "edges": [_round(edge * factor) for edge in edges],
        "reference": counts[0].astype(int).tolist(),
        "current": counts[1].astype(int).tolist(),
    }


def _edges(both, factor):
    reached = np.cumsum(both.reference + both.current)
    low, high = (both.values[np.searchsorted(reached, reached[-1] * share)] for share in (0.01, 0.99))
    within = both.values[(both.values >= low) & (both.values <= high)]
    if factor == 1.0 and high - low < BARS and (within == np.round(within)).all():
        return np.arange(low - 0.5, high + 1)
    if low == high:
        low, high = low - 0.5 / factor, high + 0.5 / factor
    return np.linspace(low, high, BARS + 1)


def of_categories(before: Mapping[str, int], after: Mapping[str, int]) -> dict:
    """{"names", "reference", "current"}: counts of the largest SHOWN_NAMES, the rest as `all others`."""
    both = {name: before.get(name, 0) + after.get(name, 0) for name in {*before, *after}}
    names = sorted(both, key=lambda name: (-both[name], name))
    shown = names[:SHOWN_NAMES]
    rows = [[side.get(name, 0) for name in shown] for side in (before, after)]
    if len(names) > len(shown):
        shown = [*shown, "all others"]
        rows = [[*row, sum(side.values()) - sum(row)] for row, side in zip(rows, (before, after), strict=True)]
    return {"names": shown, "reference": rows[0], "current": rows[1]}


def _round(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
