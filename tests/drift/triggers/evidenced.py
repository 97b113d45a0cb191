"""Evidence of single votes, as the task would fill it."""

import uuid
from datetime import timedelta

from feedback.models import Evidence
from tests.factories import NOON

NOW = NOON + timedelta(days=1)


def evidence(goods, *, users=None, before=timedelta(0)):
    """One voter for each event, the last one the newest."""
    ends = NOW - before - timedelta(minutes=1)
    Evidence.objects.bulk_create(
        Evidence(
            event_id=uuid.UUID(int=number + 1),
            deployment_id="helpdesk",
            occurred_at=ends - timedelta(minutes=len(goods) - number),
            state="good" if is_good else "bad",
            voters=[2 + (number if users is None else number % users)],
            ups=[float(is_good)],
            downs=[float(not is_good)],
            up=float(is_good),
            down=float(not is_good),
            users=1,
            weights_version="",
        )
        for number, is_good in enumerate(goods)
    )
