"""Events of arms for comparisons."""

import uuid
from datetime import timedelta

from feedback.models import Deployment, Event
from tests.factories import NOON


def store_arm(version, n, *, deployment_id="helpdesk", start=0, **columns):
    """Store so many events of a model version; a column is a value, or a function of the event's number."""
    Deployment.objects.get_or_create(pk=deployment_id)
    return Event.objects.bulk_create(
        Event(
            id=uuid.uuid4(),
            deployment_id=deployment_id,
            batch_id=uuid.uuid4(),
            occurred_at=NOON + timedelta(seconds=start + i),
            received_at=NOON,
            **{
                "model_version_id": version,
                "prompt": f"prompt {version} {i}",
                "response": "r",
                "prompt_length": 1,
                "response_length": 1,
                **{name: value(i) if callable(value) else value for name, value in columns.items()},
            },
        )
        for i in range(n)
    )
