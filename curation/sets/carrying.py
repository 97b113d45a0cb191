"""Rows of the queue of earlier versions: what still waits is offered again, and decisions of people hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils import timezone

from curation.choices import Decision, Outcome, PairSource, Strategy
from curation.models import CuratedExample, CuratedPair, CuratedSet, RowDecision
from curation.querysets import ACCEPTING
from curation.strategies.base import Candidate, Pick

_COLUMNS = (
    *("curated_set_id", "event_id", "strategy", "score", "reason", "queue_reason"),
    *("decision", "edited_response", "reviewed_response", "position"),
)


@dataclass(frozen=True)
class Carried:
    """By event: rows that wait in the queue of the version before, and rows of queues that a person decided on."""

    waiting: Mapping[str, CuratedExample] = field(default_factory=dict)
    decided: Mapping[str, CuratedExample] = field(default_factory=dict)

    def picks(self, curated_set: CuratedSet, candidates: Sequence[Candidate]) -> list[Pick]:
        """What still waits and what a person accepted, if its strategy is one of the set and its candidate passes."""
        at = {candidate.event_id: index for index, candidate in enumerate(candidates)}
        accepted = {key: row for key, row in self.decided.items() if row.decision in ACCEPTING}
        return [
            Pick(at[key], Strategy(row.strategy), row.score, row.reason, row.queue_reason)
            for key, row in (accepted | dict(self.waiting)).items()
            if key in at and row.strategy in curated_set.strategies and _may_wait(candidates[at[key]], row)
        ]

    def is_decided(self, candidates: Sequence[Candidate]) -> frozenset[int]:
        """The candidates on which a person decided, in a queue."""
        return frozenset(index for index, one in enumerate(candidates) if one.event_id in self.decided)

    def decide(self, examples: Sequence[CuratedExample]) -> None:
        """Give rows of the queue the decisions on them."""
        for example in examples:
            earlier = self.decided.get(str(example.event_id)) if example.queue_reason else None
            # A decision on an edit is about its text.
            if earlier and earlier.edited_response == example.edited_response:
                example.decision, example.reviewed_response = earlier.decision, earlier.reviewed_response

    def with_pairs(
        self, curated_set: CuratedSet, examples: Sequence[CuratedExample], made: Sequence[CuratedPair]
    ) -> list[CuratedPair]:
        """The pairs of a build, and those that edits of reviewers made before, which replace equal ones."""
        # Pairs that a build leaves out have left gaps.
        position = max((pair.position for pair in made), default=-1) + 1
        found = self._pairs(curated_set, examples, position)
        own = {_sides(pair) for pair in found}
        return [*(pair for pair in made if _sides(pair) not in own), *found]

    def _pairs(self, curated_set: CuratedSet, examples: Sequence[CuratedExample], position: int) -> list[CuratedPair]:
        edited = {str(example.event_id): example for example in examples if example.decision == Decision.EDIT}
        found = []
        for key, example in edited.items():
            made = CuratedPair.objects.released().filter(
                curated_set=self.decided[key].curated_set_id,
                chosen_event_id=key,
                rejected_event_id=key,
                pair_source=PairSource.REVIEW,
                comparison=None,
            )
            for pair in made:
                pair.pk, pair.row_hash, pair.curated_set = None, "", curated_set
                pair.position, pair.split, pair.group_id = position + len(found), example.split, example.group_id
                found.append(pair)
        return found

    def record(self, examples: Sequence[CuratedExample]) -> None:
        """Store the last decision on each row that has one; it is a score of its event already."""
        rows = {self.decided[str(one.event_id)].pk: one for one in examples if one.decision}
        last = RowDecision.objects.filter(example__in=rows).order_by("example_id", "-pk").distinct("example_id")
        copies = list(last)
        for made in copies:
            example = rows[made.example_id]
            made.pk, made.example, made.curated_set_id = None, example, example.curated_set_id
            made.recorded_at = None if made.score is None else made.recorded_at or timezone.now()
        RowDecision.objects.bulk_create(copies)


def of(curated_set: CuratedSet) -> Carried:
    """What earlier versions of the name leave to a build of this one."""
    earlier = CuratedSet.objects.built().earlier_than(curated_set)
    newest = earlier.newest_version()
    if newest is None:
        return Carried()
    waiting = CuratedExample.objects.filter(curated_set=newest).queued().not_erased().in_order()
    decided = CuratedExample.objects.filter(curated_set__in=earlier).decided_in_queue().order_by("curated_set__version")
    return Carried(_by_event(waiting), _by_event(decided))


def _sides(pair: CuratedPair) -> tuple[str, str, str]:
    return str(pair.chosen_event_id), str(pair.rejected_event_id), pair.chosen


def _by_event(rows: QuerySet[CuratedExample]) -> dict[str, CuratedExample]:
    """By event the last of these rows, without what a queue is not chosen by."""
    return {str(row.event_id): row for row in rows.only(*_COLUMNS)}


def _may_wait(candidate: Candidate, row: CuratedExample) -> bool:
    if candidate.exported:
        return False
    if row.strategy == Strategy.USER_EDIT:
        return candidate.edit is not None and candidate.edit.outcome != Outcome.EDIT_REJECTED
    return candidate.gate == Outcome.PASSED
