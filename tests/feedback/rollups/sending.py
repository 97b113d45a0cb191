"""Events and signals as clients send them, and the command that compares rollups with what is stored."""

import uuid
from datetime import UTC, datetime
from io import StringIO

from django.core.management import call_command

HOUR = datetime(2026, 5, 4, 12, tzinfo=UTC)


def event(number, **fields):
    return {
        "id": str(uuid.UUID(int=number)),
        "deployment_id": "helpdesk",
        "prompt": "How do I reset the password of my account?",
        "response": "You can reset it on the settings page.",
        "occurred_at": HOUR.isoformat(),
    } | fields


def signal(event_number, number, **fields):
    return {
        "id": str(uuid.UUID(int=1_000 + number)),
        "event_id": str(uuid.UUID(int=event_number)),
        "type": "thumbs_up",
    } | fields


def send(api, path, items):
    answer = api.post(f"/api/v1/{path}", {path: items}, format="json")
    assert answer.status_code == 202, answer.json()


def rebuild(*arguments):
    output = StringIO()
    call_command("rebuild_rollups", *arguments, stdout=output)
    return output.getvalue()
