"""Reports that nobody asks for: of which deployments, and with what their newest events are compared."""

from datetime import datetime

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
    """Open a report of every watched deployment whose newest event came after its last scheduled report.

    It also looks within the values of the metadata keys that the deployment chose.
    """
    for deployment_id, keys in watched_deployments().values_list("pk", "segment_keys"):
        last = DriftReport.objects.of_deployment(deployment_id).scheduled().newest_first().first()
        received_at = _of_event(deployment_id, "received_at")
        if last is None or (received_at is not None and received_at > last.created_at):
            reference = _reference(deployment_id)
            lifecycle.request(deployment_id, reference=reference, segments=keys, is_scheduled=True)


def _reference(deployment_id: str) -> Window | None:
    return references.accepted_as_normal(deployment_id) or _before_what_moves(deployment_id)


def _before_what_moves(deployment_id: str) -> Window | None:
    """The events before the window in which something began to move; None where nothing does.

    A reference that slid on would hold the change itself after one window, and no change could be seen to last. It
    stays for as many windows as count.
    """
    size = window_size(deployment_id)
    furthest_at = _of_event(deployment_id, "occurred_at", skip=Rule().windows * size)
    since_at = MetricState.objects.of_deployment(deployment_id).moving_by_count().earliest_since(furthest_at)
    if since_at is None:
        return None
    newer = event_store().count(EventFilter(deployment_id=deployment_id, occurred_from=since_at))
    return Window(last_events=size, skip=max(newer, size))


def _of_event(deployment_id: str, column: str, *, skip: int = 0) -> datetime | None:
    """A time of the newest event, or of the one after the newest `skip`."""
    found = (
        event_store().scan(EventFilter(deployment_id=deployment_id), [column], Paging(limit=1, skip=skip)).read_all()
    )
    return found[column][0].as_py() if found.num_rows else None
