"""The rolling average of quality over the newest scored events of a deployment."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from feedback.choices import Metric
from feedback.measures.scored import measure_of
from feedback.rollups import reading, versions
from feedback.statistics.intervals import Z_95
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging
from feedback.stores.replacing import is_quality
from feedback.stores.schema import Row

_MOMENT = timedelta(microseconds=1)
_LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True)
class RollingAverage:
    """n scored events, their mean score and its 95 % interval; None where there is nothing to average.

    measured_since: where older events of the window were scored by another version of the checks, and so are left out,
    the first hour of the version in force.
    """

    n: int
    mean: float | None
    low: float | None
    high: float | None
    measured_since: datetime | None = None


def rolling_average(deployment_id: str, window: int, *, occurred_from: datetime | None = None) -> RollingAverage:
    """Average the newest `window` events that have a score; events without one are missing, not zero.

    Where they were scored by several versions of the checks, those of the version in force are averaged. The interval
    is the normal approximation mean ± 1.96 s / √n, cut to 0..1; None for fewer than two events. Events before
    `occurred_from` are left out.
    """
    where = EventFilter(deployment_id=deployment_id, scored=True, occurred_from=occurred_from)
    rows = (
        event_store().scan(where, ["id", "occurred_at", "quality_score"], Paging(limit=window)).read_all().to_pylist()
    )
    rows, measured_since = _measured_alike(deployment_id, rows)
    scores = [row["quality_score"] for row in rows]
    n = len(scores)
    if n == 0:
        return RollingAverage(0, None, None, None, measured_since)
    mean = math.fsum(scores) / n
    if n == 1:
        return RollingAverage(1, mean, None, None, measured_since)
    deviation = math.sqrt(math.fsum((score - mean) ** 2 for score in scores) / (n - 1))
    half_width = Z_95 * deviation / math.sqrt(n)
    return RollingAverage(n, mean, max(0.0, mean - half_width), min(1.0, mean + half_width), measured_since)


def _measured_alike(deployment_id: str, rows: list[Row]) -> tuple[list[Row], datetime | None]:
    """The rows of the version in force, newest first, and its first hour where there are others."""
    if not rows:
        return rows, None
    window = reading.window(rows[-1]["occurred_at"], rows[0]["occurred_at"] + _MOMENT, deployment_id)
    seen = versions.seen([window], [Metric.QUALITY])
    # The scores themselves are read only where the rollups of these hours know more than one way of measuring.
    if len({one.version for one in seen}) < 2:
        return rows, None
    scores = event_store().scores([row["id"] for row in rows]).to_pylist()
    version_of = {score["event_id"]: measure_of(score).version for score in scores if is_quality(score)}
    if len(set(version_of.values())) < 2:
        return rows, None
    version = versions.in_force(seen, deployment_id)[Metric.QUALITY]
    ever = reading.window(_LONG_AGO, window.end, deployment_id)
    alike = [row for row in rows if version_of.get(row["id"]) == version]
    return alike, versions.first_hour(ever, Metric.QUALITY, version)
