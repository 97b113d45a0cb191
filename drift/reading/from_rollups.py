"""Reads windows of whole hours from rollups: the cost does not depend on traffic."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from drift.measures import watched
from drift.windows.data import EVENTS, Summaries, Summary, WindowData, with_model_version
from drift.windows.segments import VERSIONS, distributions
from drift.windows.window import Span
from feedback.choices import Bucket
from feedback.measures.histograms import Categories, merge, merge_categories
from feedback.models import Deployment
from feedback.rollups import own_versions, reading
from feedback.rollups import versions as measure_versions
from feedback.rollups.versions import Versions
from feedback.times import HOUR

EVER = (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC))


@dataclass(frozen=True)
class Hours:
    """Spans of whole hours of one deployment, optionally of one version."""

    deployment_id: str
    spans: Sequence[Span]
    model_version_id: str | None = None
    prompt_version: str | None = None

    def windows(self, segment: str | None = ""):
        versions = {name: getattr(self, name) for name in VERSIONS if getattr(self, name) is not None}
        return [reading.window(*span, self.deployment_id, segment=segment, **versions) for span in self.spans]


def content(hours: Hours, split_by: Sequence[str]) -> WindowData:
    """Summaries by segment: the whole window, and the segments of the keys in `split_by`."""
    seen = measure_versions.seen(hours.windows())
    versions = measure_versions.in_force(seen, hours.deployment_id)
    parts = {"": _merged(reading.histograms(window, versions=versions) for window in hours.windows())}
    sizes = {"": events(hours)}
    if hours.model_version_id is None:
        named = sum(sizes_of(hours.windows(), "model_version_id").values())
        parts[""] = {**parts[""], **with_model_version(named, sizes[""])}
    for name in set(split_by) & set(VERSIONS):
        found = _grouped(hours.windows(), name, versions)
        parts |= {f"{name}={version}": side for version, side in found.items() if version}
        sizes |= {f"{name}={version}": n for version, n in sizes_of(hours.windows(), name).items()}
    if Deployment.objects.get(pk=hours.deployment_id).segment_keys or set(split_by) - set(VERSIONS):
        segments = sizes_of(hours.windows(segment=None), "segment")
        parts[""] = {**parts[""], **distributions(segments)}
        sizes |= segments
    if set(split_by) - set(VERSIONS):
        found = _grouped(hours.windows(segment=None), "segment", versions)
        parts |= {segment: side for segment, side in found.items() if segment.partition("=")[0] in split_by}
    return WindowData(parts, versions=versions, mixed=measure_versions.mixed(seen), sizes=sizes)


def events(hours: Hours) -> int:
    return sum(found.n for window in hours.windows() for found in reading.sums_by(window, [EVENTS], ["metric"]))


def all_hours(hours: Hours) -> tuple[Span, ...]:
    """From the first to the last hour with events, regardless of the spans; empty without events."""
    counts = _counts(replace(hours, spans=[EVER]))
    return ((counts[0][0], counts[-1][0] + HOUR),) if counts else ()


def newest_hours(deployment_id: str, *, n: int, skip: int) -> tuple[Span, ...]:
    """The newest whole hours with at least n events, older than those with the newest `skip` events."""
    counts = _counts(Hours(deployment_id, [EVER]))
    while counts and skip > 0:
        skip -= counts.pop()[1]
    held, start = 0, len(counts)
    while start and held < n:
        start -= 1
        held += counts[start][1]
    return ((counts[start][0], counts[-1][0] + HOUR),) if counts else ()


def version_before(deployment_id: str, model_version_id: str) -> str | None:
    """The previous model version: the last one to start before this one."""
    window = reading.window(*EVER, deployment_id)
    begun: dict[str, datetime] = {}
    for found in reading.sums_by(window, [EVENTS], ["model_version_id"], each=Bucket.HOUR):
        begun.setdefault(found.keys["model_version_id"], found.keys["start"])
    for nameless in ("", own_versions.OTHER):
        begun.pop(nameless, None)
    start = begun.pop(model_version_id, None)
    earlier = [(at, version) for version, at in begun.items() if start is not None and at < start]
    return max(earlier)[1] if earlier else None


def _counts(hours: Hours) -> list[tuple[datetime, int]]:
    """(hour, number of events) of hours with events, in order of time."""
    rows = [row for window in hours.windows() for row in reading.sums_by(window, [EVENTS], [], each=Bucket.HOUR)]
    return [(row.keys["start"], row.n) for row in rows]


def sizes_of(windows, by: str) -> dict[str, int]:
    """Numbers of events by value of a column."""
    sizes: defaultdict[str, int] = defaultdict(int)
    for window in windows:
        for found in reading.sums_by(window, [EVENTS], [by]):
            if found.keys[by]:
                sizes[found.keys[by]] += found.n
    return sizes


def _grouped(windows, by: str, versions: Versions) -> dict[str, Summaries]:
    found: defaultdict[str, list[Summaries]] = defaultdict(list)
    for window in windows:
        for (name,), side in reading.grouped(window, by=[by], versions=versions).items():
            found[name].append(side)
    return {
        name: {metric: side for metric, side in _merged(sides).items() if watched.is_for_segments(metric)}
        for name, sides in found.items()
    }


def _merged(sides: Iterable[Summaries]) -> dict[str, Summary]:
    found: defaultdict[str, list[Summary]] = defaultdict(list)
    for side in sides:
        for metric, summary in side.items():
            found[metric].append(summary)
    return {metric: same[0] if len(same) == 1 else _sum(same) for metric, same in found.items()}


def _sum(same):
    if isinstance(same[0], Categories):
        return merge_categories(same)
    return merge(same, same[0].kind)
