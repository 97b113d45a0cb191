"""What the checks and what users say of groups of events, side by side.

Everything is added up from parts by name, such as a model version, and bucket of time, so that totals and groups of one
page come from the same reads.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from feedback.choices import DEFAULT_PROFILE, Bucket, Metric, Split
from feedback.evidence.group_approval import Ballot, GroupApproval, group_approvals
from feedback.evidence.keeping.sampled import VotedEvent
from feedback.evidence.weights import WeightTable
from feedback.measures.catalogue import CHECK
from feedback.measures.measuring import PLACING_COLUMNS, placed
from feedback.quality.own_checks import own_checks
from feedback.quality.profiles import PROFILES
from feedback.rollups import deltas, reading
from feedback.rollups.estimates import Estimate, mean
from feedback.rollups.own_versions import OTHER
from feedback.rollups.reading import EVENTS, Versions
from feedback.rollups.rows import RollupWindow
from feedback.rollups.signals import figures
from feedback.rollups.signals.figures import FeedbackFigures
from feedback.rollups.tally import Cell
from feedback.stores import event_store
from feedback.stores.base import EventFilter
from feedback.times import floor_day, floor_hour

# A name, and the start of a bucket or None.
Part = tuple[str, datetime | None]
Names = Callable[[VotedEvent], Iterable[str]]
Key = TypeVar("Key", bound=Hashable)


def checks() -> list[str]:
    """The metrics of all checks, those of the installation's own among them."""
    shipped = [check.name for check in PROFILES[DEFAULT_PROFILE].checks]
    return [CHECK + name for name in (*shipped, *own_checks())]


@dataclass(frozen=True)
class GroupFigures:
    """A group of events. counts: what users said of it; approval: None where no one voted; checks: None without scores.

    by_check: the mean of each check, by its name.
    """

    counts: FeedbackFigures = FeedbackFigures()
    approval: GroupApproval | None = None
    checks: Estimate | None = None
    by_check: Mapping[str, Estimate] = field(default_factory=dict)


@dataclass(frozen=True)
class Parts:
    """What the figures of groups are added up from. sums: n, total and squares by metric. cells: of signals by metric.

    versions: in which version each metric was read.
    """

    sums: Mapping[Part, Mapping[str, Sequence[float]]]
    cells: Mapping[Part, Mapping[str, Sequence[Cell]]]
    ballots: Mapping[Part, Sequence[Ballot]]
    versions: Versions

    def grouped(self, key: Callable[[str, datetime | None], Key]) -> dict[Key, GroupFigures]:
        """The figures of each group, where `key` gives the group of a part."""
        sums: defaultdict[Key, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0, 0.0, 0.0]))
        cells: defaultdict[Key, defaultdict[str, list[Cell]]] = defaultdict(lambda: defaultdict(list))
        ballots: defaultdict[Key, list[Ballot]] = defaultdict(list)
        for part, of_part in self.sums.items():
            for metric, added in of_part.items():
                held = sums[key(*part)][metric]
                for index, figure in enumerate(added):
                    held[index] += figure
        for part, of_cells in self.cells.items():
            for metric, some in of_cells.items():
                cells[key(*part)][metric].extend(some)
        for part, votes in self.ballots.items():
            ballots[key(*part)].extend(votes)
        approvals = group_approvals(ballots)
        return {
            group: _figures(sums[group], cells[group], approvals.get(group)) for group in {**sums, **cells, **ballots}
        }

    def total(self) -> GroupFigures:
        return self.grouped(lambda *part: None).get(None, GroupFigures())


def _figures(
    sums: Mapping[str, Sequence[float]], cells: Mapping[str, Sequence[Cell]], approval: GroupApproval | None
) -> GroupFigures:
    estimates = {
        metric: found
        for metric, (n, total, squares) in sums.items()
        if metric != EVENTS and (found := mean(int(n), total, squares))
    }
    return GroupFigures(
        figures.figures_of(int(sums[EVENTS][0]) if EVENTS in sums else 0, cells),
        approval,
        estimates.get(Metric.QUALITY.value),
        {name.removeprefix(CHECK): one for name, one in estimates.items() if name.startswith(CHECK)},
    )


def parts(
    window: RollupWindow,
    by: Split,
    voted: Sequence[VotedEvent],
    *,
    each: Bucket | None = None,
    metrics: Sequence[str] = (),
    versions: Versions | None = None,
    tables: Mapping[str, WeightTable] | None = None,
    with_names: bool = True,
) -> Parts:
    """The parts of a window. Segments and experiments are named `key=value`; all events are the segment ''.

    metrics: besides events and the total of the checks. versions: as in `reading.sums_by`. tables, with_names: as in
    `figures.cells`.
    """
    is_of_segments = by in (Split.SEGMENT, Split.EXPERIMENT)
    window = replace(window, segment=None) if is_of_segments else window
    column = "segment" if is_of_segments else by.value
    rows = reading.sums_by(window, [EVENTS, Metric.QUALITY, *metrics], [column, "metric"], each=each, versions=versions)
    sums: defaultdict[Part, dict[str, Sequence[float]]] = defaultdict(dict)
    for row in rows:
        sums[row.keys[column], row.keys.get("start")][row.keys["metric"]] = (row.n, row.total, row.squares)
    cells = {
        (keys[0], keys[1] if each else None): found
        for keys, found in figures.cells(window, by=[column], each=each, tables=tables, with_names=with_names).items()
    }
    names = names_of_segments(voted) if is_of_segments else lambda event: [getattr(event, column)]
    ballots = _ballots(voted, names, each, {*sums, *cells})
    return Parts(sums, cells, ballots, {row.keys["metric"]: row.version for row in rows})


def names_of_segments(voted: Sequence[VotedEvent]) -> Names:
    ids = [event.event_id for event in voted]
    rows = event_store().scan(EventFilter(ids=ids), PLACING_COLUMNS).read_all().to_pylist() if ids else []
    groups = deltas.groups_of(placed(rows))
    return lambda event: [group.segment for group in groups.get(event.event_id, ())]


def _ballots(
    voted: Iterable[VotedEvent], names: Names, each: Bucket | None, known: Collection[Part]
) -> dict[Part, list[Ballot]]:
    """The ballots of each part; versions that rollups count as one are one part."""
    start_of = floor_day if each == Bucket.DAY else floor_hour
    found: defaultdict[Part, list[Ballot]] = defaultdict(list)
    for event in voted:
        start = None if each is None else start_of(event.start)
        for name in names(event):
            is_other = (name, start) not in known and (OTHER, start) in known
            found[OTHER if is_other else name, start].append(event.ballot)
    return dict(found)
