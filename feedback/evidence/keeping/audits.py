"""Answers of audits: the gold scores of the events that were chosen for one."""

from collections.abc import Mapping, Sequence

from django.utils import timezone

from feedback.models import AuditedEvent


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
