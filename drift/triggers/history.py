"""Old looks at triggers are thinned, so that their number stays bounded; those that fired are kept.

All of the last WHOLE_DAYS; then, of every deployment, trigger and day (UTC), the last look that did not fire; after
DAILY_DAYS none of these.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from drift.models import TriggerEvaluation
from feedback.times import floor_day

WHOLE_DAYS = 7
DAILY_DAYS = 400
BATCH = 5_000


def thin(now: datetime | None = None) -> int:
    """Delete what the rule above does not keep; return how many looks went."""
    day = floor_day(now or timezone.now())
    looks = TriggerEvaluation.objects
    repeated = looks.unfired_before(day - timedelta(days=WHOLE_DAYS)).followed_on_the_same_day()
    return _delete(repeated) + _delete(looks.unfired_before(day - timedelta(days=DAILY_DAYS)))


def _delete(looks) -> int:
    """In batches, each by itself: nobody waits for a lock, and a thinning that ends early has done part of it."""
    total = 0
    while found := list(looks.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        total += TriggerEvaluation.objects.filter(pk__in=found).delete()[0]
    return total
