"""Why items were rejected stays on record: key, deployment, field, code, sentence and count, and no values."""

import json
import uuid
from collections import Counter
from datetime import timedelta

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from feedback import valkey
from feedback.access import keys
from feedback.ingestion import stream
from feedback.ingestion.parsing.reasons import MOST_REASONS
from feedback.ingestion.writing import entries, reason_counts
from feedback.models import ApiKey, IngestBatch, IngestCount, RejectedItem, RejectionReason
from feedback.removal import retention
from tests.factories import ALL_SCOPES, NOON, DeploymentFactory, EventFactory

V1 = "/api/v1"
EVENT = {"deployment_id": "helpdesk", "prompt": "How do I reset it?", "response": "Open the settings."}
REASONS = f"{V1}/deployments/helpdesk/refusals"


@pytest.fixture(autouse=True)
def _helpdesk(db, time_machine):
    time_machine.move_to(NOON + timedelta(minutes=5), tick=False)
    DeploymentFactory(id="helpdesk")


def client_of(user, name, *deployments):
    _, secret = keys.create(user, name, ALL_SCOPES, deployments=deployments)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def send(client, *events, kind="events"):
    return client.post(f"{V1}/{kind}", {kind: list(events)}, format="json")


def listed(client, *fields):
    return [tuple(row[name] for name in fields) for row in client.get(REASONS).json()["results"]]


def test_a_reason_has_its_key_deployment_field_code_sentence_and_count(api, write_all):
    bad = EVENT | {"latency_ms": "fast"}
    send(api, bad, bad, EVENT)
    send(api, bad)
    write_all()

    answer = api.get(REASONS)

    assert answer.json() == {
        "results": [
            {
                "hour": "2026-05-04T12:00:00Z",
                "key": "test",
                "key_id": ApiKey.objects.get().pk,
                "kind": "event",
                "deployment_id": "helpdesk",
                "field": "latency_ms",
                "code": "invalid",
                "sentence": "latency_ms: expected `float | null`, got `str`",
                "count": 3,
            }
        ],
        "next": None,
        "previous": None,
    }


def test_reasons_are_counted_by_key_hour_kind_field_and_code(api, operator, write_all, time_machine):
    other = client_of(operator, "other")
    bad, worse = EVENT | {"latency_ms": "fast"}, EVENT | {"latency_ms": -1}
    for client in (api, other):
        send(client, bad, worse)
    send(api, {"event_id": "seven", "type": "copy", "deployment_id": "helpdesk"}, kind="signals")
    write_all()
    time_machine.shift(3_600)
    send(api, bad)
    write_all()

    fields = ("hour", "key", "kind", "field", "code", "count")
    noon, later = "2026-05-04T12:00:00Z", "2026-05-04T13:00:00Z"
    assert sorted(listed(api, *fields)) == [
        (noon, "other", "event", "latency_ms", "invalid", 1),
        (noon, "other", "event", "latency_ms", "out_of_range", 1),
        (noon, "test", "event", "latency_ms", "invalid", 1),
        (noon, "test", "event", "latency_ms", "out_of_range", 1),
        (noon, "test", "signal", "event_id", "invalid", 1),
        (later, "test", "event", "latency_ms", "invalid", 1),
    ]
    assert listed(api, "hour")[0] == (later,)


SECRETS = {
    "unknown type": ({"type": "ann@example.com"}, "type", "invalid"),
    "unknown field": ({"ann@example.com": 1}, "", "unknown_field"),
    "field with spaces": ({"Ann Miller lives here": 1}, "", "unknown_field"),
    "field like a key": ({"sk-proj-" + "a1B2c3D4e5F6" * 6: 1}, "", "unknown_field"),
    "known name": ({"user": "ann@example.com"}, "user", "unknown_field"),
    "no UUID": ({"event_id": "ann@example.com"}, "event_id", "invalid"),
    "label": ({"type": "thumbs", "value": "ann@example.com"}, "value", "invalid"),
}


@pytest.mark.parametrize(("change", "field", "code"), SECRETS.values(), ids=SECRETS)
def test_no_value_is_kept(api, write_all, change, field, code):
    signal = {"event_id": str(uuid.uuid4()), "deployment_id": "helpdesk", "type": "copy"} | change

    answer = send(api, signal, kind="signals")
    write_all()

    assert answer.status_code == 400
    assert listed(api, "field", "code", "count") == [(field, code, 1)]
    kept = json.dumps(list(RejectionReason.objects.values()), default=str)
    assert not any(text in kept for text in ("ann@", "Ann Miller", "sk-proj", "a1B2"))


def test_positions_in_lists_are_one_field(api, write_all):
    messages = [{"role": "user", "content": "Hello?"}, {"role": "robot", "content": "Hello."}]
    send(api, EVENT | {"tags": ["a", 1]}, EVENT | {"tags": ["a", "b", 2]}, EVENT | {"messages": messages})
    write_all()

    assert ("tags[]", 2) in listed(api, "field", "count")


@pytest.mark.parametrize(
    ("event", "deployment_id"),
    [
        ({}, "helpdesk"),
        ({"deployment_id": "nowhere"}, ""),
        ({"deployment_id": 7}, ""),
        ({"deployment_id": "ann@example.com"}, ""),
    ],
)
def test_a_reason_belongs_to_a_deployment_that_exists(api, write_all, event, deployment_id):
    send(api, EVENT | {"stars": 5} | event)
    write_all()

    assert set(RejectionReason.objects.values_list("deployment_id", flat=True)) == {deployment_id}
    assert len(listed(api, "code")) == (deployment_id == "helpdesk")


