"""Training marks: when a deployment's data was last used for training, and how much has arrived since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from drift.models import Baseline, TrainingMark
from drift.querysets.triggers import events_received
from drift.reading import baselines
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


def mark(deployment_id: str, *, marked_at: datetime | None = None, source: str = "") -> TrainingMark:
    """Record that a training used this deployment's data as of this moment, by default now.

    Events that arrived in the hour of a past moment count as unused: the ledger counts by hour.
    """
    hour = marked_at and floor_hour(marked_at)
    with transaction.atomic():
        return TrainingMark.objects.create(
            deployment_id=deployment_id,
            marked_at=marked_at or timezone.now(),
            events_before=events_received(deployment_id, before=hour),
            source=source,
        )


def pin(deployment_id: str, event_ids: Sequence[str], *, source: str = "") -> Baseline:
    """Pin these events as the baseline named `training`, to compare production with the training data."""
    return baselines.pin_events(deployment_id, baselines.TRAINING, event_ids, reason=source)


def last_mark(deployment_id: str) -> TrainingMark | None:
    return TrainingMark.objects.of_deployment(deployment_id).order_by("-marked_at", "-id").first()


def events_since_last(deployment_id: str, *, at_least: int, occurred_from: datetime | None = None) -> Arrived:
    """Count events that arrived after the last mark and are still stored, up to COUNT_LIMIT or `at_least` if larger.

    Events that occurred before the mark but arrived after it count. The ledger is used, so the cost does not grow
    with the traffic. Events deleted since by retention or erasures do not count, nor those before `occurred_from`.
    """
    last = last_mark(deployment_id)
    bound = max(COUNT_LIMIT, at_least)
    where = EventFilter(deployment_id=deployment_id, occurred_from=occurred_from)
    stored = event_store().count(where, at_most=bound)
    arrived = events_received(deployment_id) - last.events_before if last else stored
    count = min(stored, arrived)
    return Arrived(count, count == bound, last.marked_at if last else None)
