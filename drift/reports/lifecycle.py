"""The lifecycle of a drift report: requested, then completed or failed, once."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from drift import tasks
from drift.choices import Profile, ReportStatus, Verdict
from drift.models import DriftReport
from drift.reading import references
from drift.windows.window import Window
from feedback.field_errors import printable
from feedback.jobs import sweeping

# Exceptions may quote all of their input.
LONGEST_REASON = 2_000
# Of one deployment, so that its jobs do not delay those of others.
MOST_RUNNING = 5


class TooManyRunning(Exception):
    """The deployment has so many reports waiting or running that no further one is queued."""

    def __init__(self, deployment_id: str):
        super().__init__(f"{MOST_RUNNING} drift reports of {deployment_id} are not done yet. Wait until one is.")


def request(
    deployment_id: str,
    *,
    reference: Window | None = None,
    current: Window | None = None,
    segments: Sequence[str] = (),
    profile: str = Profile.STANDARD,
    seed: int = 0,
    is_scheduled: bool = False,
    enqueue: bool = True,
) -> DriftReport:
    """Create a report over these windows and queue it. Raises InvalidWindow, UnknownSegment and TooManyRunning.

    A scheduled report waits as a row until `queue_scheduled`.
    """
    if enqueue and DriftReport.objects.of_deployment(deployment_id).running().count() >= MOST_RUNNING:
        raise TooManyRunning(deployment_id)
    references.require_segments(deployment_id, segments, profile)
    reference, current = references.resolve_windows(deployment_id, reference, current, profile)
    with transaction.atomic():
        report = DriftReport.objects.create(
            deployment_id=deployment_id,
            profile=profile,
            reference_window=reference.as_json(),
            current_window=current.as_json(),
            segments=sorted(set(segments)),
            seed=seed,
            is_scheduled=is_scheduled,
        )
        if enqueue and not is_scheduled:
            tasks.detect_drift.delay_on_commit(report.pk)
    return report


def queue_scheduled() -> None:
    """Queue the scheduled reports that waited longest, as many as may be in the queue."""
    sweeping.queue(tasks.detect_drift, _next_scheduled())


def sweep() -> None:
    """Queue running reports without a worker, and fail those that crash their workers."""
    overdue = DriftReport.objects.running().on_demand().requested_before(sweeping.overdue_since())
    unfinished = [*overdue.values_list("pk", flat=True), *_next_scheduled()]
    sweeping.sweep(tasks.detect_drift, unfinished, give_up=fail)


def _next_scheduled() -> list[int]:
    waiting = DriftReport.objects.running().scheduled().oldest_first()
    return list(waiting.values_list("pk", flat=True)[: sweeping.SCHEDULED_AT_ONCE])


def complete(report_id: int, **results) -> bool:
    """Write the results of a report if it is still running; return whether it was."""
    return _finish(report_id, status=ReportStatus.COMPLETED, **results)


def fail(report_id: int, error: str) -> bool:
    reason = printable(error, most=LONGEST_REASON).replace("\0", "")
    return _finish(report_id, status=ReportStatus.FAILED, verdict=Verdict.ERROR, error=reason)


def _finish(report_id, **values):
    return bool(DriftReport.objects.running().filter(pk=report_id).update(finished_at=timezone.now(), **values))
