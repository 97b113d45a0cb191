"""What drift must know of training: when a deployment's data was last used, and how much has come in since."""

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

# Beyond this the exact number says nothing more, and costs more to count.
COUNT_LIMIT = 20_000


@dataclass(frozen=True)
class Arrived:
    """Events of a deployment since its last training, or ever without one; at a bound there may be more."""

    count: int
    is_bound: bool
    trained_at: datetime | None


def mark(deployment_id: str, *, marked_at: datetime | None = None, source: str = "") -> TrainingMark:
    """Note that a training used this deployment's data as it was at this moment, by default now.

    What arrived in the hour of a moment that is past counts as not used: the ledger keeps hours.
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
    """Keep what these events hold as the baseline named `training`: production is compared with what was trained on."""
    return baselines.pin_events(deployment_id, baselines.TRAINING, event_ids, reason=source)


def last_mark(deployment_id: str) -> TrainingMark | None:
    return TrainingMark.objects.of_deployment(deployment_id).order_by("-marked_at", "-id").first()


def events_since_last(deployment_id: str, *, at_least: int) -> Arrived:
    """Count what came in after the last mark and is still stored, up to COUNT_LIMIT or `at_least`, if that is more.

    By the order of arrival, so events that occurred before the mark and arrived after it count; by the ledger, so the
    cost does not grow with the traffic. What retention or erasures have taken since counts no more.
    """
    last = last_mark(deployment_id)
    bound = max(COUNT_LIMIT, at_least)
    stored = event_store().count(EventFilter(deployment_id=deployment_id), at_most=bound)
    arrived = events_received(deployment_id) - last.events_before if last else stored
    count = min(stored, arrived)
    return Arrived(count, count == bound, last.marked_at if last else None)
