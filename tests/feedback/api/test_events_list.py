import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError
from rest_framework.test import APIClient

from feedback.access import keys
from feedback.choices import Scope
from feedback.models import ApiKey, Event
from tests.factories import StaffFactory

EVENTS = "/api/v1/events"
EVENT = {"deployment_id": "helpdesk", "prompt": "How do I reset it?", "response": "Open the settings and follow it."}


def send(client, body):
    return client.post(EVENTS, body, format="json")


@pytest.mark.parametrize("header", [None, "Bearer nothing", "Bearer", "Basic abc", "Bearer ké"])
def test_without_a_known_key_the_answer_is_401(db, header):
    client = APIClient()
    headers = {"HTTP_AUTHORIZATION": header} if header else {}

    answer = client.generic("POST", EVENTS, json.dumps(EVENT), content_type="application/json", **headers)

    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] in {"not_authenticated", "authentication_failed"}


def test_a_key_works_within_its_scopes_until_it_is_revoked(write_all):
    key, secret = keys.create(StaffFactory(), "reader", [Scope.READ])
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")

    read, write = client.get(EVENTS), send(client, EVENT)
    ApiKey.objects.filter(pk=key.pk).update(revoked_at=datetime.now(UTC))

    assert (read.status_code, write.status_code, client.get(EVENTS).status_code) == (200, 403, 401)
    assert secret not in json.dumps(list(ApiKey.objects.values()), default=str)


def test_pages_neither_skip_nor_repeat(api, write_all):
    moments = [datetime(2026, 5, 1, 12, tzinfo=UTC) + timedelta(seconds=i // 2) for i in range(7)]
    ids = send(api, {"events": [EVENT | {"occurred_at": m.isoformat()} for m in moments]}).json()["ids"]
    write_all()
    newest = [str(event.pk) for event in Event.objects.newest_first()]

    seen, url, pages = [], f"{EVENTS}?page_size=3", []
    while url:
        page = api.get(url).json()
        pages.append(page)
        seen += [event["id"] for event in page["results"]]
        url = page["next"]

    assert seen == newest
    assert set(seen) == set(ids)
    assert pages[0]["previous"] is None
    assert api.get(pages[1]["previous"]).json()["results"] == pages[0]["results"]
    assert api.get(f"{EVENTS}?cursor=bad").status_code == 400


def test_filters_narrow_the_list(api, write_all):
    send(api, {"events": [EVENT | {"model_version_id": "v1"}, EVENT | {"model_version_id": "v2", "prompt": "Zebra?"}]})
    write_all()

    def found(query):
        return [event["model_version_id"] for event in api.get(f"{EVENTS}?{query}").json()["results"]]

    assert found("model_version_id=v1") == ["v1"]
    assert found("q=zebra") == ["v2"]
    assert found("min_quality=1.0&deployment_id=nobody") == []
    assert found("from=2100-01-01T00:00:00Z") == []
    assert sorted(found("to=2100-01-01T00:00:00Z")) == ["v1", "v2"]
    assert api.get(f"{EVENTS}?min_quality=7").status_code == 400


@pytest.mark.parametrize("external_id", ["chatcmpl-1", "ticket of ann@example.com"])
def test_an_external_id_finds_its_events_also_where_its_hash_is_stored(api, write_all, external_id):
    answer = send(api, {"events": [EVENT | {"external_id": external_id}, EVENT | {"external_id": "chatcmpl-2"}]})
    write_all()

    found = api.get(EVENTS, {"external_id": external_id}).json()["results"]

    assert [event["id"] for event in found] == answer.json()["ids"][:1]
    assert api.get(EVENTS, {"external_id": external_id, "deployment_id": "shop"}).json()["results"] == []
    assert api.get(EVENTS, {"external_id": "chatcmpl"}).json()["results"] == []


def test_with_the_database_down_a_known_key_still_brings_events_in(api, write_all, monkeypatch):
    send(api, EVENT)

    def away(*args, **options):
        raise OperationalError("connection refused")

    with monkeypatch.context() as outage:
        outage.setattr("django.db.backends.base.base.BaseDatabaseWrapper.cursor", away)
        sent = send(api, EVENT)
        read = api.get("/api/v1/deployments")
        unknown = APIClient().get(EVENTS, HTTP_AUTHORIZATION="Bearer unknown")
    write_all()

    assert (sent.status_code, read.status_code, unknown.status_code) == (202, 503, 503)
    assert read["Retry-After"] == "5"
    assert Event.objects.count() == 2
