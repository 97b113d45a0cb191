"""Events with votes and gold scores: what fairness metrics with a truth are computed from."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from feedback.choices import Split
from feedback.evidence.keeping.sampled import VotedEvent
from feedback.ir.choices import FairnessMetric
from feedback.models import Evidence
from feedback.rollups import groups

_GOOD = 0.5


@dataclass(frozen=True)
class Answered:
    """An event with votes and a gold score."""

    group: str
    is_approved: bool
    is_good: bool


def answered_events(
    voted: Sequence[VotedEvent], deployment_id: str, split: Split, is_group: Callable[[str], bool]
) -> list[Answered]:
    ids = [event.event_id for event in voted]
    rows = Evidence.objects.of_deployment(deployment_id).filter(pk__among=ids, gold__len__gt=0)
    gold = {str(event_id): sum(scores) / len(scores) for event_id, scores in rows.values_list("event_id", "gold")}
    events = [event for event in voted if event.event_id in gold]
    if not events:
        return []
    names_of = groups.names_of_segments(events) if split == Split.SEGMENT else lambda event: [event.model_version_id]
    found = []
    for event in events:
        ups, downs = sum(event.ballot.ups), sum(event.ballot.downs)
        if ups != downs:
            found += [
                Answered(name, ups > downs, gold[event.event_id] >= _GOOD) for name in names_of(event) if is_group(name)
            ]
    return found


def counts_of(metric: FairnessMetric, answered: Sequence[Answered]) -> list[tuple[str, Mapping[str, tuple[int, int]]]]:
    """The outcomes of a metric that needs the truth, each with how often and of how many by group."""
    approved_of_good = _count((one.group, one.is_approved) for one in answered if one.is_good)
    if metric == FairnessMetric.EQUAL_OPPORTUNITY:
        return [("approved_if_good", approved_of_good)]
    if metric == FairnessMetric.EQUALIZED_ODDS:
        approved_of_bad = _count((one.group, one.is_approved) for one in answered if not one.is_good)
        return [("approved_if_good", approved_of_good), ("approved_if_bad", approved_of_bad)]
    return [("good_if_approved", _count((one.group, one.is_good) for one in answered if one.is_approved))]


def _count(pairs: Iterable[tuple[str, bool]]) -> dict[str, tuple[int, int]]:
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for group, is_hit in pairs:
        counts[group][0] += is_hit
        counts[group][1] += 1
    return {group: (hits, n) for group, (hits, n) in counts.items()}
