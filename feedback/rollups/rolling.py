"""The rolling average of quality over the newest scored events of a deployment."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from feedback.choices import Bucket, Metric
from feedback.rollups import reading, users
from feedback.statistics.intervals import Z_95
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging


@dataclass(frozen=True)
class RollingAverage:
    """n scored events, their mean score and its 95 % interval; None where there is nothing to average."""

    n: int
    mean: float | None
    low: float | None
    high: float | None


def rolling_average(deployment_id: str, window: int) -> RollingAverage:
    """Average the newest `window` events that have a score; events without one are missing, not zero.

    The interval is the normal approximation mean ± 1.96 s / √n, cut to 0..1; None for fewer than two events.
    """
    where = EventFilter(deployment_id=deployment_id, scored=True)
    scores = event_store().scan(where, ["quality_score"], Paging(limit=window)).read_all()["quality_score"].to_pylist()
    n = len(scores)
    if n == 0:
        return RollingAverage(0, None, None, None)
    mean = math.fsum(scores) / n
    if n == 1:
        return RollingAverage(1, mean, None, None)
    deviation = math.sqrt(math.fsum((score - mean) ** 2 for score in scores) / (n - 1))
    half_width = Z_95 * deviation / math.sqrt(n)
    return RollingAverage(n, mean, max(0.0, mean - half_width), min(1.0, mean + half_width))


def quality_statistics(deployment_id: str, *, bucket: str, days: int) -> dict[str, Any]:
    """The rolling average, and the mean of every version and bucket ("hour" or "day") of the last `days` days."""
    rolling = rolling_average(deployment_id, settings.QUALITY_WINDOW)
    end = datetime.now(UTC) + timedelta(hours=1)
    window = reading.window(end - timedelta(days=days), end, deployment_id)
    rows = reading.sums_by(window, [Metric.QUALITY], ["model_version_id"], each=Bucket(bucket))
    people = users.distinct_users(window)
    return {
        "users": {"value": people.value, "low": people.low, "high": people.high},
        "n": rolling.n,
        "mean": rolling.mean,
        "interval": None if rolling.low is None else [rolling.low, rolling.high],
        "buckets": [
            {"start": row.keys["start"], "model_version_id": row.keys["model_version_id"], "n": row.n, "mean": row.mean}
            for row in sorted(rows, key=lambda row: (row.keys["start"], row.keys["model_version_id"]))
        ],
    }
