"""Removes a user's rows from undecided sets, and blanks them in decided ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone

from curation.choices import Change, CuratedSetStatus
from curation.duplicates import known_rows
from curation.models import (
    ContaminatedEvent,
    CuratedExample,
    CuratedPair,
    CuratedSet,
    DuplicateLink,
    KnownRow,
    RowDecision,
    RowReview,
)
from curation.review import approval, golden, marking, sealing
from curation.sets import content

NOTHING_LEFT = "Every example was removed by the erasure of a user. Curate again."
# A row of the queue stays one.
QUEUE_REASON = "Erased."
_QUEUE_REASON = Case(When(queue_reason="", then=Value("")), default=Value(QUEUE_REASON))
_PEOPLE = {"user_hash": "", "session_hash": "", "editor_hash": "", "group_id": ""}
# What is left of an erased row. The database allows no other change to rows of decided sets.
_BLANK: dict[type, dict[str, Any]] = {
    CuratedExample: {
        **_PEOPLE,
        "reason": "",
        "queue_reason": _QUEUE_REASON,
        "prompt": "",
        "messages": None,
        "tools": None,
        "response": "",
        "response_message": None,
        "edited_response": "",
        "reviewed_response": "",
    },
    CuratedPair: {
        **_PEOPLE,
        "rejected_user_hash": "",
        "prompt": "",
        "messages": None,
        "tools": None,
        "chosen": "",
        "chosen_message": None,
        "rejected": "",
        "rejected_message": None,
    },
}


@dataclass(frozen=True)
class Blanked:
    """The ids of the rows of a decided set that one erasure blanked."""

    curated_set: CuratedSet
    examples: list[int]
    pairs: list[int]

    @property
    def rows(self) -> int:
        return len(self.examples) + len(self.pairs)


def open_sets(hashes: Sequence[str]) -> list[int]:
    """The drafts and sets in review that contain rows of this user.

    Adding rows by hand locks the set, and then checks whether the events are still stored. So rows of events that
    were stored until now are found here, and others are not added.
    """
    with transaction.atomic():
        list(CuratedSet.objects.reviewable().select_for_update().order_by("pk").values_list("pk"))
        return _holding(CuratedSet.objects.reviewable(), hashes)


def decided_sets(hashes: Sequence[str]) -> list[int]:
    """The decided sets that contain rows of this user."""
    return _holding(CuratedSet.objects.decided(), hashes)


def _holding(sets: QuerySet[CuratedSet], hashes: Sequence[str]) -> list[int]:
    found: set[int] = set()
    for rows in (CuratedExample, CuratedPair):
        found.update(rows.objects.of_people(hashes).values_list("curated_set_id", flat=True))
    return list(sets.filter(pk__in=found).order_by("pk").values_list("pk", flat=True))


def blank_in(set_id: int, hashes: Sequence[str]) -> Blanked:
    """Remove texts and people from this user's rows of a decided set, seal it first if it is not.

    Rows keep their ids, places and salted hashes, so counts and the check of the set still hold.
    """
    with transaction.atomic():
        curated_set = CuratedSet.objects.decided().select_for_update().get(pk=set_id)
        sealing.seal(set_id)
        examples, pairs = (_blank(rows, set_id, hashes) for rows in (CuratedExample, CuratedPair))
        for said in (RowDecision, RowReview):
            about = said.objects.filter(Q(example__in=examples) | Q(pair__in=pairs))
            about.update(reason="", edited_response="", note="")
        events = CuratedExample.objects.filter(pk__in=examples).values("event_id")
        DuplicateLink.objects.filter(curated_set_id=set_id, kept_event_id__in=events).delete()
        DuplicateLink.objects.filter(kept_example__in=examples).delete()
        marking.mark(set_id, Change.ERASED, [*examples, *pairs])
    return Blanked(curated_set, examples, pairs)


def _blank(rows: type[CuratedExample] | type[CuratedPair], set_id: int, hashes: Sequence[str]) -> list[int]:
    theirs = rows.objects.filter(curated_set_id=set_id).of_people(hashes).order_by("pk").values_list("pk", flat=True)
    found = list(theirs)
    rows.objects.filter(pk__in=found).update(**_BLANK[rows], erased_at=timezone.now())
    return found


def erase_from(set_id: int, hashes: Sequence[str], *, by: User) -> int:
    """Delete this user's rows from a set unless it is decided; return how many.

    A set in review returns to draft, because its content has changed since it was submitted.
    """
    with transaction.atomic():
        curated_set = CuratedSet.objects.reviewable().select_for_update().filter(pk=set_id).first()
        if curated_set is None:
            return 0
        # Pairs first, for counting: a comparison goes with its row, and takes its pair along.
        kinds = (CuratedPair, CuratedExample)
        theirs = [rows.objects.filter(curated_set_id=set_id).of_people(hashes) for rows in kinds]
        DuplicateLink.objects.filter(curated_set_id=set_id, kept_event_id__in=theirs[1].values("event_id")).delete()
        removed = sum(rows.delete()[1].get(rows.model._meta.label, 0) for rows in theirs)
        if not removed:
            return 0
        if curated_set.status == CuratedSetStatus.IN_REVIEW:
            noun = "row was" if removed == 1 else "rows were"
            approval.return_to_draft(set_id, by=by, note=f"{removed:,} {noun} removed by the erasure of a user.")
        _update_contents(curated_set)
    return removed


def erase_traces(hashes: Sequence[str]) -> None:
    """Delete what all sets say of this user's candidates, and signatures of texts that only removed examples had.

    Apart from `erase_from`, because it locks deployments, which approvals lock before they lock sets.
    """
    DuplicateLink.objects.of_people(hashes).delete()
    ContaminatedEvent.objects.of_people(hashes).delete()
    golden.erase(hashes)
    erased = CuratedExample.objects.erased().values_list("curated_set__deployment_id", flat=True).distinct()
    for deployment_id in sorted({*erased, *KnownRow.objects.deployments_with_unused()}):
        known_rows.forget_unused(deployment_id)


def _update_contents(curated_set: CuratedSet) -> None:
    """Renumber the remaining rows and update counts and content hash."""
    for rows in (CuratedExample, CuratedPair):
        _renumber(rows.objects.filter(curated_set_id=curated_set.pk))
    facts = content.counted(curated_set) | content.hashed(curated_set)
    if not facts["content_hash"]:
        facts["error"] = NOTHING_LEFT
    CuratedSet.objects.filter(pk=curated_set.pk).update(**facts)


def _renumber(rows: QuerySet) -> None:
    """Let the positions of these rows count from 0 again."""
    found = list(rows.in_order())
    if found:
        # Shift all positions first: they are unique within a set at all times.
        rows.update(position=F("position") + found[-1].position + 1)
    for position, row in enumerate(found):
        row.position = position
    rows.model.objects.bulk_update(found, ["position"], batch_size=500)
