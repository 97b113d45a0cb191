"""Scheduled reports: which deployments, and what their newest events are compared with."""

from datetime import datetime

from drift.choices import ReportStatus
from drift.models import DriftReport, MetricState
from drift.querysets.reports import watched_deployments
from drift.reading import references
from drift.reading.configured import window_size
from drift.reports import lifecycle
from drift.reports.persistence import Rule
from drift.windows.window import Window
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging


def request_where_new() -> None:
    """Request a report for every watched deployment with events newer than its last scheduled report.

    Reports also compare within the segments of the deployment. One that is not done yet, because workers are behind, is
    not followed by another.
    """
    requested = False
    for deployment_id, keys in watched_deployments().values_list("pk", "segment_keys"):
        reports = DriftReport.objects.of_deployment(deployment_id)
        last = reports.scheduled().newest_first().first()
        if (last and last.status == ReportStatus.RUNNING) or reports.running().count() >= lifecycle.MOST_RUNNING:
            continue
        received_at = _newest_event_value(deployment_id, "received_at")
        if last is None or (received_at is not None and received_at > last.created_at):
            reference = _reference(deployment_id)
            lifecycle.request(deployment_id, reference=reference, segments=keys, is_scheduled=True)
            requested = True
    if requested:
        lifecycle.queue_scheduled()


def _reference(deployment_id: str) -> Window | None:
    return references.accepted_as_normal(deployment_id) or _before_the_change(deployment_id)


def _before_the_change(deployment_id: str) -> Window | None:
    """The events before the window in which a metric began to change; None if none is changing.

    A sliding reference would contain the change after one window, so no change could persist. The reference stays
    fixed for as many windows as the rule considers.
    """
    size = window_size(deployment_id)
    furthest_at = _newest_event_value(deployment_id, "occurred_at", skip=Rule().windows * size)
    since_at = MetricState.objects.of_deployment(deployment_id).moving_by_count().earliest_since(furthest_at)
    if since_at is None:
        return None
    newer = event_store().count(EventFilter(deployment_id=deployment_id, occurred_from=since_at))
    return Window(last_events=size, skip=max(newer, size))


def _newest_event_value(deployment_id: str, column: str, *, skip: int = 0) -> datetime | None:
    """A timestamp of the newest event, after skipping the newest `skip`."""
    found = (
        event_store().scan(EventFilter(deployment_id=deployment_id), [column], Paging(limit=1, skip=skip)).read_all()
    )
    return found[column][0].as_py() if found.num_rows else None
