"""What users said in a window: events by state, signals by type, ratings and labels, to be shown per 100 events."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from feedback.choices import Bucket, FeedbackState, Metric
from feedback.evidence.keeping.tables import weight_tables
from feedback.evidence.weights import WeightTable
from feedback.measures.signals import NAMED, metric_of
from feedback.models import KnownName
from feedback.rollups import reading
from feedback.rollups.reading import EVENTS
from feedback.rollups.rows import RollupWindow, fetch, sums
from feedback.rollups.tally import Cell, add_up

# The field of `KnownName` under which the names of a deployment's ratings and labels are.
_SIGNAL_NAME = "signal_name"
_EVER = (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC))
_PLAIN = (Metric.SIGNAL, Metric.FEEDBACK_STATE, Metric.RATING, Metric.LABEL)


@dataclass(frozen=True)
class Ratings:
    """How many ratings there are, and their sum."""

    n: int
    total: float

    @property
    def mean(self) -> float | None:
        return self.total / self.n if self.n else None


@dataclass(frozen=True)
class FeedbackFigures:
    """Figures of a group of events. good, bad, mixed: events by state, under the weights in force.

    signals: live ones by type. ratings, labels: by the name of the signal, "" without one; labels also by value.
    """

    events: int = 0
    good: int = 0
    bad: int = 0
    mixed: int = 0
    signals: Mapping[str, int] = field(default_factory=dict)
    ratings: Mapping[str, Ratings] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def none(self) -> int:
        """Events without a signal that counts."""
        return max(0, self.events - self.voted)

    @property
    def voted(self) -> int:
        """Events with a signal that counts."""
        return self.good + self.bad + self.mixed

    def per_hundred(self, count: int) -> float | None:
        """A count per 100 events; None without events."""
        return 100 * count / self.events if self.events else None


def feedback(
    window: RollupWindow, *, by: Sequence[str] = (), each: Bucket | None = None
) -> dict[tuple, FeedbackFigures]:
    """The figures of each combination of the keys in `by`: deployment_id, model_version_id, prompt_version, segment.

    With `each`, the start of the hour or day is the last key. Where `segment` is in `by`, that of the window is None or
    the one asked for. Without keys there is one group, (). Named ratings and labels are read for one deployment.
    While `recounting.is_running`, states may be incomplete.
    """
    found, events = cells(window, by=by, each=each), _events(window, by, each)
    groups = {**events, **dict.fromkeys(found)} if by or each else {(): None}
    return {group: figures_of(events.get(group, 0), found.get(group, {})) for group in sorted(groups)}


def cells(
    window: RollupWindow,
    *,
    by: Sequence[str] = (),
    each: Bucket | None = None,
    tables: Mapping[str, WeightTable] | None = None,
    with_names: bool = True,
) -> dict[tuple, Mapping[str, Sequence[Cell]]]:
    """What `figures_of` adds up, by group and metric.

    tables: the weights of the deployments, where they are known. with_names: whether ratings and labels with a name are
    read too.
    """
    added: defaultdict[tuple, defaultdict[str, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    keys = ["deployment_id", "metric", "measure_version", "at"]
    metrics = [*_PLAIN, *(_named(window.deployment_id) if with_names else ())]
    rows = fetch(window, metrics, [*by, *keys], by_hour=each == Bucket.HOUR)
    tables = tables or weight_tables({found[-4] for found, _ in rows})
    for (*combination, deployment_id, metric, version, at), cell in rows:
        is_of_states = metric == Metric.FEEDBACK_STATE
        if is_of_states and (deployment_id not in tables or version != tables[deployment_id].version):
            continue
        start = () if each is None else (at if each == Bucket.HOUR else at.replace(hour=0),)
        added[(*combination, *start)][metric].append(cell)
    return dict(added)


def events_ever(deployment_id: str) -> int:
    """Events that users have said something about, ever; also those that retention deleted, which rollups keep."""
    rows = sums(reading.window(*_EVER, deployment_id), [Metric.FEEDBACK_STATE], ["metric"])
    return sum(n for _, _, _, n, *_ in rows)


def _named(deployment_id: str | None) -> list[str]:
    if deployment_id is None:
        return []
    names = KnownName.objects.filter(deployment_id=deployment_id, field=_SIGNAL_NAME).values_list("name", flat=True)
    return [metric_of(metric, name) for name in names for metric in (Metric.RATING, Metric.LABEL)]


def _events(window: RollupWindow, by: Sequence[str], each: Bucket | None) -> dict[tuple, int]:
    return {tuple(row.keys.values()): row.n for row in reading.sums_by(window, [EVENTS], by, each=each)}


def figures_of(events: int, cells: Mapping[str, Sequence[Cell]]) -> FeedbackFigures:
    """The figures of so many events, from the cells of their signals by metric."""
    found = {metric: add_up(parts) for metric, parts in cells.items()}
    # A change that is not counted everywhere yet may leave less than nothing.
    counts: dict[str, Counter[str]] = {metric: +Counter(cell.names) for metric, cell in found.items()}
    states = counts.get(Metric.FEEDBACK_STATE.value, Counter())
    return FeedbackFigures(
        events,
        **{state.value: states[state.value] for state in FeedbackState if state != FeedbackState.NONE},
        signals=dict(counts.get(Metric.SIGNAL.value, {})),
        ratings={
            metric.partition(NAMED)[2]: Ratings(cell.n, cell.total)
            for metric, cell in found.items()
            if metric.partition(NAMED)[0] == Metric.RATING and cell.n > 0
        },
        labels={
            metric.partition(NAMED)[2]: dict(of_metric)
            for metric, of_metric in counts.items()
            if metric.partition(NAMED)[0] == Metric.LABEL and of_metric
        },
    )
