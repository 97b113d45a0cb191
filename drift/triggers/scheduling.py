"""Queues scheduled trigger checks. Imports no SciPy, because short tasks call it."""

from datetime import datetime, timedelta

from django.utils import timezone

from drift import tasks
from drift.models import TriggerEvaluation
from drift.triggers import rules
from feedback.models import Deployment

# Beat is not exact to the second: a check every 24 hours must not be skipped for being a moment early.
EARLY = timedelta(minutes=5)


def request_due(now: datetime | None = None) -> None:
    """Queue a check of every enabled deployment whose check interval has passed."""
    now = now or timezone.now()
    for deployment in Deployment.objects.enabled().only("retraining_trigger"):
        interval = rules.interval_in_document(deployment)
        checks = TriggerEvaluation.objects.of_deployment(deployment.pk)
        if interval is None or not checks.scheduled_after(now - interval + EARLY).exists():
            tasks.check_triggers.delay(deployment.pk)