def test_different_reasons_are_bounded_by_request_and_by_hour(api, write_all):
    named = [EVENT | {f"field_{number}": 1} for number in range(200)]

    send(api, *named)
    write_all()
    after_one_request = RejectionReason.objects.count()
    for start in range(0, 200, 10):
        send(api, *named[start : start + 10])
        write_all()

    counts = Counter()
    for code, count in RejectionReason.objects.values_list("code", "count"):
        counts[code] += count
    assert after_one_request == MOST_REASONS + 1
    assert RejectionReason.objects.count() == reason_counts.MOST_ROWS
    # Of the first request 20 reasons are named and 180 are not; of the others all that have a row by then.
    assert counts == {"unknown_field": 20 + 99, "other": 180 + 101}


def test_a_request_that_is_written_again_is_counted_once(api, write_all):
    send(api, EVENT | {"stars": 5}, EVENT)
    entries.write([stream.decode(*found) for found in _decoded(valkey.client().xrange(stream.STREAM))])
    write_all()

    assert listed(api, "count") == [(1,)]


def _decoded(found):
    return [(stream_id.decode(), fields) for stream_id, fields in found]


@pytest.mark.parametrize("kind", ["events", "signals"])
def test_an_id_of_another_deployment_is_rejected_and_only_operators_see_why(any_store, api, operator, write_all, kind):
    shop, helpdesk = client_of(operator, "shop", "shop"), client_of(operator, "helpdesk", "helpdesk")
    item_id, about = str(uuid.uuid4()), str(uuid.uuid4())

    def item(name):
        if kind == "events":
            return EVENT | {"id": item_id, "deployment_id": name}
        return {"id": item_id, "event_id": about, "deployment_id": name, "type": "copy"}

    def outcome(answer):
        counts = api.get(f"{V1}/batches/{answer.json()['batch_id']}").json()
        return {name: n for name, n in counts.items() if n and name not in ("batch_id", "accepted")}

    first = send(shop, item("shop"), kind=kind)
    write_all()
    again, foreign = send(shop, item("shop"), kind=kind), send(helpdesk, item("helpdesk"), kind=kind)
    write_all()

    assert [answer.status_code for answer in (first, again, foreign)] == [202] * 3
    assert [outcome(answer) for answer in (first, again, foreign)] == [{"stored": 1}, {"duplicate": 1}, {"rejected": 1}]
    sentence = "An item with this id is stored for another deployment"
    assert listed(api, "key", "field", "code", "sentence", "count") == [("helpdesk", "id", "id_in_use", sentence, 1)]
    assert (listed(helpdesk, "code"), RejectedItem.objects.count()) == ([], 0)
    assert "shop" not in json.dumps(api.get(REASONS).json())
    assert set(IngestCount.objects.filter(rejected__gt=0).values_list("deployment_id", "rejected")) == {("helpdesk", 1)}


def test_two_deployments_with_one_id_in_one_batch_of_the_writer(any_store, api, write_all):
    event_id = str(uuid.uuid4())
    answers = [send(api, EVENT | {"id": event_id, "deployment_id": name}) for name in ("shop", "helpdesk", "shop")]

    write_all()

    rows = {str(row.batch_id): (row.stored, row.duplicate, row.rejected) for row in IngestBatch.objects.all()}
    assert [rows[answer.json()["batch_id"]] for answer in answers] == [(1, 0, 0), (0, 0, 1), (0, 1, 0)]
    assert listed(api, "code", "count") == [("id_in_use", 1)]


def test_a_limited_key_reads_the_reasons_of_its_deployments(api, operator, write_all):
    helpdesk, shop = client_of(operator, "helpdesk", "helpdesk"), client_of(operator, "shop", "shop")
    send(shop, EVENT | {"stars": 5})
    send(helpdesk, EVENT | {"stars": 5})
    write_all()

    assert listed(helpdesk, "key", "field") == [("helpdesk", "stars")]
    assert shop.get(REASONS).status_code == 404
    assert shop.get(REASONS).json() == shop.get(f"{V1}/deployments/nowhere/refusals").json()
    assert list(RejectionReason.objects.filter(deployment_id="").values_list("key__name", "code")) == [
        ("shop", "unknown_field")
    ]


def test_the_event_of_another_deployment_is_not_named(api, operator, write_all):
    event = EventFactory(deployment_id="shop")
    send(api, {"event_id": str(event.pk), "deployment_id": "helpdesk", "type": "copy"}, kind="signals")
    write_all()

    assert listed(api, "code", "sentence") == [("mismatch", "The event belongs to another deployment")]


def test_the_console_lists_reasons_with_their_deployment_and_key(api, console, write_all):
    send(api, EVENT | {"stars": 5}, EVENT | {"stars": 5, "deployment_id": "nowhere"})
    write_all()
    page = reverse("admin:feedback_rejectionreason_changelist")

    everything = console.get(page).content.decode()
    narrowed = console.get(page, {"deployment_id": "helpdesk"}).context["cl"].result_list
    ApiKey.objects.all().delete()
    without_key = console.get(page).content.decode()

    assert "This is not a field of the resource" in everything
    assert ("stars" in everything, "test (" in everything, "deleted key" in without_key) == (True, True, True)
    assert [reason.deployment_id for reason in narrowed] == ["helpdesk"]
    deployment = console.get(reverse("admin:feedback_deployment_change", args=["helpdesk"])).content.decode()
    assert f"{page}?deployment_id=helpdesk" in deployment


def test_reasons_stay_as_long_as_the_ledger(api, write_all, settings, time_machine):
    settings.LEDGER_RETENTION_DAYS = 2
    send(api, EVENT | {"stars": 5})
    write_all()

    time_machine.shift(timedelta(days=2).total_seconds() - 3_600)
    retention.purge()
    before = RejectionReason.objects.count()
    time_machine.shift(3_600)
    retention.purge()

    assert (before, RejectionReason.objects.count()) == (1, 0)
