"""Audits: events that are chosen as they are stored, and are answered by their gold scores."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils import timezone

from feedback.evidence.audits import is_audited
from feedback.models import AuditedEvent
from feedback.stores.schema import Row

_OF_EVENTS = ("deployment_id", "model_version_id", "occurred_at", "feedback_shown")


def choose(events: Iterable[Row], *, salt: str, rate: float) -> None:
    """Choose from newly stored events those that are audited; call it in the transaction that stores them."""
    AuditedEvent.objects.bulk_create(
        (
            AuditedEvent(event_id=event["id"], rate=rate, **{name: event[name] for name in _OF_EVENTS})
            for event in events
            if is_audited(event["id"], salt=salt, rate=rate)
        ),
        ignore_conflicts=True,
    )


def answer(event_ids: Sequence[str], gold: Mapping[str, Sequence[float]]) -> None:
    """Answer the audits of these events by the mean of their gold scores; one without any is unanswered again."""
    now = timezone.now()
    changed = []
    for audit in AuditedEvent.objects.filter(pk__in=event_ids).order_by("pk").select_for_update():
        scores = gold.get(str(audit.event_id), ())
        value = sum(scores) / len(scores) if scores else None
        if value != audit.gold:
            # The time of the first answer stays: a correction is none.
            audit.answered_at = None if value is None else audit.answered_at or now
            audit.gold = value
            changed.append(audit)
    AuditedEvent.objects.bulk_update(changed, ["gold", "answered_at"])
