"""Traffic, quality and signals of a period beside the one before it, from hourly sums."""

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from feedback.choices import Metric, SignalType
from feedback.models import MetricRollup, Signal

# Every event has a response length, so its count is the count of events.
EVENTS = Metric.RESPONSE_LENGTH
RANGES = {
    "24h": ("24 hours", timedelta(hours=24), "hour"),
    "7d": ("7 days", timedelta(days=7), "day"),
    "30d": ("30 days", timedelta(days=30), "day"),
    "90d": ("90 days", timedelta(days=90), "day"),
}
DEFAULT_RANGE = "7d"
SHOWN_VERSIONS = 5
OTHER_VERSIONS = "other versions"
Z_95 = 1.959964


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
        step = timedelta(hours=1) if self.bucket == "hour" else timedelta(days=1)
        return [self.start + index * step for index in range(math.ceil((self.end - self.start) / step))]


@dataclass(frozen=True)
class Estimate:
    """A mean or a share with its 95 % interval."""

    value: float
    n: int
    low: float
    high: float


@dataclass(frozen=True)
class Summary:
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
    current: Summary
    before: Summary
    versions: list[VersionSeries]


def period(key: str, now: datetime) -> Period:
    """The period that a `range` in the address names; an unknown name means the default."""
    key = key if key in RANGES else DEFAULT_RANGE
    label, length, bucket = RANGES[key]
    end = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if bucket == "hour":
        start = end - length
    else:
        today = (end - timedelta(hours=1)).replace(hour=0)
        start = today - length + timedelta(days=1)
    return Period(key, label, start, end, length, bucket)


def trends(of: Period, deployment_id: str = "") -> Trends:
    """What happened in the period, in one deployment or in all."""
    rollups = MetricRollup.objects.in_deployment(deployment_id).of_metrics(EVENTS, Metric.QUALITY)
    rows = list(
        rollups.between(of.start, of.end).with_bucket(of.bucket).sums("bucket_at", "model_version_id", "metric")
    )
    before_start, before_end = of.before
    rows_before = rollups.between(before_start, before_end).sums("metric")
    signals = Signal.objects.live().in_deployment(deployment_id)
    now, earlier = {}, {}
    for row in signals.between(before_start, of.end).counts_by_type(before_end, of.start):
        now[row["type"]], earlier[row["type"]] = row["current"], row["before"]
    return Trends(of, _summary(rows, now), _summary(rows_before, earlier), _by_version(rows, of.buckets))


def mean(count: int, total: float, sum_of_squares: float) -> Estimate | None:
    """The mean of scores in 0 to 1 with a normal 95 % interval; None without scores."""
    if not count:
        return None
    value = total / count
    variance = max(sum_of_squares / count - value * value, 0.0)
    half = Z_95 * math.sqrt(variance / count)
    return Estimate(value, count, max(value - half, 0.0), min(value + half, 1.0))


def share(successes: int, n: int) -> Estimate | None:
    """A share with its Wilson 95 % interval; None of nothing.

    Source: Wilson (1927), J. Am. Stat. Assoc. 22(158), 209-212.
    """
    if not n:
        return None
    value, z2 = successes / n, Z_95 * Z_95
    centre = (value + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 * math.sqrt(value * (1 - value) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return Estimate(value, n, max(centre - half, 0.0), min(centre + half, 1.0))


def _summary(rows, signals: dict[str, int]) -> Summary:
    sums = defaultdict(lambda: [0, 0.0, 0.0])
    for row in rows:
        for index, name in enumerate(("count", "sum", "sum_of_squares")):
            sums[row["metric"]][index] += row[name]
    signals = {kind: count for kind, count in signals.items() if count}
    up, down = signals.get(SignalType.THUMBS_UP, 0), signals.get(SignalType.THUMBS_DOWN, 0)
    return Summary(sums[EVENTS][0], mean(*sums[Metric.QUALITY]), share(up, up + down), signals)


def _by_version(rows, buckets: list[datetime]) -> list[VersionSeries]:
    """The busiest versions, the busiest first, and the rest as one."""
    events, scores = defaultdict(lambda: [0] * len(buckets)), defaultdict(lambda: [[0, 0.0] for _ in buckets])
    index_of = {bucket: index for index, bucket in enumerate(buckets)}
    busiest = _busiest(rows)
    for row in rows:
        version = row["model_version_id"] if row["model_version_id"] in busiest else OTHER_VERSIONS
        index = index_of[row["bucket_at"]]
        if row["metric"] == EVENTS:
            events[version][index] += row["count"]
        else:
            scores[version][index][0] += row["count"]
            scores[version][index][1] += row["sum"]
    shown = [version for version in [*busiest, OTHER_VERSIONS] if version in events]
    return [
        VersionSeries(version, events[version], [total / n if n else None for n, total in scores[version]])
        for version in shown
    ]


def _busiest(rows) -> list[str]:
    totals = defaultdict(int)
    for row in rows:
        if row["metric"] == EVENTS:
            totals[row["model_version_id"]] += row["count"]
    ordered = sorted(totals, key=lambda version: (-totals[version], version))
    # A single version beyond the limit is shown by its name rather than as "other".
    return ordered if len(ordered) == SHOWN_VERSIONS + 1 else ordered[:SHOWN_VERSIONS]
