"""Evidence of single votes, as the task would fill it."""

import uuid
from datetime import timedelta

from feedback.models import AuditedEvent, Evidence
from tests.factories import NOON

NOW = NOON + timedelta(days=1)


def evidence(goods, *, users=None, before=timedelta(0), first=1, version=""):
    """One voter for each event, the last one the newest. first: the number of the oldest."""
    ends = NOW - before - timedelta(minutes=1)
    Evidence.objects.bulk_create(
        _evidence(
            uuid.UUID(int=first + number),
            ends - timedelta(minutes=len(goods) - number),
            is_good,
            1 + first + (number if users is None else number % users),
            model_version_id=version,
        )
        for number, is_good in enumerate(goods)
    )


def evidence_about(events, goods):
    """One voter for each of these stored events."""
    Evidence.objects.bulk_create(
        _evidence(event.id, event.occurred_at, is_good, event.id.int >> 65, model_version_id=event.model_version_id)
        for event, is_good in zip(events, goods, strict=True)
    )


def _evidence(event_id, occurred_at, is_good, voter, **fields):
    return Evidence(
        event_id=event_id,
        deployment_id="helpdesk",
        occurred_at=occurred_at,
        state="good" if is_good else "bad",
        voters=[voter],
        ups=[float(is_good)],
        downs=[float(not is_good)],
        up=float(is_good),
        down=float(not is_good),
        users=1,
        weights_version="",
        **fields,
    )


def audits(answers, *, version="", before=timedelta(0)):
    """Answered audits of events of this version, none of which has votes."""
    AuditedEvent.objects.bulk_create(
        AuditedEvent(
            event_id=uuid.uuid4(),
            deployment_id="helpdesk",
            model_version_id=version,
            occurred_at=NOW - before - timedelta(minutes=1),
            rate=0.1,
            gold=gold,
            answered_at=NOW,
        )
        for gold in answers
    )
