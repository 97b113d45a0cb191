"""Traffic, checks and feedback of a period beside the one before it."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedback.choices import Bucket, Split
from feedback.evidence.keeping import sampled
from feedback.evidence.weights import WeightTable
from feedback.rollups import groups, reading
from feedback.rollups.groups import GroupFigures, Parts
from feedback.rollups.reading import EVENTS
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
# Votes are read of at most so many events of a period, as many of each bucket.
MOST_VOTED = 4_000


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

    @property
    def spans(self) -> list[tuple[datetime, datetime]]:
        """The buckets from start to before end."""
        return list(zip(self.buckets, [*self.buckets[1:], self.end], strict=True))


@dataclass(frozen=True)
class VersionSeries:
    """One model version, or the rest of them, in the whole period and bucket by bucket."""

    version: str
    total: GroupFigures
    buckets: list[GroupFigures]


@dataclass(frozen=True)
class Trends:
    """A period and the one before it; all versions bucket by bucket, and each version."""

    period: Period
    current: GroupFigures
    before: GroupFigures
    buckets: list[GroupFigures]
    versions: list[VersionSeries]


def period(key: str, now: datetime) -> Period:
    """The period that a `range` in the address names; an unknown name means the default."""
    key = key if key in RANGES else DEFAULT_RANGE
    label, length, bucket = RANGES[key]
    end = floor_hour(now) + HOUR
    start = end - length if bucket == "hour" else floor_day(now) - length + DAY
    return Period(key, label, start, end, length, bucket)


def trends(
    of: Period, tables: Mapping[str, WeightTable], deployment_id: str = "", *, except_deployments: Sequence[str] = ()
) -> Trends:
    """What happened in the period, in one deployment or in all but some. tables: the weights of the deployments."""
    names = [deployment_id] if deployment_id else [name for name in tables if name not in except_deployments]
    now, before = (
        reading.window(*hours, deployment_id, except_deployments=except_deployments)
        for hours in ((of.start, of.end), of.before)
    )
    earlier = [(start - of.length, end - of.length) for start, end in of.spans]
    voted = sampled.newest_of_periods(names, [*of.spans, *earlier], most=2 * MOST_VOTED)
    votes = [event for event in voted if event.start >= of.start]
    parts = groups.parts(now, Split.MODEL_VERSION, votes, each=Bucket(of.bucket), tables=tables, with_names=False)
    # A change of measure is no change of what is measured.
    former = groups.parts(
        before,
        Split.MODEL_VERSION,
        [event for event in voted if event.start < of.start],
        versions=parts.versions,
        tables=tables,
        with_names=False,
    )
    return Trends(of, parts.total(), former.total(), _by_bucket(parts, of), _by_version(parts, of))


def _by_bucket(parts: Parts, of: Period) -> list[GroupFigures]:
    found = parts.grouped(lambda version, start: start)
    return [found.get(start, GroupFigures()) for start in of.buckets]


def _by_version(parts: Parts, of: Period) -> list[VersionSeries]:
    """The busiest versions, the busiest first, and the rest as one."""
    events: Counter[str] = Counter()
    for (version, _), sums in parts.sums.items():
        events[version] += int(sums[EVENTS][0]) if EVENTS in sums else 0
    busiest = _busiest(events)

    def shown(version: str) -> str:
        return version if version in busiest else OTHER_VERSIONS

    has_others = any(count for version, count in events.items() if version not in busiest)
    totals = parts.grouped(lambda version, start: shown(version))
    found = parts.grouped(lambda version, start: (shown(version), start))
    return [
        VersionSeries(version, totals[version], [found.get((version, start), GroupFigures()) for start in of.buckets])
        for version in [*busiest, *([OTHER_VERSIONS] if has_others else [])]
    ]


def _busiest(events: Mapping[str, int]) -> list[str]:
    ordered = sorted((name for name in events if events[name]), key=lambda version: (-events[version], version))
    # A single version beyond the limit is shown by its name rather than as "other".
    return ordered if len(ordered) == SHOWN_VERSIONS + 1 else ordered[:SHOWN_VERSIONS]
