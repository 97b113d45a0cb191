"""What the checks and what users say of groups of events, side by side."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from feedback.choices import DEFAULT_PROFILE, Bucket, Metric, Split
from feedback.evidence.group_approval import Ballot, GroupApproval, group_approvals
from feedback.evidence.keeping.sampled import VotedEvent
from feedback.measures.catalogue import CHECK
from feedback.measures.measuring import PLACING_COLUMNS, placed
from feedback.quality.profiles import PROFILES
from feedback.rollups import deltas, reading
from feedback.rollups.estimates import Estimate, mean
from feedback.rollups.own_versions import OTHER
from feedback.rollups.rows import RollupWindow
from feedback.rollups.segments import EXPERIMENT
from feedback.rollups.signals.figures import FeedbackFigures, feedback
from feedback.stores import event_store
from feedback.stores.base import EventFilter
from feedback.times import floor_day, floor_hour

CHECKS = [CHECK + check.name for check in PROFILES[DEFAULT_PROFILE].checks]
Keys = Callable[[VotedEvent], Iterable[tuple]]


@dataclass(frozen=True)
class GroupFigures:
    """A group of events. counts: what users said of it; approval: None where no one voted; checks: None without scores.

    by_check: the mean of each check, by its name.
    """

    counts: FeedbackFigures = FeedbackFigures()
    approval: GroupApproval | None = None
    checks: Estimate | None = None
    by_check: dict[str, Estimate] = field(default_factory=dict)


def total(window: RollupWindow, voted: Sequence[VotedEvent]) -> GroupFigures:
    """All events of the window. voted: those of them whose votes are read."""
    return _figures(window, (), _ballots(voted, lambda event: [()], {()}))[()]


def split(window: RollupWindow, by: Split, voted: Sequence[VotedEvent]) -> dict[str, GroupFigures]:
    """The groups of a split by name, those with most events first. Segments are named `key=value`."""
    if by in (Split.EXPERIMENT, Split.SEGMENT):
        found = _segments(window, voted)
        prefix = f"{EXPERIMENT}=" if by == Split.EXPERIMENT else ""
        groups = {name.removeprefix(prefix): one for name, one in found.items() if name.startswith(prefix) and name}
    else:
        counts = feedback(window, by=[by.value])
        ballots = _ballots(voted, lambda event: [(getattr(event, by.value),)], counts.keys())
        groups = {name: one for (name,), one in _figures(window, [by.value], ballots, counts).items()}
    return dict(sorted(groups.items(), key=lambda item: (-item[1].counts.events, item[0])))


def over_time(
    window: RollupWindow, each: Bucket, voted: Sequence[VotedEvent]
) -> dict[tuple[str, datetime], GroupFigures]:
    """Each model version in each hour or day that has events, by (version, start)."""
    by = ["model_version_id"]
    counts = feedback(window, by=by, each=each)
    start = floor_hour if each == Bucket.HOUR else floor_day
    ballots = _ballots(voted, lambda event: [(event.model_version_id, start(event.start))], counts.keys())
    return _figures(window, by, ballots, counts, each)


def _segments(window: RollupWindow, voted: Sequence[VotedEvent]) -> dict[str, GroupFigures]:
    window = replace(window, segment=None)
    counts = feedback(window, by=["segment"])
    where = EventFilter(ids=[event.event_id for event in voted])
    rows = event_store().scan(where, PLACING_COLUMNS).read_all().to_pylist() if voted else []
    groups = deltas.groups_of(placed(rows))
    ballots = _ballots(voted, lambda event: [(one.segment,) for one in groups.get(event.event_id, ())], counts.keys())
    return {name: one for (name,), one in _figures(window, ["segment"], ballots, counts).items()}


def _ballots(voted: Iterable[VotedEvent], keys: Keys, known: Collection[tuple]) -> dict[tuple, list[Ballot]]:
    """The ballots of each group; versions that rollups count as one are one group."""
    groups: defaultdict[tuple, list[Ballot]] = defaultdict(list)
    for event in voted:
        for key in keys(event):
            together = (OTHER, *key[1:])
            groups[key if key in known or together not in known else together].append(event.ballot)
    return dict(groups)


def _figures(
    window: RollupWindow,
    by: Sequence[str],
    ballots: dict[tuple, list[Ballot]],
    counts: dict[tuple, FeedbackFigures] | None = None,
    each: Bucket | None = None,
) -> dict[tuple, GroupFigures]:
    counts = feedback(window, by=by, each=each) if counts is None else counts
    approvals, means = group_approvals(ballots), _means(window, by, each)
    return {
        key: GroupFigures(
            counts.get(key, FeedbackFigures()),
            approvals.get(key),
            means.get(key, {}).get(Metric.QUALITY.value),
            {name.removeprefix(CHECK): one for name, one in means.get(key, {}).items() if name.startswith(CHECK)},
        )
        for key in sorted({*counts, *approvals, *means})
    }


def _means(window: RollupWindow, by: Sequence[str], each: Bucket | None) -> dict[tuple, dict[str, Estimate]]:
    """The mean of the checks, and of each check, by group and metric."""
    found: defaultdict[tuple, dict[str, Estimate]] = defaultdict(dict)
    for row in reading.sums_by(window, [Metric.QUALITY, *CHECKS], [*by, "metric"], each=each):
        keys = {name: key for name, key in row.keys.items() if name != "metric"}
        estimate = mean(row.n, row.total, row.squares)
        if estimate is not None:
            found[tuple(keys.values())][row.keys["metric"]] = estimate
    return found
