"""Removes a user's rows from undecided sets and finds the decided sets that contain them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet

from curation.choices import CuratedSetStatus
from curation.duplicates import known_rows
from curation.models import ContaminatedEvent, CuratedExample, CuratedPair, CuratedSet, DuplicateLink, KnownRow
from curation.review import approval
from curation.sets.content import content_hash, counts_of

NOTHING_LEFT = "Every example was removed by the erasure of a user. Curate again."


@dataclass(frozen=True)
class DecidedSet:
    """An approved, rejected or superseded set and its number of the user's examples and pairs."""

    curated_set: CuratedSet
    examples: int


def open_sets(hashes: Sequence[str]) -> list[int]:
    """The drafts and sets in review that contain rows of this user."""
    holding = CuratedSet.objects.reviewable().filter(pk__in=_holding(hashes)).order_by("pk")
    return list(holding.values_list("pk", flat=True))


def decided_sets(hashes: Sequence[str]) -> list[DecidedSet]:
    """The decided sets that contain rows of this user, oldest first. They are not changed."""
    counts = _holding(hashes)
    decided = CuratedSet.objects.decided().filter(pk__in=counts).order_by("pk")
    return [DecidedSet(curated_set, counts[curated_set.pk]) for curated_set in decided]


def _holding(hashes: Sequence[str]) -> Counter[int]:
    """How many rows of this user each set has."""
    found: Counter[int] = Counter()
    for rows in (CuratedExample, CuratedPair):
        found.update(rows.objects.of_people(hashes).values_list("curated_set_id", flat=True))
    return found


def erase_from(set_id: int, hashes: Sequence[str], *, by: User) -> int:
    """Delete this user's rows from a set unless it is decided; return how many.

    A set in review returns to draft, because its content has changed since it was submitted.
    """
    with transaction.atomic():
        curated_set = CuratedSet.objects.reviewable().select_for_update().filter(pk=set_id).first()
        if curated_set is None:
            return 0
        kinds = (CuratedExample, CuratedPair)
        theirs = [rows.objects.filter(curated_set_id=set_id).of_people(hashes) for rows in kinds]
        DuplicateLink.objects.filter(curated_set_id=set_id, kept_event_id__in=theirs[0].values("event_id")).delete()
        removed = sum(rows.delete()[1].get(rows.model._meta.label, 0) for rows in theirs)
        if not removed:
            return 0
        if curated_set.status == CuratedSetStatus.IN_REVIEW:
            noun = "row was" if removed == 1 else "rows were"
            approval.return_to_draft(set_id, by=by, note=f"{removed:,} {noun} removed by the erasure of a user.")
        _update_contents(curated_set)
    return removed


def erase_traces(hashes: Sequence[str]) -> None:
    """Delete what all sets say of this user's candidates, and signatures of texts that only deleted examples had.

    Apart from `erase_from`, because it locks deployments, which approvals lock before they lock sets.
    """
    DuplicateLink.objects.of_people(hashes).delete()
    ContaminatedEvent.objects.of_people(hashes).delete()
    for deployment_id in KnownRow.objects.deployments_with_unused():
        known_rows.forget_unused(deployment_id)


def _update_contents(curated_set: CuratedSet) -> None:
    """Renumber the remaining rows and update counts and content hash."""
    kinds = (CuratedExample, CuratedPair)
    examples, pairs = (_renumbered(rows.objects.filter(curated_set_id=curated_set.pk)) for rows in kinds)
    counts, queued = counts_of(examples)
    is_empty = not counts and not pairs
    CuratedSet.objects.filter(pk=curated_set.pk).update(
        counts={strategy: counts[strategy] for strategy in curated_set.strategies if counts[strategy]},
        queued={strategy: queued[strategy] for strategy in curated_set.strategies if queued[strategy]},
        pairs=len(pairs),
        content_hash="" if is_empty else content_hash(examples, pairs),
        error=NOTHING_LEFT if is_empty else "",
    )


def _renumbered(rows: QuerySet) -> list:
    """Let the positions of these rows count from 0 again."""
    found = list(rows.in_order())
    if found:
        # Shift all positions first: they are unique within a set at all times.
        rows.update(position=F("position") + found[-1].position + 1)
    for position, row in enumerate(found):
        row.position = position
    rows.model.objects.bulk_update(found, ["position"], batch_size=500)
    return found
