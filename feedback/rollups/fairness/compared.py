"""The groups of a deployment, each beside the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feedback.choices import Bucket, Metric, Split
from feedback.evidence.group_approval import Ballot, group_approvals
from feedback.evidence.keeping import sampled
from feedback.measures.histograms import Categories
from feedback.rollups import groups, reading
from feedback.rollups.estimates import Estimate, mean, share
from feedback.rollups.fairness.truth import Answered, answered_events
from feedback.rollups.quality_statistics import MOST_OF_SEGMENTS, periods
from feedback.rollups.rows import RollupWindow
from feedback.statistics.fairness import GroupComparison, GroupFigure, compare_groups
from feedback.statistics.intervals import IntervalResult

MODEL_VERSION = "model_version"
# A side of fewer users or events is not compared.
FEWEST = 30
MOST_GROUPS = 20
APPROVAL, NOT_REFUSED, CHECKS = "approval", "not_refused", "checks"
_NOT_REFUSED = "none"

Sides = list[tuple[GroupFigure, GroupFigure]]


@dataclass(frozen=True)
class OutcomeOfGroups:
    """What is compared, in users or events, and each group beside the rest."""

    name: str
    unit: str
    comparisons: list[GroupComparison]


@dataclass(frozen=True)
class Groups:
    """The parts of figures by group: names holds those that are compared, and `everything` all there are."""

    names: list[str]
    everything: list[str]
    ballots: Mapping[str, Sequence[Ballot]]
    sums: Mapping[str, Mapping[str, Sequence[float]]]
    refusals: Mapping[str, Categories]
    answered: Sequence[Answered]

    @classmethod
    def read(cls, window: RollupWindow, by: str) -> "Groups":
        is_of_versions = by == MODEL_VERSION
        split = Split.MODEL_VERSION if is_of_versions else Split.SEGMENT
        names = [window.deployment_id or ""]
        voted = sampled.newest_of_periods(names, periods(window, Bucket.DAY), most=MOST_OF_SEGMENTS)
        parts = groups.parts(window, split, voted, metrics=groups.checks())
        prefix = "" if is_of_versions else f"{by}="

        def is_group(name: str) -> bool:
            return bool(name) and name.startswith(prefix)

        sums = {name: dict(of_name) for (name, _), of_name in parts.sums.items() if is_group(name)}
        ballots = {name: list(votes) for (name, _), votes in parts.ballots.items() if is_group(name)}
        everything = sorted({*sums, *ballots}, key=lambda name: (-_events(sums.get(name, {})), name))
        refusals = _refusals(window, split)
        answered = answered_events(voted, window.deployment_id or "", split, is_group)
        return cls(everything[:MOST_GROUPS], everything, ballots, sums, refusals, answered)

    @property
    def more(self) -> int:
        return len(self.everything) - len(self.names)

    def approval(self) -> OutcomeOfGroups:
        sides: dict[tuple[str, bool], list[Ballot]] = {}
        for name in self.names:
            sides[name, True] = list(self.ballots.get(name, ()))
            others = (self.ballots.get(other, ()) for other in self.everything if other != name)
            sides[name, False] = [ballot for some in others for ballot in some]
        approvals = group_approvals(sides)

        def figure(name: str, *, is_group: bool) -> GroupFigure:
            one = approvals.get((name, is_group))
            return _figure(name, Estimate(one.value, one.users, one.low, one.high) if one else None)

        pairs = [(figure(name, is_group=True), figure(name, is_group=False)) for name in self.names]
        return OutcomeOfGroups(APPROVAL, "users", compare_groups(pairs, fewest=FEWEST))

    def not_refused(self) -> OutcomeOfGroups:
        counts = {
            name: (found.counts.get(_NOT_REFUSED, 0), found.n)
            for name in self.everything
            if (found := self.refusals.get(name))
        }
        return OutcomeOfGroups(NOT_REFUSED, "events", compare_groups(self._shares(counts), fewest=FEWEST))

    def checks(self) -> list[OutcomeOfGroups]:
        return [
            OutcomeOfGroups(CHECKS if metric == Metric.QUALITY else metric, "events", comparisons)
            for metric in (Metric.QUALITY.value, *groups.checks())
            if (comparisons := self._of_metric(metric))
        ]

    def shares_of(self, counts: Mapping[str, tuple[int, int]]) -> list[GroupComparison]:
        """Each group's share, from how often and of how many, beside that of the rest."""
        return compare_groups(self._shares(counts), fewest=FEWEST)

    def _shares(self, counts: Mapping[str, tuple[int, int]]) -> Sides:
        total = [sum(side) for side in zip(*counts.values(), strict=True)] or [0, 0]
        pairs = []
        for name in self.names:
            count, n = counts.get(name, (0, 0))
            rest = share(total[0] - count, total[1] - n)
            pairs.append((_figure(name, share(count, n)), _figure(name, rest)))
        return pairs

    def _of_metric(self, metric: str) -> list[GroupComparison]:
        held = {name: of_name[metric] for name, of_name in self.sums.items() if metric in of_name}
        if not held:
            return []
        total = [sum(side) for side in zip(*held.values(), strict=True)]
        pairs = []
        for name in self.names:
            n, added, squares = held.get(name, (0, 0.0, 0.0))
            rest = mean(int(total[0] - n), total[1] - added, total[2] - squares)
            pairs.append((_figure(name, mean(int(n), added, squares)), _figure(name, rest)))
        return compare_groups(pairs, fewest=FEWEST)


def _refusals(window: RollupWindow, split: Split) -> dict[str, Categories]:
    column = "segment" if split == Split.SEGMENT else split.value
    window = RollupWindow(window.start, window.end, window.deployment_id, segment=None if column == "segment" else "")
    found = reading.grouped(window, [Metric.REFUSAL], by=[column])
    return {
        name: summary
        for (name,), by_metric in found.items()
        if isinstance(summary := by_metric.get(Metric.REFUSAL.value), Categories)
    }


def _events(sums: Mapping[str, Sequence[float]]) -> float:
    return sums[reading.EVENTS][0] if reading.EVENTS in sums else 0


def _figure(name: str, estimate: Estimate | None) -> GroupFigure:
    """A figure; without an interval, as of one user, too few are known."""
    if estimate is None or estimate.low is None or estimate.high is None:
        nothing = float("nan") if estimate is None else estimate.value
        return GroupFigure(name, min(1, estimate.n) if estimate else 0, IntervalResult(nothing, nothing, nothing))
    return GroupFigure(name, estimate.n, IntervalResult(estimate.value, estimate.low, estimate.high))
