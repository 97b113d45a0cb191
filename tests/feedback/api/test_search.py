"""A search for words reads the newest events, and its answer says from when on."""

from datetime import timedelta

import pytest

from feedback.stores import pages
from tests.factories import NOON, EventFactory

pytestmark = pytest.mark.django_db
EVENTS = "/api/v1/events"
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def four_parcels(monkeypatch):
    """Four events about a parcel in one deployment, a minute apart, and a newer one in another."""
    monkeypatch.setattr(pages, "SEARCHED_EVENTS", 2)
    for age in range(4):
        EventFactory(deployment_id="helpdesk", prompt=f"Parcel {age}?", occurred_at=NOON - age * MINUTE)
    EventFactory(deployment_id="shop", prompt="Parcel of the shop?", occurred_at=NOON + MINUTE)


def shown(answer):
    body = answer.json()
    searched_from = body["searched_from"] and body["searched_from"].removesuffix("Z")
    return [row["prompt"] for row in body["results"]], searched_from


@pytest.mark.parametrize(
    ("query", "prompts", "searched_from"),
    [
        ({"deployment_id": "helpdesk", "q": "parcel"}, ["Parcel 0?", "Parcel 1?"], "2026-05-04T11:59:00"),
        ({"q": "parcel"}, ["Parcel of the shop?", "Parcel 0?"], "2026-05-04T12:00:00"),
        ({"deployment_id": "shop", "q": "parcel"}, ["Parcel of the shop?"], None),
        (
            {"deployment_id": "helpdesk", "q": "parcel", "to": "2026-05-04T11:59:00Z"},
            ["Parcel 2?", "Parcel 3?"],
            None,
        ),
        ({"deployment_id": "helpdesk"}, [f"Parcel {age}?" for age in range(4)], None),
    ],
)
def test_a_search_reads_the_newest_events_of_what_is_asked_for(api, query, prompts, searched_from):
    assert shown(api.get(EVENTS, query)) == (prompts, searched_from)


def test_later_pages_of_a_search_end_at_the_same_event(api):
    first = api.get(EVENTS, {"deployment_id": "helpdesk", "q": "parcel", "page_size": 1}).json()
    second = api.get(first["next"])

    assert shown(second) == (["Parcel 1?"], "2026-05-04T11:59:00")
    assert second.json()["next"] is None
