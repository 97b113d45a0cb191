"""Removes the scores of people with the events that they are about."""

from collections.abc import Collection
from datetime import datetime

from feedback.models import HumanScore, SampledForScoring

_BATCH = 2_000


def forget_events(event_ids: Collection[str]) -> None:
    """Remove the scores of these events, and them from samples; call it in the transaction that removes the events."""
    HumanScore.objects.of_events(event_ids).delete()
    SampledForScoring.objects.filter(event_id__among=event_ids).delete()


def forget_before(deployment_id: str, moment: datetime) -> int:
    """Remove the scores of a deployment's events that occurred before this time; return how many."""
    SampledForScoring.objects.filter(sample__deployment_id=deployment_id, occurred_at__lt=moment).delete()
    expired, removed = HumanScore.objects.of_deployment(deployment_id).occurred_before(moment), 0
    while ids := list(expired.order_by("pk").values_list("pk", flat=True)[:_BATCH]):
        removed += HumanScore.objects.filter(pk__in=ids).delete()[0]
    return removed
