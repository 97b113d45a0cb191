"""Thins old trigger evaluations, so that their number stays bounded; those that fired are kept.

Evaluations that did not fire: all of the last WHOLE_DAYS are kept; then the last one per deployment, trigger and day
(UTC); after DAILY_DAYS none.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from drift.models import TriggerEvaluation
from feedback.times import floor_day

WHOLE_DAYS = 7
DAILY_DAYS = 400
BATCH = 5_000


def thin(now: datetime | None = None) -> int:
    """Delete what the rule above does not keep; return how many evaluations were deleted."""
    day = floor_day(now or timezone.now())
    evaluations = TriggerEvaluation.objects
    repeated = evaluations.unfired_before(day - timedelta(days=WHOLE_DAYS)).superseded_on_the_same_day()
    return _delete(repeated) + _delete(evaluations.unfired_before(day - timedelta(days=DAILY_DAYS)))


def _delete(evaluations) -> int:
    """In batches with their own transactions: locks are short, and an interrupted run keeps its progress."""
    total = 0
    while found := list(evaluations.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        total += TriggerEvaluation.objects.filter(pk__in=found).delete()[0]
    return total
