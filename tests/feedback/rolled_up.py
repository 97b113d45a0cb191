"""What the rollups say in all."""

from datetime import UTC, datetime

from feedback.measures.histograms import Categories
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
    window = rows.Window(*EVER, deployment_id, segment=None)
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
