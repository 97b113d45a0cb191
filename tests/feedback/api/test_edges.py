"""Requests at the edges of what the API takes: each answer is in its shape, none is a failure of the server."""

import base64
import json
import uuid

import psycopg
import pytest
from django.db import InterfaceError, OperationalError
from rest_framework.test import APIClient, APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from feedback.access import keys
from feedback.api import errors
from feedback.choices import Scope
from feedback.ingestion import ledger
from feedback.models import Event
from tests.curation.factories import CuratedSetFactory
from tests.factories import ALL_SCOPES, DeploymentFactory, EventFactory, StaffFactory

EVENTS = "/api/v1/events"
MASK = "/api/v1/mask"
EVENT = {"deployment_id": "helpdesk", "prompt": "How do I reset it?", "response": "Open the settings and follow it."}
NOBODY = "redis://127.0.0.1:1/0"


def cursor(text):
    return base64.urlsafe_b64encode(text.encode()).decode()


def post(client, path, body, **headers):
    return client.generic("POST", path, body, content_type="application/json", **headers)


def test_the_ledger_answers_while_the_stream_is_down(api, write_all, settings):
    written = api.post(EVENTS, EVENT, format="json").json()["batch_id"]
    write_all()
    settings.REDIS_URL = NOBODY

    known, unknown = api.get(f"/api/v1/batches/{written}"), api.get(f"/api/v1/batches/{uuid.uuid4()}")

    assert (known.status_code, known.json()["stored"], known.json()["pending"]) == (200, 1, 0)
    assert (unknown.status_code, unknown["Retry-After"]) == (503, "5")
    assert unknown.json()["errors"] == [
        {"field": "", "code": "unavailable", "message": "The stream cannot be reached. Try again later."}
    ]


def test_no_commit_can_fall_between_the_figures_of_a_batch(api, write_all, django_assert_num_queries):
    body = {"events": [EVENT, EVENT | {"deployment_id": "shop"}, EVENT | {"deployment_id": "shop", "prompt": " "}]}
    batch_id = uuid.UUID(api.post(EVENTS, body, format="json").json()["batch_id"])

    with django_assert_num_queries(1):
        before = ledger.counts_of(batch_id)
    write_all()
    with django_assert_num_queries(1):
        after = ledger.counts_of(batch_id)

    assert (before.accepted, before.stored, before.pending, before.invalid) == (2, 0, 2, 1)
    assert (after.accepted, after.stored, after.pending, after.invalid) == (2, 2, 0, 1)


@pytest.mark.parametrize(
    "moment",
    ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-05-04T12:00:00", "2026-13-04T12:00:00+00:00"],
)
def test_a_cursor_outside_the_calendar_is_rejected(api, moment):
    answer = api.get(EVENTS, {"cursor": cursor(f"next {moment} {uuid.uuid4()}")})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "cursor")


def test_a_cursor_with_an_odd_offset_is_the_same_moment(api):
    answer = api.get(EVENTS, {"cursor": cursor(f"next 2026-05-04T12:00:00+23:59:59 {uuid.uuid4()}")})

    assert (answer.status_code, answer.json()["results"]) == (200, [])


LISTS = ["deployments", "exports", "deployments/helpdesk/drift", "deployments/helpdesk/triggers"]
LISTS += ["deployments/helpdesk/curated-sets", "curated-sets/7/examples"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("text", ["p=abc", "p=%00", "p=2024-13-45", "p=0001-01-01 00:00:00%2B23:59", "o=x", "é"])
def test_no_list_takes_a_cursor_that_it_did_not_give_out(api, path, text):
    DeploymentFactory(id="helpdesk")
    CuratedSetFactory(pk=7, deployment_id="helpdesk")

    answer = api.get(f"/api/v1/{path}", {"cursor": cursor(text)})

    message = "This cursor does not belong to this list."
    assert answer.status_code == 400
    assert answer.json() == {"errors": [{"field": "cursor", "code": "invalid", "message": message}]}


def test_pages_of_a_list_follow_each_other_both_ways(api):
    names = [DeploymentFactory().pk for _ in range(5)]

    first = api.get("/api/v1/deployments?page_size=2").json()
    second = api.get(first["next"]).json()
    third = api.get(second["next"]).json()

    pages = [[row["id"] for row in page["results"]] for page in (first, second, third)]
    assert pages == [names[:2:-1], names[2:0:-1], names[:1]]
    assert api.get(second["previous"]).json()["results"] == first["results"]


@pytest.mark.parametrize(
    ("name", "field"), [("\ud800", "\\ud800"), ("x" * 5_000, f"{'x' * 99}…")], ids=["half a pair", "long"]
)
def test_the_name_of_an_unknown_field_comes_back_printable(api, name, field):
    answer = post(api, MASK, json.dumps({"text": "a", name: 1}))

    message = f"{field} is not a field of this resource"
    assert answer.status_code == 400
    assert answer.json() == {"errors": [{"field": field, "code": "unknown_field", "message": message}]}


def test_a_rejected_value_comes_back_printable(api):
    answer = post(api, "/api/v1/quality/assess", '{"prompt": "a", "response": "b", "profile": "\\ud800"}')

    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (400, '"\\ud800" is not a valid choice.')


@pytest.mark.parametrize(
    "body", [f'{{"text": {"[" * 100_000}{"]" * 100_000}}}', '{"text": NaN}', '{"text": -Infinity}', "{", b"\xff"]
)
def test_a_body_that_is_no_plain_json_is_rejected(api, body):
    answer = post(api, MASK, body)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "parse_error")


