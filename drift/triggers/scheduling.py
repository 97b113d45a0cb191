"""Requests scheduled trigger checks and queues them in fair order. Imports no SciPy, because short tasks call it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog
from django.utils import timezone

from drift import tasks
from drift.alerts import digests
from drift.models import ScheduledCheck, TriggerEvaluation
from drift.triggers import rules
from feedback.jobs import sweeping
from feedback.models import Deployment

log = structlog.get_logger(__name__)

# Beat is not exact to the second: a check every 24 hours must not be skipped for being a moment early.
EARLY = timedelta(minutes=5)


def request_due(now: datetime | None = None) -> None:
    """Request a check of every active deployment whose check interval has passed, and queue the first ones.

    A deployment whose earlier check still waits keeps its position.
    """
    now = now or timezone.now()
    due = [ScheduledCheck(deployment_id=deployment_id, requested_at=now) for deployment_id in _due(now)]
    ScheduledCheck.objects.bulk_create(due, ignore_conflicts=True, batch_size=5_000)
    _queue_next()


def end(deployment_id: str) -> None:
    """Forget a check that is done, queue the next ones, and announce the run after its last check."""
    ScheduledCheck.objects.of_deployment(deployment_id).delete()
    _queue_next()
    digests.announce_run()


def sweep() -> None:
    """Queue checks whose worker died, and give up those that crash their workers until they are due again."""
    sweeping.sweep(tasks.check_triggers, _next(), give_up=_give_up)


def _due(now: datetime) -> Iterator[str]:
    for deployment in Deployment.objects.active().only("retraining_trigger"):
        interval = rules.interval_in_document(deployment)
        checks = TriggerEvaluation.objects.of_deployment(deployment.pk)
        if interval is None or not checks.scheduled_after(now - interval + EARLY).exists():
            yield deployment.pk


def _queue_next() -> None:
    sweeping.queue(tasks.check_triggers, _next())


def _next() -> list[str]:
    """The checks that waited longest, as many as may be in the queue."""
    waiting = ScheduledCheck.objects.of_active_deployments().oldest_first()
    return list(waiting.values_list("deployment_id", flat=True)[: sweeping.SCHEDULED_AT_ONCE])


def _give_up(deployment_id: str, reason: str) -> None:
    log.error("trigger_check_given_up", deployment=deployment_id, error=reason)
    ScheduledCheck.objects.of_deployment(deployment_id).delete()
