"""Removes the sets of a deployment that were never approved; the others are the record of what left."""

from django.db import transaction

from curation.duplicates import known_rows
from curation.models import (
    Comparison,
    CuratedExample,
    CuratedPair,
    CuratedSet,
    GoldenSet,
    ReviewDecision,
    RowDecision,
    RowReview,
    TracedEvents,
)
from feedback.removal.deployments import in_batches


def remove_unapproved(deployment_id: str) -> int:
    """Delete the sets that were never approved, with their examples and decisions; return how many sets.

    Golden sets go with them. The database allows it while the deployment is being deleted.
    """
    GoldenSet.objects.filter(deployment_id=deployment_id).delete()
    unapproved = CuratedSet.objects.of_deployment(deployment_id).never_approved().values_list("pk", flat=True)
    removed = sum(_remove(set_id) for set_id in unapproved)
    known_rows.forget_unused(deployment_id)
    return removed


def _remove(set_id: int) -> bool:
    with transaction.atomic():
        found = CuratedSet.objects.never_approved().select_for_update().filter(pk=set_id)
        if not found.exists():
            return False
        for records in (RowDecision, RowReview, Comparison):
            in_batches(records.objects.filter(curated_set_id=set_id))
        for rows in (CuratedExample, CuratedPair, TracedEvents):
            in_batches(rows.objects.filter(curated_set_id=set_id))
        ReviewDecision.objects.filter(curated_set_id=set_id).delete()
        CuratedSet.objects.filter(pk=set_id).delete()
    return True
