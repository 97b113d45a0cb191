"""What pages, detectors and the API read instead of events: the histograms of any window."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from feedback.choices import Bucket, Metric
from feedback.measures.histograms import Categories, Histogram
from feedback.rollups.rows import RollupWindow, fetch, sums
from feedback.rollups.tally import Cell, summary_of

# Every event has a response length, so its count is the count of events.
EVENTS = Metric.RESPONSE_LENGTH
Summary = Histogram | Categories


@dataclass(frozen=True)
class Sums:
    """n values of one metric, their sum and the sum of their squares, with the keys they are grouped by."""

    keys: dict[str, Any]
    n: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        return self.total / self.n


def histograms(window: RollupWindow, metrics: Sequence[str] | None = None) -> dict[str, Summary]:
    """The merged histogram, or the counts by name, of each metric; all there are if none are named.

    A metric without a value in the window is there with n = 0 if it was named, and left out if not.
    """
    found = grouped(window, metrics, by=()).get((), {})
    return {metric: summary_of(metric, []) for metric in map(str, metrics or ())} | found


def grouped(
    window: RollupWindow, metrics: Sequence[str] | None = None, *, by: Sequence[str], each: Bucket | None = None
) -> dict[tuple, dict[str, Summary]]:
    """The same for each combination of the keys in `by`: deployment_id, model_version_id, prompt_version, segment.

    With `each`, the start of the hour or day is the last key. Where `segment` is in `by`, that of the window is None
    or the one asked for.
    """
    cells: defaultdict[tuple, defaultdict[str, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    keys = [*by, "metric"] if each is None else [*by, "metric", "at"]
    for found, cell in fetch(window, metrics, keys, by_hour=each == Bucket.HOUR):
        combination, metric, starts = found[: len(by)], found[len(by)], found[len(by) + 1 :]
        cells[(*combination, *(_start(at, each) for at in starts))][metric].append(cell)
    return {
        keys: {metric: summary_of(metric, parts) for metric, parts in by_metric.items()}
        for keys, by_metric in cells.items()
    }


def _start(at: datetime, each: Bucket) -> datetime:
    return at if each == Bucket.HOUR else at.replace(hour=0)


def sums_by(
    window: RollupWindow, metrics: Sequence[str], by: Sequence[str], *, each: Bucket | None = None
) -> list[Sums]:
    """Counts and sums alone, added up by the database, in the order of the keys; `each` adds the key `start`."""
    if each is None:
        return [Sums(dict(zip(by, found, strict=True)), *rest) for found, *rest in sums(window, metrics, by)]
    added: defaultdict[tuple, list[float]] = defaultdict(lambda: [0, 0.0, 0.0])
    for found, *rest in sums(window, metrics, [*by, "at"], by_hour=each == Bucket.HOUR):
        entry = added[(*found[:-1], _start(found[-1], each))]
        for index, figure in enumerate(rest):
            entry[index] += figure
    # An hour's loss may not be folded yet into the row of its day.
    there = sorted((keys, entry) for keys, entry in added.items() if entry[0])
    return [Sums(dict(zip((*by, "start"), keys, strict=True)), *entry) for keys, entry in there]


def model_versions(deployment_id: str | None, start: datetime, end: datetime) -> list[str]:
    """The model versions with events in these hours, without the empty one."""
    found = sums(window(start, end, deployment_id), [EVENTS], ["model_version_id"])
    return [keys[0] for keys, *_ in found if keys[0]]


def window(start: datetime, end: datetime, deployment_id: str | None = None, **where: str | None) -> RollupWindow:
    """The whole hours that hold these moments; where: model_version_id, prompt_version, segment ("key=value").

    Without a deployment, or with an empty id, the window is over all of them.
    """
    return RollupWindow.over(start, end, deployment_id=deployment_id or None, **where)
