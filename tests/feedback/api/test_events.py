import gzip
import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from feedback import valkey
from feedback.hashing import hash_person
from feedback.ingestion import stream
from feedback.models import Deployment, Event, IngestBatch, QualityScore, RejectedItem

EVENTS = "/api/v1/events"
EVENT = {
    "deployment_id": "helpdesk",
    "prompt": "How do I reset it?",
    "response": "Open the settings and follow the link.",
}


def send(api, body, **options):
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return api.generic("POST", EVENTS, text, **({"content_type": "application/json"} | options))


def test_one_object_is_accepted_and_stored(api, write_all):
    event_id = str(uuid.uuid4())

    answer = send(api, EVENT | {"id": event_id, "latency_ms": 120, "metadata": {"source": "api"}, "tags": ["a"]})
    write_all()

    assert answer.status_code == 202
    assert answer.json()["ids"] == [event_id]
    assert (answer.json()["accepted"], answer.json()["duplicates"]) == (1, [])
    stored = api.get(f"{EVENTS}/{event_id}").json()
    assert stored["prompt"] == EVENT["prompt"]
    assert (stored["latency_ms"], stored["metadata"], stored["tags"]) == (120, {"source": "api"}, ["a"])
    assert [check["name"] for check in stored["quality"]["checks"]] == ["format", "length", "refusal", "repetition"]
    assert stored["quality"]["score"] == pytest.approx(
        sum(check["score"] for check in stored["quality"]["checks"]) / 4, abs=1e-9
    )
    assert Deployment.objects.get().pk == "helpdesk"


@pytest.mark.parametrize(
    ("body", "options"),
    [
        (json.dumps({"events": [EVENT, EVENT]}), {}),
        ("\n".join([json.dumps(EVENT), "", json.dumps(EVENT), ""]), {"content_type": "application/x-ndjson"}),
        (gzip.compress(json.dumps({"events": [EVENT, EVENT]}).encode()), {"HTTP_CONTENT_ENCODING": "gzip"}),
    ],
    ids=["list", "lines", "gzip"],
)
def test_every_form_of_two_events_stores_two(api, write_all, body, options):
    answer = send(api, body, **options)
    write_all()

    assert answer.status_code == 202
    assert answer.json()["accepted"] == Event.objects.count() == 2


def test_messages_alone_give_the_last_user_message_as_prompt(api, write_all):
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi"},
        {"role": "user", "content": "Write to ann@example.com"},
    ]

    send(api, {"deployment_id": "helpdesk", "messages": messages, "response": ""})
    write_all()

    stored = Event.objects.get()
    assert stored.prompt == "Write to [EMAIL]"
    assert stored.messages[3] == {"role": "user", "content": "Write to [EMAIL]"}
    assert stored.response == ""
    assert stored.quality_score < 0.7


def test_personal_data_reaches_neither_stream_nor_database(api, write_all):
    secrets = ["ann@example.com", "555-123-4567", "4111111111111111", "patient-77", "session-88"]

    send(
        api,
        EVENT
        | {
            "prompt": f"I am {secrets[0]}",
            "response": f"Call {secrets[1]}",
            "metadata": {"card": secrets[2], secrets[0]: [secrets[1]]},
            "user_id": secrets[3],
            "session_id": secrets[4],
        },
    )

    entry = valkey.client().xrange(stream.STREAM)[0][1][b"payload"]
    assert not [secret for secret in secrets if secret.encode() in entry]
    write_all()
    stored = Event.objects.get()
    assert (stored.prompt, stored.response) == ("I am [EMAIL]", "Call [PHONE]")
    assert stored.metadata == {"card": "[CREDIT_CARD]", "[EMAIL]": ["[PHONE]"]}
    assert stored.masked == {"EMAIL": 2, "PHONE": 2, "CREDIT_CARD": 1}
    assert stored.user_hash == hash_person("patient-77")
    assert len(stored.session_hash) == 64


