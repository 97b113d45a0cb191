"""Which deployments' triggers a turn of the schedule looks at. Loads no arithmetic: short tasks call it."""

from datetime import datetime, timedelta

from django.utils import timezone

from drift import tasks
from drift.models import TriggerEvaluation
from drift.triggers import rules
from feedback.models import Deployment

# Beat is not to the second: a wish for every 24 hours must not miss a turn for being a moment early.
EARLY = timedelta(minutes=5)


def request_due(now: datetime | None = None) -> None:
    """Queue a check of every enabled deployment, as seldom as the deployment's document wants it."""
    now = now or timezone.now()
    for deployment in Deployment.objects.enabled().only("retraining_trigger"):
        interval = rules.interval_in_document(deployment)
        checks = TriggerEvaluation.objects.of_deployment(deployment.pk)
        if interval is None or not checks.asked_by_beat_after(now - interval + EARLY).exists():
            tasks.check_triggers.delay(deployment.pk)
