"""Removes a user's examples from undecided sets and finds the decided sets that contain them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F

from curation.choices import CuratedSetStatus
from curation.duplicates import known_rows
from curation.models import CuratedExample, CuratedSet, DuplicateLink, KnownRow
from curation.review import approval
from curation.sets.content import content_hash

NOTHING_LEFT = "Every example was removed by the erasure of a user. Curate again."


@dataclass(frozen=True)
class DecidedSet:
    """An approved, rejected or superseded set and its number of the user's examples."""

    curated_set: CuratedSet
    examples: int


def open_sets(hashes: Sequence[str]) -> list[int]:
    """The drafts and sets in review that contain examples of this user."""
    holding = CuratedExample.objects.of_people(hashes).values("curated_set_id")
    return list(CuratedSet.objects.reviewable().filter(pk__in=holding).order_by("pk").values_list("pk", flat=True))


def decided_sets(hashes: Sequence[str]) -> list[DecidedSet]:
    """The decided sets that contain examples of this user, oldest first. They are not changed."""
    counts = Counter(CuratedExample.objects.of_people(hashes).values_list("curated_set_id", flat=True))
    decided = CuratedSet.objects.decided().filter(pk__in=counts).order_by("pk")
    return [DecidedSet(curated_set, counts[curated_set.pk]) for curated_set in decided]


def erase_from(set_id: int, hashes: Sequence[str], *, by: User) -> int:
    """Delete this user's examples from a set unless it is decided; return how many.

    A set in review returns to draft, because its content has changed since it was submitted.
    """
    with transaction.atomic():
        curated_set = CuratedSet.objects.reviewable().select_for_update().filter(pk=set_id).first()
        if curated_set is None:
            return 0
        theirs = CuratedExample.objects.filter(curated_set_id=set_id).of_people(hashes)
        DuplicateLink.objects.filter(curated_set_id=set_id, kept_event_id__in=theirs.values("event_id")).delete()
        removed = theirs.delete()[1].get(CuratedExample._meta.label, 0)
        if not removed:
            return 0
        if curated_set.status == CuratedSetStatus.IN_REVIEW:
            noun = "example was" if removed == 1 else "examples were"
            approval.return_to_draft(set_id, by=by, note=f"{removed:,} {noun} removed by the erasure of a user.")
        _update_contents(curated_set)
    return removed


def erase_traces(hashes: Sequence[str]) -> None:
    """Delete the links of this user's candidates in all sets, and signatures of texts that only deleted examples had.

    Apart from `erase_from`, because it locks deployments, which approvals lock before they lock sets.
    """
    DuplicateLink.objects.of_people(hashes).delete()
    for deployment_id in KnownRow.objects.deployments_with_unused():
        known_rows.forget_unused(deployment_id)


def _update_contents(curated_set: CuratedSet) -> None:
    """Renumber the remaining examples and update counts and content hash."""
    examples = list(CuratedExample.objects.filter(curated_set_id=curated_set.pk).in_order())
    if examples:
        # Shift all positions first: they are unique within a set at all times.
        beyond = examples[-1].position + 1
        CuratedExample.objects.filter(curated_set_id=curated_set.pk).update(position=F("position") + beyond)
    for position, example in enumerate(examples):
        example.position = position
    CuratedExample.objects.bulk_update(examples, ["position"], batch_size=500)
    counts = Counter(example.strategy for example in examples)
    CuratedSet.objects.filter(pk=curated_set.pk).update(
        counts={strategy: counts[strategy] for strategy in curated_set.strategies if counts[strategy]},
        content_hash=content_hash(examples) if examples else "",
        error="" if examples else NOTHING_LEFT,
    )
