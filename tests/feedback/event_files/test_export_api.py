"""GET events/export: which events, for whom, and what the log says."""

from datetime import timedelta

import pytest
from rest_framework.test import APIClient
from structlog.testing import capture_logs

from feedback import exact_json
from feedback.access import keys
from feedback.choices import Scope
from feedback.event_files import rows as whole_events
from feedback.stores import event_store, pages
from feedback.stores.base import StoreUnavailable
from tests.factories import NOON, EventFactory, SignalFactory, StaffFactory

pytestmark = pytest.mark.django_db
EVENTS, EXPORT = "/api/v1/events", "/api/v1/events/export"


@pytest.fixture
def events():
    """Five events, an hour apart, the newest first."""
    return [
        EventFactory(deployment_id="helpdesk", model_version_id="v2", external_id="chat-1", quality_score=0.9),
        EventFactory(deployment_id="helpdesk", prompt_version="p7", session_hash="a" * 64, quality_score=0.2, **at(1)),
        EventFactory(deployment_id="shop", prompt="Where is my parcel?", **at(2)),
        SignalFactory(event_id=EventFactory(deployment_id="shop", **at(3)).pk, deployment_id="shop"),
        EventFactory(deployment_id="shop", quality_score=None, **at(4)),
    ]


def at(hours):
    return {"occurred_at": NOON - timedelta(hours=hours)}


def ids(answer):
    return [exact_json.decode(line)["id"] for line in answer.getvalue().splitlines()]


@pytest.mark.usefixtures("events")
@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 5),
        ({"deployment_id": "shop"}, 3),
        ({"model_version_id": "v2"}, 1),
        ({"prompt_version": "p7"}, 1),
        ({"external_id": "chat-1"}, 1),
        ({"session_hash": "a" * 64}, 1),
        ({"from": "2026-05-04T10:00:00Z"}, 3),
        ({"to": "2026-05-04T10:00:00Z"}, 2),
        ({"min_quality": 0.5}, 3),
        ({"signal": "thumbs_up"}, 1),
        ({"q": "parcel"}, 1),
        ({"deployment_id": "nowhere"}, 0),
    ],
)
def test_a_file_has_the_events_of_the_list_with_the_same_filters(api, monkeypatch, query, count):
    monkeypatch.setattr(whole_events, "BATCH", 2)

    exported, listed = ids(api.get(EXPORT, query)), api.get(EVENTS, query).json()["results"]

    assert exported == [row["id"] for row in listed]
    assert len(exported) == count


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ({"format": "xlsx"}, "format", "invalid_choice"),
        ({"from": "yesterday"}, "from", "invalid"),
        ({"page_size": 5}, "page_size", "unknown_field"),
    ],
)
def test_a_wrong_parameter_is_named(api, query, field, code):
    answer = api.get(EXPORT, query)

    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]


def test_a_key_limited_to_deployments_receives_theirs(events):
    _, secret = keys.create(StaffFactory(), "limited", [Scope.READ], deployments=["helpdesk"])
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")

    assert ids(client.get(EXPORT)) == [str(event.pk) for event in events[:2]]
    assert ids(client.get(EXPORT, {"deployment_id": "shop"})) == []


@pytest.mark.parametrize(
    ("format", "media_type"),
    [
        ("jsonl", "application/x-ndjson"),
        ("csv", "text/csv; charset=utf-8"),
        ("parquet", "application/vnd.apache.parquet"),
    ],
)
def test_the_answer_is_an_attachment_of_its_format(api, format, media_type):
    answer, headers = api.get(EXPORT, {"format": format}), api.head(EXPORT, {"format": format})

    assert (answer.streaming, headers.getvalue()) == (True, b"")
    for one in (answer, headers):
        assert one.headers["Content-Type"] == media_type
        assert one.headers["Content-Disposition"] == f'attachment; filename="events.{format}"'


@pytest.mark.usefixtures("events")
def test_a_search_tells_how_far_it_reached(api, monkeypatch):
    monkeypatch.setattr(pages, "SEARCHED_EVENTS", 2)

    answer, other = api.get(EXPORT, {"q": "password"}), api.get(EXPORT)

    assert len(ids(answer)) == 2
    assert answer.headers["X-Searched-From"] == "2026-05-04T11:00:00Z"
    assert "X-Searched-From" not in other.headers


def test_the_log_says_who_received_how_many_events_and_no_words(api, operator, events):
    with capture_logs() as logs:
        answer = api.get(EXPORT, {"deployment_id": "shop", "q": "parcel"})
        size = len(answer.getvalue())

    begun, ended = (line for line in logs if line["event"].startswith("events_export"))
    about = {"deployment": "shop", "filters": ["deployment_id", "text"], "format": "jsonl"}
    assert begun.pop("by").startswith(f"{operator.get_username()}, key cf_")
    assert begun == about | {"event": "events_export_begun", "log_level": "info"}
    assert ended == about | ended | {"events": 1, "bytes": size, "is_complete": True}
    assert "parcel" not in str(logs)


@pytest.mark.usefixtures("events")
def test_a_reader_that_leaves_is_noted(api, monkeypatch):
    monkeypatch.setattr(whole_events, "BATCH", 2)

    with capture_logs() as logs:
        answer = api.get(EXPORT)
        next(iter(answer))
        answer.close()

    assert [(line["events"], line["is_complete"]) for line in logs if line["event"] == "events_exported"] == [
        (2, False)
    ]


def test_an_unavailable_store_answers_503_before_any_byte(api, monkeypatch):
    def scan(*_):
        raise StoreUnavailable("No answer.")

    monkeypatch.setattr(event_store(), "scan", scan)

    answer = api.get(EXPORT, {"format": "jsonl"})

    assert answer.status_code == 503
    assert answer.json()["errors"][0]["code"] == "unavailable"
