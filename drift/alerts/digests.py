"""Announces what scheduled checks fired: to each channel one message about the whole run."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from drift.alerts import outbox
from drift.models import ScheduledCheck, TriggerFiring

# A run that takes longer is announced in parts.
LONGEST_WAIT = timedelta(minutes=30)


def announce_run(now: datetime | None = None) -> None:
    """Announce what has fired once no scheduled check is left, or when the first firing has waited LONGEST_WAIT."""
    waiting = TriggerFiring.objects.unannounced()
    if not waiting.exists():
        return
    is_late = waiting.filter(fired_at__lte=(now or timezone.now()) - LONGEST_WAIT).exists()
    if is_late or not ScheduledCheck.objects.of_active_deployments().exists():
        _announce()


def _announce() -> None:
    with transaction.atomic():
        # Of two workers that end the last checks of a run, one finds the firings locked and leaves them to the other.
        found = list(TriggerFiring.objects.unannounced().select_for_update(skip_locked=True).order_by("pk"))
        TriggerFiring.objects.filter(pk__in=[firing.pk for firing in found]).update(is_announced=True)
        outbox.announce_together(found)
