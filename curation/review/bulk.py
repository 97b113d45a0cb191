"""Decisions of a person on many rows of an undecided set at once: those that a filter finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q, QuerySet

from curation.choices import Decision, PairSource, SetPart
from curation.models import CuratedExample, CuratedPair, CuratedSet, RowDecision
from curation.review import reasons, rows
from curation.tasks import record_decisions

# Of one call, which locks the set until all are decided.
MOST_ROWS = 20_000
_BATCH = 2_000


class RowsChanged(rows.NotDecidable):
    """The filter finds another number of rows than the caller has seen."""

    def __init__(self, found: int, expected: int):
        super().__init__(f"The filter finds {found:,} now, not {expected:,}. Count again, and decide on that number.")


class TooManyRows(rows.NotDecidable):
    def __init__(self, found: int):
        super().__init__(f"The filter finds {found:,} rows; at most {MOST_ROWS:,} are decided at once. Narrow it.")


@dataclass(frozen=True)
class Where:
    """Which rows of one part of a set: those that fulfil every condition given. Pairs have a source alone, and a split.

    row_ids: these rows alone. text: in the reason of the row or, in the queue, in why it waits, in any case.
    undecided: without a decision of a person on the row.
    """

    part: SetPart
    row_ids: Sequence[int] | None = None
    strategy: str = ""
    pair_source: str = ""
    min_p_good: float | None = None
    max_p_good: float | None = None
    text: str = ""
    split: str = ""
    undecided: bool = False

    def rows_of(self, curated_set: CuratedSet) -> QuerySet:
        found = self._part(curated_set)
        exact = {"strategy": self.strategy, "pair_source": self.pair_source, "split": self.split}
        found = found.filter(**{name: value for name, value in exact.items() if value})
        if self.row_ids is not None:
            found = found.filter(pk__in=self.row_ids)
        if self.min_p_good is not None:
            found = found.filter(p_good__gte=self.min_p_good)
        if self.max_p_good is not None:
            found = found.filter(p_good__lte=self.max_p_good)
        if self.text:
            found = found.filter(Q(reason__icontains=self.text) | Q(queue_reason__icontains=self.text))
        return found.filter(decision="") if self.undecided else found

    def _part(self, curated_set: CuratedSet) -> QuerySet:
        if self.part == SetPart.PAIRS:
            return CuratedPair.objects.filter(curated_set=curated_set).released()
        examples = CuratedExample.objects.filter(curated_set=curated_set)
        return examples.queued() if self.part == SetPart.QUEUE else examples.accepted()


def count(curated_set: CuratedSet, where: Where, *, by: User) -> int:
    """How many rows a decision would concern. Raises PermissionDenied, and NotDecidable for a set that is decided."""
    rows.check_permission(by)
    rows.check_undecided(curated_set)
    return where.rows_of(curated_set).count()


def decide(
    set_id: int,
    where: Where,
    decision: Decision,
    *,
    by: User,
    expected: int,
    reason: str = "",
    note: str = "",
) -> int:
    """Keep or drop the rows that a filter finds, all or none; return how many. Each gets a decision of its own.

    expected: how many rows the caller has seen. What the decisions say of answers becomes scores as in `rows.decide`.
    Raises PermissionDenied, NotDecidable, RowsChanged and TooManyRows.
    """
    rows.check_permission(by)
    with transaction.atomic():
        # Decisions on rows and erasures lock the set first, so the count holds until the end.
        curated_set = CuratedSet.objects.select_for_update().get(pk=set_id)
        rows.check_undecided(curated_set)
        found = checked(where.rows_of(curated_set), expected)
        says = reasons.says_of_the_answer(reason)
        texts = rows.masked_remarks(curated_set, reason=reason, note=note)
        made = {"curated_set": curated_set, "decision": decision, "by": by, **texts}
        decisions = apply(where.part, found, made, reason_says=says)
        rows.count_again(curated_set)
        # Scores of many take seconds, so a worker records them.
        if len(decisions) > rows.RECORDED_AT_ONCE:
            record_decisions.delay_on_commit()
            return len(found)
    rows.try_to_record([one.pk for one in decisions])
    return len(found)


def checked(found: QuerySet, expected: int) -> list[int]:
    """The ids of the rows of an undecided set, which is locked. Raises RowsChanged and TooManyRows."""
    ids = list(found.order_by("pk").values_list("pk", flat=True))
    if len(ids) != expected:
        raise RowsChanged(len(ids), expected)
    if len(ids) > MOST_ROWS:
        raise TooManyRows(len(ids))
    return ids


def apply(part: SetPart, found: Sequence[int], made: dict[str, Any], *, reason_says: float | None) -> list[RowDecision]:
    """Store a decision with rows of a locked set, and one of each row. The caller counts the rows again.

    made: the fields of each decision. Kept and dropped examples lose the answers of reviewers with their pairs.
    """
    if part == SetPart.PAIRS:
        CuratedPair.objects.filter(pk__in=found).update(decision=made["decision"])
        decisions = [RowDecision(pair_id=pk, **made) for pk in found]
    else:
        examples = CuratedExample.objects.filter(pk__in=found)
        edited = examples.filter(decision=Decision.EDIT).values("event_id")
        pairs = CuratedPair.objects.filter(
            curated_set=made["curated_set"], pair_source=PairSource.REVIEW, comparison=None
        )
        pairs.filter(chosen_event_id__in=edited, rejected_event_id=F("chosen_event_id")).delete()
        decisions = [
            RowDecision(
                example_id=pk,
                score=rows.score_of(strategy, made["decision"], reason_says=reason_says),
                **made,
            )
            for pk, strategy in examples.order_by("pk").values_list("pk", "strategy")
        ]
        examples.update(decision=made["decision"], reviewed_response="")
    return RowDecision.objects.bulk_create(decisions, batch_size=_BATCH)
