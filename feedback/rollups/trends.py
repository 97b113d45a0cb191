"""Traffic, quality and signals of a period beside the one before it, from rollups."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedback.choices import Bucket, Metric, SignalType
from feedback.rollups import reading
from feedback.rollups.estimates import Estimate, mean, share
from feedback.rollups.reading import EVENTS, Sums
from feedback.rollups.rows import RollupWindow
from feedback.times import DAY, HOUR, floor_day, floor_hour

RANGES = {
    "24h": ("24 hours", timedelta(hours=24), "hour"),
    "7d": ("7 days", timedelta(days=7), "day"),
    "30d": ("30 days", timedelta(days=30), "day"),
    "90d": ("90 days", timedelta(days=90), "day"),
}
DEFAULT_RANGE = "7d"
SHOWN_VERSIONS = 5
OTHER_VERSIONS = "other versions"


@dataclass(frozen=True)
class Period:
    """The newest whole buckets: hours of a day, or calendar days in UTC; the last one is still running."""

    key: str
    label: str
    start: datetime
    end: datetime
    length: timedelta
    bucket: str

    @property
    def before(self) -> tuple[datetime, datetime]:
        """The same hours, one length earlier, so that a running day is compared with as much of a day."""
        return self.start - self.length, self.end - self.length

    @property
    def buckets(self) -> list[datetime]:
        step = HOUR if self.bucket == "hour" else DAY
        return [self.start + index * step for index in range(math.ceil((self.end - self.start) / step))]


@dataclass(frozen=True)
class PeriodSummary:
    events: int
    quality: Estimate | None
    thumbs_up: Estimate | None
    signals: dict[str, int]

    @property
    def edits(self) -> int:
        return self.signals.get(SignalType.EDIT, 0)


@dataclass(frozen=True)
class VersionSeries:
    """One model version, bucket by bucket; quality is None where nothing was scored."""

    version: str
    events: list[int]
    quality: list[float | None]


@dataclass(frozen=True)
class Trends:
    period: Period
    current: PeriodSummary
    before: PeriodSummary
    versions: list[VersionSeries]


def period(key: str, now: datetime) -> Period:
    """The period that a `range` in the address names; an unknown name means the default."""
    key = key if key in RANGES else DEFAULT_RANGE
    label, length, bucket = RANGES[key]
    end = floor_hour(now) + HOUR
    start = end - length if bucket == "hour" else floor_day(now) - length + DAY
    return Period(key, label, start, end, length, bucket)


def trends(of: Period, deployment_id: str = "", *, except_deployments: Sequence[str] = ()) -> Trends:
    """What happened in the period, in one deployment or in all but some."""
    where = {"except_deployments": except_deployments}
    now, before = (reading.window(*hours, deployment_id, **where) for hours in ((of.start, of.end), of.before))
    metrics = [EVENTS, Metric.QUALITY]
    rows = reading.sums_by(now, metrics, ["model_version_id", "metric"], each=Bucket(of.bucket))
    # A change of measure is no change of quality.
    versions = {row.keys["metric"]: row.version for row in rows}
    rows_before = reading.sums_by(before, metrics, ["metric"], versions=versions)
    return Trends(of, _period_summary(rows, now), _period_summary(rows_before, before), _by_version(rows, of.buckets))


def _period_summary(rows: Sequence[Sums], window: RollupWindow) -> PeriodSummary:
    sums = defaultdict(lambda: [0, 0.0, 0.0])
    for row in rows:
        for index, figure in enumerate((row.n, row.total, row.squares)):
            sums[row.keys["metric"]][index] += figure
    signals = reading.histograms(window, [Metric.SIGNAL])[Metric.SIGNAL].counts
    up, down = signals.get(SignalType.THUMBS_UP, 0), signals.get(SignalType.THUMBS_DOWN, 0)
    return PeriodSummary(sums[EVENTS][0], mean(*sums[Metric.QUALITY]), share(up, up + down), signals)


def _by_version(rows: Sequence[Sums], buckets: list[datetime]) -> list[VersionSeries]:
    """The busiest versions, the busiest first, and the rest as one."""
    events, scores = defaultdict(lambda: [0] * len(buckets)), defaultdict(lambda: [[0, 0.0] for _ in buckets])
    index_of = {bucket: index for index, bucket in enumerate(buckets)}
    busiest = _busiest(rows)
    for row in rows:
        named = row.keys["model_version_id"]
        version = named if named in busiest else OTHER_VERSIONS
        index = index_of[row.keys["start"]]
        if row.keys["metric"] == EVENTS:
            events[version][index] += row.n
        else:
            scores[version][index][0] += row.n
            scores[version][index][1] += row.total
    shown = [version for version in [*busiest, OTHER_VERSIONS] if version in events]
    return [
        VersionSeries(version, events[version], [total / n if n else None for n, total in scores[version]])
        for version in shown
    ]


def _busiest(rows: Sequence[Sums]) -> list[str]:
    totals = defaultdict(int)
    for row in rows:
        if row.keys["metric"] == EVENTS:
            totals[row.keys["model_version_id"]] += row.n
    ordered = sorted(totals, key=lambda version: (-totals[version], version))
    # A single version beyond the limit is shown by its name rather than as "other".
    return ordered if len(ordered) == SHOWN_VERSIONS + 1 else ordered[:SHOWN_VERSIONS]
