"""What one request and one key may cost."""

import gzip
import json

import pytest
from django.test import Client

from feedback import valkey
from feedback.access import keys, rates
from feedback.choices import Scope
from feedback.ingestion import stream
from tests.factories import ALL_SCOPES, StaffFactory

pytestmark = pytest.mark.django_db
EVENT = {"deployment_id": "helpdesk", "prompt": "How do I reset it?", "response": "Open the settings."}
SIGNAL = {"event_id": "019a0000-0000-7000-8000-000000000001", "deployment_id": "helpdesk", "type": "thumbs_up"}
MINUTE = "2026-05-04T12:00:45Z"


@pytest.fixture(autouse=True)
def _own_minute(time_machine):
    time_machine.move_to(MINUTE, tick=False)
    valkey.client().flushdb()
    rates.forget()
    yield
    rates.forget()


def _key(*, is_public):
    scopes = [Scope.SIGNALS] if is_public else ALL_SCOPES
    return keys.create(StaffFactory(), "key", scopes, deployments=["helpdesk"], is_public=is_public)[1]


def _post(path, secret, items, **headers):
    body = json.dumps({path: items}).encode()
    if headers:
        body = gzip.compress(body)
    return Client().post(
        f"/api/v1/{path}",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}", **headers},
    )


def _codes(answer):
    return [error["code"] for error in answer.json()["errors"]]


def _comment(characters):
    return SIGNAL | {"comment": "x" * characters}


@pytest.mark.parametrize(
    ("items", "headers", "status", "message"),
    [
        ([SIGNAL] * 20, {}, 202, ""),
        ([SIGNAL] * 21, {}, 413, "The request has more than 20 items (PUBLIC_KEY_MAX_ITEMS)."),
        ([_comment(9_000)] * 8, {}, 413, "The body has more than 65536 bytes (PUBLIC_KEY_MAX_BODY_BYTES)."),
        (
            [_comment(9_000)] * 8,
            {"Content-Encoding": "gzip"},
            413,
            "The decompressed body has more than 65536 bytes (PUBLIC_KEY_MAX_BODY_BYTES).",
        ),
    ],
    ids=["20 items", "21 items", "large body", "large body in gzip"],
)
def test_a_public_key_sends_small_requests(items, headers, status, message):
    answer = _post("signals", _key(is_public=True), items, **headers)

    assert answer.status_code == status
    if message:
        assert answer.json()["errors"] == [{"field": "", "code": "too_large", "message": message}]
        assert stream.backlog().entries == 0
        assert _post("signals", _key(is_public=False), items, **headers).status_code == 202


@pytest.mark.parametrize(("characters", "status"), [(10_000, 202), (10_001, 400)])
def test_a_public_key_sends_short_texts(characters, status):
    answer = _post("signals", _key(is_public=True), [_comment(characters)])

    assert answer.status_code == status
    if status == 400:
        [error] = answer.json()["errors"]
        assert (error["field"], error["code"]) == ("comment", "too_long")
        assert _post("signals", _key(is_public=False), [_comment(characters)]).status_code == 202


def test_an_item_has_a_bound_of_its_own(settings):
    settings.INGEST_MAX_ITEM_BYTES = 1_000
    large = EVENT | {"response": "x" * 1_000}

    answer = _post("events", _key(is_public=False), [EVENT, large, EVENT])

    assert (answer.status_code, answer.json()["accepted"]) == (207, 2)
    [rejected] = answer.json()["rejected"]
    assert (rejected["index"], [error["code"] for error in rejected["errors"]]) == (1, ["too_large"])


def test_items_beyond_the_processor_time_of_a_request_are_rejected(settings):
    settings.INGEST_MAX_PROCESSOR_SECONDS = 0.2
    costly = EVENT | {"response": "Version 1.2.3.4.5.6.7 " * 20_000}

    answer = _post("events", _key(is_public=False), [EVENT, costly, EVENT, EVENT])

    assert (answer.status_code, answer.json()["accepted"]) == (207, 2)
    assert [(item["index"], item["errors"][0]["code"]) for item in answer.json()["rejected"]] == [
        (2, "over_budget"),
        (3, "over_budget"),
    ]


@pytest.mark.parametrize(
    ("setting", "limit", "right"),
    [("ITEMS_PER_MINUTE", 5, "send 5 items"), ("BYTES_PER_MINUTE", 900, "send 900 bytes")],
)
@pytest.mark.parametrize("is_public", [True, False])
def test_a_key_sends_so_many_items_and_bytes_a_minute(settings, time_machine, setting, limit, right, is_public):
    name = f"{'PUBLIC' if is_public else 'API'}_KEY_{setting}"
    setattr(settings, name, limit)
    secret, items = _key(is_public=is_public), [SIGNAL | {"comment": "x" * 60}] * 2

    statuses = [_post("signals", secret, items).status_code for _ in range(2)]
    rates.forget()  # As another process, which knows nothing of this one.
    refused = _post("signals", secret, items)
    time_machine.shift(15)
    later = _post("signals", secret, items)

    assert (statuses, refused.status_code, later.status_code) == ([202, 202], 429, 202)
    assert (refused["Retry-After"], _codes(refused)) == ("15", ["throttled"])
    assert refused.json()["errors"][0]["message"] == f"This API key may {right} a minute ({name})."
    assert stream.backlog().entries == 3


def test_a_key_that_used_up_its_processor_time_waits_for_the_next_minute(settings, time_machine):
    settings.PUBLIC_KEY_PROCESSOR_SECONDS_PER_MINUTE = 2
    secret = _key(is_public=True)
    key = keys.find(secret)

    first = _post("signals", secret, [SIGNAL])
    rates.charge(key, seconds=3.0)
    refused = _post("signals", secret, [SIGNAL])
    rates.forget()
    elsewhere = _post("signals", secret, [SIGNAL])
    time_machine.shift(15)
    later = _post("signals", secret, [SIGNAL])

    statuses = [answer.status_code for answer in (first, refused, elsewhere, later)]
    assert statuses == [202, 429, 429, 202]
    assert _codes(refused) == ["throttled"]
