"""Training marks: when a deployment's data was last used for training, and how much has arrived since."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from drift.models import TrainingMark
from feedback.models import IngestCount
from feedback.stores import event_store
from feedback.stores.base import EventFilter
from feedback.times import floor_hour

# Beyond this the exact number does not matter, and costs more to count.
COUNT_LIMIT = 20_000


@dataclass(frozen=True)
class Arrived:
    """Events of a deployment since its last training, or all without one; is_bound: there may be more."""

    count: int
    is_bound: bool
    trained_at: datetime | None


def mark(
    deployment_id: str,
    *,
    marked_at: datetime | None = None,
    events_before: int | None = None,
    model_version_id: str = "",
    source: str = "",
) -> TrainingMark:
    """Record that a training used this deployment's data as of this moment, by default now.

    events_before: how many events had been stored by then. Without it, events that arrived in the hour of a past
    moment count as unused: the ledger counts by hour.
    """
    if events_before is None:
        hour = marked_at and floor_hour(marked_at)
        events_before = IngestCount.objects.events_stored(deployment_id, before=hour)
    return TrainingMark.objects.create(
        deployment_id=deployment_id,
        marked_at=marked_at or timezone.now(),
        events_before=events_before,
        model_version_id=model_version_id,
        source=source,
    )


def last_mark(deployment_id: str) -> TrainingMark | None:
    return TrainingMark.objects.of_deployment(deployment_id).order_by("-marked_at", "-id").first()


def last_recorded_at(deployment_id: str) -> datetime | None:
    """When a training of the deployment was last recorded."""
    marks = TrainingMark.objects.of_deployment(deployment_id)
    return marks.order_by("-created_at").values_list("created_at", flat=True).first()


def events_since_last(deployment_id: str, *, at_least: int, occurred_from: datetime | None = None) -> Arrived:
    """Count events that arrived after the last mark and are still stored, up to COUNT_LIMIT or `at_least` if larger.

    Events that occurred before the mark but arrived after it count. The ledger is used, so the cost does not grow
    with the traffic. Events deleted since by retention or erasures do not count, nor those before `occurred_from`.
    """
    last = last_mark(deployment_id)
    bound = max(COUNT_LIMIT, at_least)
    where = EventFilter(deployment_id=deployment_id, occurred_from=occurred_from)
    stored = event_store().count(where, at_most=bound)
    arrived = IngestCount.objects.events_stored(deployment_id) - last.events_before if last else stored
    count = min(stored, arrived)
    return Arrived(count, count == bound, last.marked_at if last else None)
