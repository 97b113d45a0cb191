"""What the rollups say in all."""

from datetime import UTC, datetime

import numpy as np

from feedback.measures.binning import Kind, bounds
from feedback.measures.histograms import Categories, Histogram
from feedback.models import Rollup, RollupDelta
from feedback.rollups import reading, rows

EVER = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


def figures(deployment_id="", **where):
    """{metric: (n, sum, sum of squares)}, or counts by name."""
    found = reading.histograms(reading.window(*EVER, deployment_id, **where))
    return {metric: _figures(one) for metric, one in found.items() if one.n}


def _figures(summary):
    if isinstance(summary, Categories):
        return summary.counts
    return summary.n, round(summary.total, 7), round(summary.squares, 7)


def everything(deployment_id=None):
    """Every histogram of every group and hour, bin by bin, as far as it holds anything."""
    window = rows.RollupWindow(*EVER, deployment_id, segment=None)
    keys = ("deployment_id", "model_version_id", "prompt_version", "segment")
    found = reading.grouped(window, by=keys, each="hour")
    return {
        (*key, metric): _content(one) for key, by_metric in found.items() for metric, one in by_metric.items() if one.n
    }


def _content(summary):
    if isinstance(summary, Categories):
        return summary.counts
    return dict(zip(summary.bins.tolist(), summary.counts.tolist(), strict=True)), *_figures(summary)


def stored_rows():
    """How many rows there are, folded and not."""
    return Rollup.objects.count(), RollupDelta.objects.count()


def shares_up_to(points: np.ndarray, histogram: Histogram) -> np.ndarray:
    """The share of values that are at most each point; those of a bin lie evenly in it."""
    low, high = bounds(histogram.bins, histogram.kind)
    whole = 1.0 if histogram.kind == Kind.COUNT else 0.0
    width = high - low + whole
    reached = (np.floor(points) if whole else points)[..., None] - low + whole
    # A bin of one value is passed as soon as the point reaches it.
    parts = np.where(width > 0, np.clip(reached / np.where(width > 0, width, 1), 0, 1), reached >= 0)
    return parts @ histogram.counts / histogram.n
