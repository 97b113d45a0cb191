"""Events and scores sent over the API, and what comes of them."""

import uuid

from feedback.models import IngestBatch
from tests.factories import NOON

EVENTS, SCORES = "/api/v1/events", "/api/v1/scores"
COUNTS = ("accepted", "stored", "duplicate", "sampled_out", "rejected", "invalid")


def event_id(number):
    return str(uuid.UUID(int=number))


def event(number, **fields):
    return {
        "id": event_id(number),
        "deployment_id": "helpdesk",
        "prompt": f"How do I change setting number {number}?",
        "response": f"Open the settings page and choose entry {number}.",
        "occurred_at": NOON.isoformat(),
    } | fields


def score(number, value=1.0, **fields):
    return {"event_id": event_id(number), "deployment_id": "helpdesk", "name": "solved", "value": value} | fields


def send_events(api, *events):
    answer = api.post(EVENTS, {"events": list(events)}, format="json")
    assert answer.status_code == 202, answer.json()
    return answer.json()


def send_scores(api, *scores):
    answer = api.post(SCORES, {"scores": list(scores)}, format="json")
    assert answer.status_code == 202, answer.json()
    return answer.json()


def shown(api, number):
    """The scores that an event shows, as (name, raw, score, version)."""
    scores = api.get(f"{EVENTS}/{event_id(number)}").json()["scores"]
    assert {(one["assessor"], one["profile"]) for one in scores} <= {("application", "default")}
    return [(one["name"], one["raw"], one["score"], one["version"]) for one in scores]


def ledger(receipt):
    return dict(zip(COUNTS, IngestBatch.objects.values_list(*COUNTS).get(batch_id=receipt["batch_id"]), strict=True))
