"""What a key limited to one deployment sends and reads, where another deployment has events of its own."""

import uuid

import pytest
from django.db import OperationalError
from rest_framework.test import APIClient

from feedback.access import keys
from feedback.models import IngestBatch, Signal
from tests.factories import ALL_SCOPES, EventFactory, StaffFactory

V1 = "/api/v1"
PLANTED = "Text of the other deployment."


@pytest.fixture
def limited(db):
    """A client of the API whose key has every scope, limited to these deployments."""

    def made(*deployments):
        _, secret = keys.create(StaffFactory(), "limited", ALL_SCOPES, deployments=deployments)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return client

    return made


def send(client, *signals):
    return client.post(f"{V1}/signals", {"signals": list(signals)}, format="json")


def edit(event_id, **fields):
    return {"event_id": str(event_id), "type": "edit", "edited_response": PLANTED, "user_id": "eve"} | fields


@pytest.mark.parametrize("named", [{}, {"deployment_id": "shop"}])
@pytest.mark.parametrize("signal_first", [True, False])
def test_a_text_is_not_planted_on_an_event_of_another_deployment(
    any_store, api, limited, write_all, named, signal_first
):
    event = {"id": str(uuid.uuid4()), "deployment_id": "helpdesk", "prompt": "Where is it?", "response": "Here."}
    steps = [
        lambda: send(limited("shop"), edit(event["id"], comment=PLANTED, **named)),
        lambda: api.post(f"{V1}/events", event, format="json"),
    ]

    answers = []
    for step in steps if signal_first else reversed(steps):
        answers.append(step())
        write_all()

    assert [answer.status_code for answer in answers] == [202, 202]
    readers = [api, limited("helpdesk"), limited("helpdesk", "shop")]
    assert [reader.get(f"{V1}/events/{event['id']}").json()["signals"] for reader in readers] == [[]] * 3
    assert api.get(f"{V1}/events?signal=edit").json()["results"] == []
    assert PLANTED not in api.get(f"{V1}/events/{event['id']}").content.decode()


def test_a_text_of_another_deployment_is_not_on_the_page_of_an_event(any_store, api, console, limited, write_all):
    event = {"id": str(uuid.uuid4()), "deployment_id": "helpdesk", "prompt": "Where is it?", "response": "Here."}
    api.post(f"{V1}/events", event, format="json")
    write_all()
    send(limited("shop"), edit(event["id"]))
    send(limited("helpdesk"), edit(event["id"], edited_response="Text of this deployment."))
    write_all()

    page = console.get(f"/admin/feedback/event/{event['id']}/change/").content.decode()

    assert (PLANTED in page, "Text of this deployment." in page) == (False, True)


@pytest.mark.parametrize("deployments", [["shop"], ["shop", "bank"]])
@pytest.mark.parametrize(
    "signal",
    [
        {"type": "copy"},
        {"type": "edit", "edited_response": "Open the settings page, choose Security and follow the link."},
        {"type": "copy", "deployment_id": "shop"},
        {"type": "edit", "edited_response": "Here.", "deployment_id": "shop"},
        {"type": "copy", "deployment_id": "helpdesk"},
    ],
)
def test_a_foreign_event_is_answered_as_an_unknown_one(limited, write_all, deployments, signal):
    foreign, client = EventFactory(deployment_id="helpdesk"), limited(*deployments)

    def answer(event_id):
        found = send(client, signal | {"event_id": str(event_id), "id": str(uuid.uuid4())})
        write_all()
        return found.status_code, {name: value for name, value in found.json().items() if name not in VARYING}

    assert answer(foreign.pk) == answer(uuid.uuid4())
    assert Signal.objects.exclude(deployment_id="shop").count() == 0
    outcomes = IngestBatch.objects.values_list("accepted", "stored", "duplicate", "rejected", "invalid")
    assert len(set(outcomes)) == 1


VARYING = {"batch_id", "ids"}


@pytest.mark.parametrize(
    ("deployments", "signal", "status"),
    [
        ([], {"type": "copy"}, 202),
        ([], {"type": "copy", "comment": "Why?"}, 503),
        ([], {"type": "copy", "comment": "Why?", "deployment_id": "shop"}, 202),
        (["shop"], {"type": "copy", "comment": "Why?"}, 202),
        (["shop", "bank"], {"type": "copy"}, 503),
    ],
)
def test_while_events_cannot_be_read_a_signal_waits_or_is_tried_again_later(
    limited, write_all, monkeypatch, deployments, signal, status
):
    client, signal = limited(*deployments), signal | {"event_id": str(uuid.uuid4())}

    def unavailable(*args, **options):
        raise OperationalError("connection refused")

    with monkeypatch.context() as outage:
        outage.setattr("feedback.stores.postgres.store.PostgresStore.scan", unavailable)
        answer = send(client, signal)
    write_all()

    assert (answer.status_code, Signal.objects.count()) == (status, status == 202)
