"""Compares the answers of two events that a caller names."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from curation.choices import ComparisonVerdict
from curation.models import Comparison, CuratedExample, CuratedPair, CuratedSet
from curation.review.comparisons import answers, deciding, leasing
from curation.review.comparisons.errors import AlreadyCompared, NotComparable
from curation.review.rows import check_permission
from curation.selecting.pairs import comparable
from feedback.quality.keys import context_key
from feedback.stores.schema import Row


def compare(curated_set: CuratedSet, a: UUID, b: UUID, verdict: ComparisonVerdict, *, by: User) -> Comparison:
    """Decide between the answers of two events of one context, of which one has a row in the set.

    Raises PermissionDenied, and NotComparable for events that make no comparison.
    """
    check_permission(by)
    leasing.check_open(curated_set)
    comparison = _of_events(curated_set, a, b, by=by)
    found = answers.both(comparison)
    if found is None:
        raise NotComparable(deciding.GONE)
    return deciding.store(comparison, found, verdict, by=by, is_reversed=comparison.other_event_id == a)


def _of_events(curated_set: CuratedSet, a: UUID, b: UUID, *, by: User) -> Comparison:
    """The comparison of these events, reserved for this reviewer."""
    found = answers.events(curated_set.deployment_id, [a, b])
    if len(found) < 2:
        raise NotComparable("The deployment does not have both events, or one may not be used for training.")
    if context_key(found[0]) != context_key(found[1]):
        raise NotComparable("The events have different prompts. Compare two answers to one prompt.")
    if comparable(found[0]["response"]) == comparable(found[1]["response"]) and not _has_message(found):
        raise NotComparable("Both answers are the same text.")
    if pair := CuratedPair.objects.filter(curated_set=curated_set).between(a, b).first():
        raise AlreadyCompared(f"Pair {pair.pk} of the set says which answer is better. Keep or drop it.")
    if comparison := Comparison.objects.of_set(curated_set.pk).between(a, b).first():
        return _reserve(curated_set, comparison.example_id, comparison.other_event_id, by=by)
    row = CuratedExample.objects.filter(curated_set=curated_set, event_id__in=[a, b]).in_order().first()
    if row is None:
        raise NotComparable(f"Neither event has a row in {curated_set}.")
    return _reserve(curated_set, row.pk, b if row.event_id == a else a, by=by)


def _has_message(found: list[Row]) -> bool:
    return any(row["response_message"] for row in found)


def _reserve(curated_set: CuratedSet, example_id: int, other_event_id: UUID | None, *, by: User) -> Comparison:
    now = timezone.now()
    with transaction.atomic():
        Comparison.objects.bulk_create(
            [Comparison(curated_set=curated_set, example_id=example_id, other_event_id=other_event_id)],
            ignore_conflicts=True,
        )
        mine = Comparison.objects.with_rows().select_for_update(of=("self",))
        comparison = mine.get(example_id=example_id, other_event_id=other_event_id)
        is_held = comparison.leased_until and comparison.leased_until > now and comparison.reviewer_id != by.pk
        if comparison.verdict or is_held:
            raise AlreadyCompared("Another reviewer has compared these answers, or is doing so.")
        comparison.reviewer, comparison.opened_at = by, comparison.opened_at or now
        comparison.leased_until = now + leasing.LEASE
        comparison.save(update_fields=["reviewer", "opened_at", "leased_until"])
    return comparison
