"""Events and signals sent over the API, and the evidence that comes of them."""

import uuid

from feedback.models import Evidence
from tests.factories import NOON


def event_id(number):
    return str(uuid.UUID(int=number))


def event(number, **fields):
    return {
        "id": event_id(number),
        "deployment_id": "helpdesk",
        "model_version_id": "m1",
        "prompt": f"How do I change setting number {number}?",
        "response": f"Open the settings page and choose entry {number}.",
        "occurred_at": NOON.isoformat(),
    } | fields


def signal(number, user="", **fields):
    return {"event_id": event_id(number), "deployment_id": "helpdesk", "type": "thumbs_up", "user_id": user} | fields


def send(api, path, *items):
    answer = api.post(f"/api/v1/{path}", {path: list(items)}, format="json")
    assert answer.status_code == 202, answer.json()


def held(number):
    """(up, down, users, state) of an event; None without evidence."""
    row = Evidence.objects.filter(pk=event_id(number)).first()
    return row and (row.up, row.down, row.users, row.state)


def whole(deployment_id="helpdesk"):
    """All evidence of a deployment, by event, as far as it does not depend on a snapshot."""
    rows = Evidence.objects.of_deployment(deployment_id)
    return {
        row.event_id: (row.voters, row.ups, row.downs, row.gold, row.up, row.down, row.users, row.state, row.approval)
        for row in rows
    }