REFUSED = {
    "wrong type": ({"prompt": 5}, "prompt", "invalid"),
    "unknown field": ({"colour": "red"}, "colour", "unknown_field"),
    "nothing asked": ({"prompt": None}, "prompt", "required"),
    "blank prompt": ({"prompt": " \n"}, "prompt", "blank"),
    "missing response": ({"response": ...}, "response", "required"),
    "text too long": ({"response": "x" * 1_000_001}, "response", "out_of_range"),
    "metadata too long": ({"metadata": {"a": "x" * 70_000}}, "metadata", "too_long"),
    "metadata too deep": ({"metadata": {"a": json.loads("[" * 40 + "]" * 40)}}, "metadata", "too_deep"),
    "no UUID": ({"id": "seven"}, "id", "invalid"),
    "future": ({"occurred_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}, "occurred_at", "in_future"),
    "no zone": ({"occurred_at": "2026-01-01T00:00:00"}, "occurred_at", "invalid"),
    "before Unix": ({"occurred_at": "0001-01-01T00:00:00+10:00"}, "occurred_at", "out_of_range"),
    "negative latency": ({"latency_ms": -1}, "latency_ms", "out_of_range"),
    "infinite cost": ({"cost_usd": 1e300}, "cost_usd", "out_of_range"),
    "bad deployment": ({"deployment_id": "a b\n"}, "deployment_id", "invalid"),
    "unknown role": ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role", "invalid"),
    "not an object": (None, "", "invalid"),
}


@pytest.mark.parametrize(("change", "field", "code"), REFUSED.values(), ids=REFUSED)
def test_a_bad_item_is_named_and_the_good_ones_are_stored(api, write_all, change, field, code):
    bad = None if change is None else {k: v for k, v in (EVENT | change).items() if v is not ...}

    alone = send(api, {"events": [bad]})
    together = send(api, {"events": [EVENT, bad, EVENT]})
    write_all()

    assert alone.status_code == 400
    assert together.status_code == 207
    (rejected,) = together.json()["rejected"]
    assert (rejected["index"], rejected["errors"][0]["field"], rejected["errors"][0]["code"]) == (1, field, code)
    assert rejected["errors"][0]["message"]
    assert (alone.json()["errors"][0]["field"], alone.json()["errors"][0]["code"]) == (field, code)
    assert Event.objects.count() == 2


BODIES = {
    "malformed": ("{", {}, 400, "malformed"),
    "empty": ("", {}, 400, "malformed"),
    "no object": ("5", {}, 400, "malformed"),
    "empty list": ('{"events": []}', {}, 400, "malformed"),
    "no list": ('{"events": 5}', {}, 400, "malformed"),
    "field beside the list": ('{"events": [], "more": 1}', {}, 400, "malformed"),
    "nested without end": ('{"events": ' + "[" * 100_000, {}, 400, "malformed"),
    "not gzip": ("{}", {"HTTP_CONTENT_ENCODING": "gzip"}, 400, "malformed"),
    "cut gzip": (gzip.compress(json.dumps(EVENT).encode())[:-9], {"HTTP_CONTENT_ENCODING": "gzip"}, 400, "malformed"),
    "unknown encoding": ("{}", {"HTTP_CONTENT_ENCODING": "br"}, 415, "unsupported_media_type"),
    "unknown type": ("{}", {"content_type": "text/csv"}, 415, "unsupported_media_type"),
    "bomb": (gzip.compress(b" " * 33 * 2**20), {"HTTP_CONTENT_ENCODING": "gzip"}, 413, "too_large"),
    "too many": ("{}\n" * 10_001, {"content_type": "application/x-ndjson"}, 413, "too_large"),
    "too long": (" " * (16 * 2**20 + 1), {}, 413, "too_large"),
}


@pytest.mark.parametrize(("body", "options", "status", "code"), BODIES.values(), ids=BODIES)
def test_a_body_without_items_is_rejected_whole(api, write_all, body, options, status, code):
    answer = send(api, body, **options)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
    assert answer.json()["errors"][0]["message"]
    assert stream.backlog().entries == 0


def test_a_bad_line_is_rejected_alone(api, write_all):
    body = "\n".join([json.dumps(EVENT), "{", json.dumps(EVENT)])

    answer = send(api, body, content_type="application/x-ndjson")
    write_all()

    assert answer.status_code == 207
    assert [item["index"] for item in answer.json()["rejected"]] == [1]
    assert Event.objects.count() == 2


def test_the_same_id_is_stored_once_whatever_its_content(api, write_all):
    event_id = str(uuid.uuid4())
    first = send(api, EVENT | {"id": event_id}).json()
    write_all()

    second = send(api, {"events": [EVENT | {"id": event_id, "prompt": "Other"}, EVENT | {"id": event_id}]}).json()
    write_all()

    assert second["duplicates"] == [event_id]
    assert Event.objects.get().prompt == EVENT["prompt"]
    assert QualityScore.objects.count() == 1
    counts = {
        key: api.get(f"/api/v1/batches/{receipt['batch_id']}").json()
        for key, receipt in (("first", first), ("second", second))
    }
    assert (counts["first"]["stored"], counts["first"]["duplicate"]) == (1, 0)
    assert (counts["second"]["stored"], counts["second"]["duplicate"], counts["second"]["accepted"]) == (0, 1, 1)


def test_a_batch_is_pending_until_it_is_written(api, write_all):
    receipt = send(api, {"events": [EVENT, EVENT, {}]}).json()
    path = f"/api/v1/batches/{receipt['batch_id']}"

    before = api.get(path).json()
    event_before = api.get(f"{EVENTS}/{receipt['ids'][0]}").status_code
    write_all()
    after = api.get(path).json()

    none = dict.fromkeys(["stored", "duplicate", "sampled_out", "rejected"], 0)
    assert before == {"batch_id": receipt["batch_id"], "accepted": 2, "invalid": 1, "pending": 2} | none
    assert after == before | {"stored": 2, "pending": 0}
    assert event_before == 404
    assert api.get(f"/api/v1/batches/{uuid.uuid4()}").status_code == 404


def test_a_disabled_deployment_rejects(api, write_all):
    Deployment.objects.create(id="helpdesk", enabled=False)

    answer = send(api, EVENT)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "deployment_disabled"


def test_a_full_backlog_asks_to_come_back(api, write_all, settings):
    settings.INGEST_MAX_BACKLOG_ENTRIES = 1
    send(api, EVENT)

    answer = send(api, EVENT)

    assert (answer.status_code, answer["Retry-After"]) == (429, "5")
    assert stream.backlog().entries == 1


def test_without_redis_events_go_straight_into_the_database(api, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    answer = send(api, {"events": [EVENT, EVENT]})

    assert answer.status_code == 202
    assert Event.objects.count() == 2
    assert IngestBatch.objects.get().stored == 2


def test_only_the_item_that_the_database_rejects_is_set_aside(api, write_all, monkeypatch):
    monkeypatch.setattr("feedback.ingestion.accept.without_nul", lambda raw: raw)

    receipt = send(api, {"events": [EVENT, EVENT | {"prompt": "a\0b"}, EVENT, EVENT]}).json()
    write_all()

    assert Event.objects.count() == 3
    refused = RejectedItem.objects.get()
    assert (str(refused.item_id), refused.payload["prompt"]) == (receipt["ids"][1], "a␀b")
    counts = api.get(f"/api/v1/batches/{receipt['batch_id']}").json()
    assert (counts["accepted"], counts["stored"], counts["rejected"]) == (4, 3, 1)
    assert stream.backlog().entries == 0


def test_an_unprintable_name_is_spelled_out(api, write_all):
    beside = send(api, '{"events": [], "\\ud800": 1}')
    within = send(api, {"events": [EVENT, EVENT | {"x" * 500: 1}, EVENT | {"\ud800": 1}]})

    assert (beside.status_code, beside.json()["errors"][0]["code"]) == (400, "malformed")
    assert within.status_code == 207
    assert [len(item["errors"][0]["field"]) <= 101 for item in within.json()["rejected"]] == [True, True]