def test_a_body_over_the_bound_is_too_large(api, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 50

    small, large = (post(api, MASK, json.dumps({"text": "a" * length})) for length in (10, 50))

    assert (small.status_code, large.status_code) == (200, 413)
    assert large.json()["errors"][0]["code"] == "too_large"


@pytest.mark.parametrize(("path", "kind"), [("/api/v1/events", "application/json"), ("/admin/", "text/html")])
def test_a_foreign_host_is_rejected_in_the_shape_of_its_place(api, path, kind):
    answer = api.get(path, HTTP_HOST="foreign.example")

    assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (400, kind)
    if kind == "application/json":
        assert answer.json()["errors"][0]["code"] == "bad_request"


def test_offsets_of_masks_in_json_are_those_of_the_given_text(api):
    text = '{"to": "eve\\u0040example.net", "phone": 4155550132}'

    answer = api.post(MASK, {"text": text}, format="json").json()

    assert answer == {
        "text": '{"to": "[EMAIL]", "phone": "[PHONE]"}',
        "spans": [{"start": 8, "end": 28, "kind": "EMAIL"}, {"start": 40, "end": 50, "kind": "PHONE"}],
    }


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/deployments", 200),
        ("HEAD", "/api/v1/deployments", 200),
        ("OPTIONS", "/api/v1/deployments", 405),
        ("PUT", "/api/v1/deployments", 405),
        ("HEAD", "/api/v1/signals", 405),
        ("GET", "/api/v1/mask", 405),
        ("DELETE", "/api/v1/events/0199aaaa-0000-7000-8000-000000000000", 405),
        ("POST", "/api/schema/", 405),
        ("POST", "/api/v1/signals", 403),
    ],
)
def test_a_method_that_a_resource_lacks_is_not_allowed(db, method, path, status):
    _, secret = keys.create(StaffFactory(), "reader", [Scope.READ])
    client = APIClient()

    answer = client.generic(method, path, HTTP_AUTHORIZATION=f"Bearer {secret}")

    assert answer.status_code == status
    if status == 405 and method != "HEAD" and path.startswith("/api/v1/"):
        assert answer.json()["errors"][0]["code"] == "method_not_allowed"


def test_head_needs_the_scope_of_get(db):
    _, secret = keys.create(StaffFactory(), "sender", [Scope.INGEST])

    assert APIClient().head(EVENTS, HTTP_AUTHORIZATION=f"Bearer {secret}").status_code == 403


class Unscoped(APIView):
    def post(self, request):
        raise AssertionError


def test_a_method_without_a_scope_stays_denied(operator):
    key, _ = keys.create(operator, "all", ALL_SCOPES)
    request = APIRequestFactory().post("/", {}, format="json")
    force_authenticate(request, user=operator, token=key)

    assert Unscoped.as_view()(request).status_code == 403


@pytest.mark.parametrize(
    ("kind", "cause", "status"),
    [
        (OperationalError, psycopg.OperationalError(), 503),
        (OperationalError, psycopg.errors.ConnectionFailure(), 503),
        (OperationalError, psycopg.errors.AdminShutdown(), 503),
        (InterfaceError, psycopg.InterfaceError(), 503),
        (OperationalError, psycopg.errors.QueryCanceled(), 503),
        (OperationalError, psycopg.errors.DiskFull(), None),
        (OperationalError, psycopg.errors.ProgramLimitExceeded(), None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_a_lost_connection_and_a_time_limit_are_no_fault_of_the_server(kind, cause, status):
    error = kind()
    error.__cause__ = cause

    answer = errors.exception_handler(error, {})

    assert getattr(answer, "status_code", None) == status


@pytest.mark.parametrize("spelling", [str, lambda value: str(value).upper(), lambda value: value.hex])
def test_every_spelling_of_an_id_finds_it(api, write_all, spelling):
    answer = api.post(EVENTS, EVENT, format="json").json()
    write_all()

    found = [
        api.get(f"/api/v1/{name}/{spelling(uuid.UUID(value))}").status_code
        for name, value in (("events", answer["ids"][0]), ("batches", answer["batch_id"]))
    ]

    assert found == [200, 200]
    assert api.get(f"{EVENTS}/{answer['ids'][0][:-1]}").status_code == 404


def test_a_response_of_very_many_words_leaves_the_search_working(api):
    words = " ".join(f"word{number:07}" for number in range(80_000))
    long = EventFactory(response=f"walrus {words} zebra")
    short = EventFactory(prompt="Where is the zebra?")

    def found(text):
        return [event["id"] for event in api.get(EVENTS, {"q": text}).json()["results"]]

    assert (found("zebra"), found("walrus")) == ([str(short.pk)], [str(long.pk)])
    assert found("x" * 3_000) == []
    assert Event.objects.count() == 2


@pytest.mark.parametrize("field", ["prompt", "response", "system", "messages", "tools"])
def test_bytes_that_are_no_utf8_reject_their_item_alone(api, write_all, field):
    wrong = json.dumps(EVENT | {field: "@"}).encode().replace(b'"@"', b'"\xed\xa0\x80"')
    body = wrong + b"\n" + json.dumps(EVENT).encode()

    answer = api.generic("POST", EVENTS, body, content_type="application/x-ndjson")
    write_all()

    assert (answer.status_code, Event.objects.count()) == (207, 1)
    assert [item["index"] for item in answer.json()["rejected"]] == [0]
