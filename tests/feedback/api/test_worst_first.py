"""GET events?order=worst: only events with evidence, those least likely to be good first, in every store."""

from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from feedback.access import keys
from feedback.choices import Scope
from feedback.evidence.keeping import worst_first
from feedback.models import Evidence
from tests.factories import DeploymentFactory, StaffFactory
from tests.feedback.evidenced import evidence
from tests.feedback.stores import rows

EVENTS = "/api/v1/events"


def listed(api, **query):
    answer = api.get(EVENTS, {"order": "worst", **query})
    assert answer.status_code == 200, answer.json()
    return answer.json()


def numbers(body):
    return [rows.number_of(row["id"]) for row in body["results"]]


def ten(store):
    """Events 1 to 10; the odd ones have evidence, two of them the same, and 9 has no probability."""
    DeploymentFactory(id="helpdesk")
    rows.write(store, *(rows.event(number, quality_score=number / 10) for number in range(1, 11)))
    for number, p_good in ((1, 0.9), (3, 0.25), (5, 0.1), (7, 0.25), (9, None)):
        evidence(number, p_good, votes=(0.0, 1.0))


def test_only_events_with_evidence_and_the_worst_first(api, any_store):
    ten(any_store)

    body = listed(api)

    assert numbers(body) == [5, 3, 7, 1]
    assert (body["next"], body["previous"], body["searched_from"]) == (None, None, None)
    first = body["results"][0]
    assert first["prompt"] == rows.event(5)["prompt"]
    assert (first["evidence"]["p_good"], first["evidence"]["users"]) == (0.1, 2)
    assert first["evidence"]["approval"] == {
        "mean": 0.5,
        "low": pytest.approx(0.0608, abs=1e-3),
        "high": pytest.approx(0.9392, abs=1e-3),
        "level": 0.95,
    }


def test_the_newest_first_shows_evidence_too(api, any_store):
    ten(any_store)

    found = api.get(EVENTS).json()["results"]

    assert [row["evidence"] and row["evidence"]["p_good"] for row in found] == [
        *(None, None, None, 0.25, None),
        *(0.1, None, 0.25, None, 0.9),
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"deployment_id": "helpdesk"}, [5, 3, 7, 1]),
        ({"deployment_id": "search"}, []),
        ({"from": "2026-05-04T12:05:00Z"}, [5, 7]),
        ({"to": "2026-05-04T12:05:00Z"}, [3, 1]),
        ({"min_quality": 0.5}, [5, 7]),
        ({"deployment_id": "helpdesk", "q": "nothing"}, []),
        ({"external_id": "chat-1"}, []),
    ],
)
def test_filters_narrow_it(api, any_store, query, found):
    ten(any_store)

    assert numbers(listed(api, **query)) == found


@pytest.mark.parametrize("query", [{}, {"deployment_id": "helpdesk"}, {"min_quality": 0.0}])
def test_pages_go_there_and_back(api, any_store, monkeypatch, query):
    monkeypatch.setattr(worst_first, "_AT_ONCE", 2)
    ten(any_store)

    first = listed(api, page_size=3, **query)
    second = api.get(first["next"]).json()
    back = api.get(second["previous"]).json()

    assert (numbers(first), numbers(second), second["next"]) == ([5, 3, 7], [1], None)
    assert (numbers(back), back["previous"]) == ([5, 3, 7], None)
    assert back["next"] == first["next"]


def test_a_page_goes_on_behind_its_last_event_whatever_happens_before_it(api, any_store):
    ten(any_store)
    first = listed(api, page_size=2)

    Evidence.objects.filter(pk=rows.event_id(5)).update(p_good=0.99)
    Evidence.objects.filter(pk=rows.event_id(3)).delete()
    any_store.remove_events([rows.event_id(1)])

    second = api.get(first["next"]).json()
    assert (numbers(first), numbers(second)) == ([5, 3], [7])
    assert numbers(api.get(second["next"]).json()) == [5]


def test_few_matches_are_searched_for_in_bounded_steps(api, any_store, monkeypatch):
    monkeypatch.setattr(worst_first, "_AT_ONCE", 1)
    monkeypatch.setattr(worst_first, "MOST_EXAMINED", 1)
    ten(any_store)

    found, url, pages = [], f"{EVENTS}?order=worst&min_quality=0.7", 0
    while url:
        body = api.get(url).json()
        found, url, pages = found + numbers(body), body["next"], pages + 1

    assert (found, pages) == ([7], 5)


def test_several_deployments_are_one_list(api, any_store):
    ten(any_store)
    DeploymentFactory(id="search")
    rows.write(any_store, rows.event(11, deployment_id="search"))
    evidence(11, 0.2, deployment_id="search")

    with CaptureQueriesContext(connection) as queries:
        body = listed(api, page_size=2)
    merged = [query["sql"].count("UNION ALL") for query in queries if "p_good" in query["sql"]]

    assert merged == [1, 0]
    assert numbers(body) == [5, 11]
    assert numbers(api.get(body["next"]).json()) == [3, 7]


def test_a_key_of_other_deployments_sees_none_of_it(any_store):
    ten(any_store)
    _, secret = keys.create(StaffFactory(), "search", [Scope.READ], deployments=["search"])
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")

    assert numbers(listed(client)) == numbers(listed(client, deployment_id="helpdesk")) == []


@pytest.mark.parametrize("any_store", ["postgres"], indirect=True)
def test_a_cursor_belongs_to_its_order(api, any_store):
    ten(any_store)
    newest = urlsplit(api.get(EVENTS, {"page_size": 2}).json()["next"]).query
    worst = urlsplit(listed(api, page_size=2)["next"]).query

    answers = [
        api.get(f"{EVENTS}?{newest}&order=worst"),
        api.get(f"{EVENTS}?{worst.replace('order=worst&', '')}"),
        api.get(f"{EVENTS}?order=worst&cursor=bmV4dCBuYW4gMDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAx"),
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert {error["field"] for answer in answers for error in answer.json()["errors"]} == {"cursor"}
    assert api.get(EVENTS, {"order": "best"}).json()["errors"][0]["field"] == "order"
