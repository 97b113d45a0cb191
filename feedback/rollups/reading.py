"""What pages, detectors and the API read instead of events: the histograms of any window.

Values that were measured in different ways are never added up. A metric is read in the version that is in force in the
window, see `rollups.versions`, or in the version that the caller names.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from feedback.choices import Bucket, Metric
from feedback.measures.binning import Kind
from feedback.measures.catalogue import OWN
from feedback.measures.histograms import Categories, Histogram
from feedback.rollups import versions as measure_versions
from feedback.rollups.rows import RollupWindow, fetch, sums
from feedback.rollups.tally import Cell, summary_of
from feedback.rollups.versions import Seen, Versions

# Every event has a response length, so its count is the count of events.
EVENTS = Metric.RESPONSE_LENGTH
_MEASURE = ("metric", "assessor", "measure_version")
Summary = Histogram | Categories


@dataclass(frozen=True)
class Sums:
    """n values of one metric, their sum and the sum of their squares, with the keys they are grouped by.

    version: of the measure, where `metric` is one of the keys.
    """

    keys: dict[str, Any]
    n: int
    total: float
    squares: float
    version: str = ""

    @property
    def mean(self) -> float:
        return self.total / self.n


def histograms(
    window: RollupWindow, metrics: Sequence[str] | None = None, *, versions: Versions | None = None
) -> dict[str, Summary]:
    """The merged histogram, or the counts by name, of each metric; all there are if none are named.

    A metric without a value in the window is there with n = 0 if it was named, and left out if not.
    """
    found = grouped(window, metrics, by=(), versions=versions).get((), {})
    return {metric: _summary(metric, window, []) for metric in map(str, metrics or ())} | found


def grouped(
    window: RollupWindow,
    metrics: Sequence[str] | None = None,
    *,
    by: Sequence[str],
    each: Bucket | None = None,
    versions: Versions | None = None,
) -> dict[tuple, dict[str, Summary]]:
    """The same for each combination of the keys in `by`: deployment_id, model_version_id, prompt_version, segment.

    With `each`, the start of the hour or day is the last key. Where `segment` is in `by`, that of the window is None
    or the one asked for. versions: of the metrics, where others than those in force are wanted.
    """
    cells: defaultdict[tuple, defaultdict[str, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    rows = fetch(window, metrics, [*by, "metric", "assessor", "measure_version", "at"], by_hour=each == Bucket.HOUR)
    wanted = _wanted(window, (Seen(*found[-4:], found[-1], cell.n) for found, cell in rows), versions)
    for (*combination, metric, _, version, at), cell in rows:
        if wanted.get(metric) == version:
            start = () if each is None else (_start(at, each),)
            cells[(*combination, *start)][metric].append(cell)
    return {
        keys: {metric: _summary(metric, window, parts) for metric, parts in by_metric.items()}
        for keys, by_metric in cells.items()
    }


def _wanted(window: RollupWindow, found: Iterable[Seen], versions: Versions | None) -> dict[str, str]:
    return {**measure_versions.in_force(found, window.deployment_id), **(versions or {})}


def _start(at: datetime, each: Bucket) -> datetime:
    return at if each == Bucket.HOUR else at.replace(hour=0)


def _summary(metric: str, window: RollupWindow, parts: Sequence[Cell]) -> Summary:
    is_own = window.assessors is None or set(window.assessors) <= set(OWN)
    return summary_of(metric, parts, kind=None if is_own else Kind.SCORE)


def sums_by(
    window: RollupWindow,
    metrics: Sequence[str],
    by: Sequence[str],
    *,
    each: Bucket | None = None,
    versions: Versions | None = None,
) -> list[Sums]:
    """Counts and sums alone, added up by the database, in the order of the keys; `each` adds the key `start`.

    EVENTS counts events, however they were measured.
    """
    starts = [] if each is None else ["at"]
    rows = sums(window, metrics, [*by, *starts, *_MEASURE], by_hour=each == Bucket.HOUR)
    wanted = _wanted(window, (Seen(*found[-3:], *figures[:3]) for found, *figures in rows), versions)
    added: defaultdict[tuple, list[float]] = defaultdict(lambda: [0, 0.0, 0.0])
    for found, _, _, *figures in rows:
        keys, (metric, _, version) = found[:-3], found[-3:]
        if metric == EVENTS or wanted.get(metric) == version:
            entry = added[keys if each is None else (*keys[:-1], _start(keys[-1], each))]
            for index, figure in enumerate(figures):
                entry[index] += figure
    names = by if each is None else (*by, "start")
    # An hour's loss may not be folded yet into the row of its day.
    there = sorted((keys, entry) for keys, entry in added.items() if entry[0])
    labelled = [(dict(zip(names, keys, strict=True)), entry) for keys, entry in there]
    return [Sums(keys, *entry, version=wanted.get(keys.get("metric", ""), "")) for keys, entry in labelled]


def model_versions(deployment_id: str | None, start: datetime, end: datetime) -> list[str]:
    """The model versions with events in these hours, without the empty one."""
    found = sums(window(start, end, deployment_id), [EVENTS], ["model_version_id"])
    return [keys[0] for keys, *_ in found if keys[0]]


def window(start: datetime, end: datetime, deployment_id: str | None = None, **where: Any) -> RollupWindow:
    """The whole hours that hold these moments; where: model_version_id, prompt_version, segment ("key=value"),
    assessors, except_deployments.

    Without a deployment, or with an empty id, the window is over all of them.
    """
    return RollupWindow.over(start, end, deployment_id=deployment_id or None, **where)
