"""The fairness metrics of the Crucible IR, and the figures of the groups of a deployment."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from feedback.ir.choices import FairnessMetric
from feedback.ir.reliability import Fairness
from feedback.models import Deployment
from feedback.rollups import reading
from feedback.rollups.fairness.compared import APPROVAL, FEWEST, MODEL_VERSION, NOT_REFUSED, Groups, OutcomeOfGroups
from feedback.rollups.fairness.truth import counts_of
from feedback.rollups.segments import EXPERIMENT
from feedback.statistics.fairness import GroupComparison, ParityVerdict, parity

DEFAULT_THRESHOLD = 0.8
_NO_TRUTH = "No event of these days has both a gold score and votes, so nothing says which answers are right."
_ONE_GROUP = "Fewer than two groups have events in these days."


class UnknownKey(Exception):
    """Figures by what the deployment does not declare."""

    def __init__(self, by: str, known: Sequence[str]):
        super().__init__(f"{by} is none of {', '.join(known)}.")


@dataclass(frozen=True)
class MetricOfGroups:
    """A fairness metric. outcome: whose share it compares; reason: why it is not computable, '' if it is."""

    metric: FairnessMetric
    outcome: str
    verdict: ParityVerdict
    reason: str = ""
    comparisons: list[GroupComparison] = field(default_factory=list)


@dataclass(frozen=True)
class FairnessFigures:
    """All of it. more: how many groups beyond the MOST_GROUPS largest were counted among the rest alone."""

    by: str
    days: int
    threshold: float
    fewest: int
    more: int
    outcomes: list[OutcomeOfGroups]
    metrics: list[MetricOfGroups]


def keys_of(deployment: Deployment) -> list[str]:
    """What figures can be split by: the model version, the experiment, and the declared keys of metadata."""
    return [MODEL_VERSION, EXPERIMENT, *(key for key in deployment.segment_keys if key != EXPERIMENT)]


def declared(deployment: Deployment) -> Fairness:
    """The Fairness of the IR that the deployment's options hold; the defaults without one, or with a wrong one."""
    given = (deployment.options or {}).get("fairness")
    try:
        return msgspec.convert(given, Fairness) if given is not None else Fairness()
    except msgspec.ValidationError:
        return Fairness()


def fairness(
    deployment: Deployment, *, by: str | None = None, days: int = 30, threshold: float | None = None
) -> FairnessFigures:
    """The groups of the last days beside each other. Raises UnknownKey.

    by, threshold: those of the declared Fairness by default, else the model version and four fifths.
    """
    stated = declared(deployment)
    known = keys_of(deployment)
    by = by or (stated.group_by if stated.group_by in known else None) or MODEL_VERSION
    if by not in known:
        raise UnknownKey(by, known)
    if threshold is None:
        threshold = float(stated.threshold) if stated.threshold is not None else DEFAULT_THRESHOLD
    end = datetime.now(UTC) + timedelta(hours=1)
    window = reading.window(end - timedelta(days=days), end, deployment.pk)
    found = Groups.read(window, by)
    outcomes = [found.approval(), found.not_refused(), *found.checks()]
    wanted = [FairnessMetric(one) for one in stated.metrics or () if one in list(FairnessMetric)] or list(
        FairnessMetric
    )
    metrics = _metrics(wanted, outcomes, found, threshold)
    return FairnessFigures(by, days, threshold, FEWEST, found.more, outcomes, metrics)


def _metrics(
    wanted: Sequence[FairnessMetric], outcomes: Sequence[OutcomeOfGroups], found: Groups, threshold: float
) -> list[MetricOfGroups]:
    if len(found.names) < 2:
        return [MetricOfGroups(one, APPROVAL, ParityVerdict.NOT_ENOUGH_DATA, _ONE_GROUP) for one in wanted]
    by_name = {outcome.name: outcome.comparisons for outcome in outcomes}
    made: list[MetricOfGroups] = []
    for metric in wanted:
        if metric == FairnessMetric.DEMOGRAPHIC_PARITY:
            made += [_metric(metric, name, by_name[name], threshold) for name in (APPROVAL, NOT_REFUSED)]
        elif not found.answered:
            made.append(MetricOfGroups(metric, APPROVAL, ParityVerdict.NOT_ENOUGH_DATA, _NO_TRUTH))
        else:
            made += [
                _metric(metric, outcome, found.shares_of(counts), threshold)
                for outcome, counts in counts_of(metric, found.answered)
            ]
    return made


def _metric(
    metric: FairnessMetric, outcome: str, comparisons: list[GroupComparison], threshold: float
) -> MetricOfGroups:
    return MetricOfGroups(metric, outcome, parity(comparisons, threshold=threshold), "", comparisons)
