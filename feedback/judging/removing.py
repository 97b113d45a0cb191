"""Removes judgements of what is removed."""

from collections.abc import Collection
from datetime import datetime

from feedback.models import Judgement

_BATCH = 2_000


def forget_events(event_ids: Collection[str]) -> None:
    """Remove the judgements of these events; call it in the transaction that removes the events."""
    Judgement.objects.of_events(event_ids).delete()


def forget_before(deployment_id: str, moment: datetime) -> int:
    """Remove the judgements of a deployment's events that occurred before this time; return how many."""
    expired, removed = Judgement.objects.of_deployment(deployment_id).occurred_before(moment), 0
    while ids := list(expired.order_by("pk").values_list("pk", flat=True)[:_BATCH]):
        removed += Judgement.objects.filter(pk__in=ids).delete()[0]
    return removed
