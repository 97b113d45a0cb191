import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from feedback.stores.base import EventFilter
from tests.factories import NOON, DeploymentFactory, UserFactory
from tests.feedback.factories import roll_up
from tests.feedback.stores import rows

EVENTS = reverse("admin:feedback_event_changelist")
MISSING = str(UUID(int=99))


# What happens before or without a look into the store.
one_store = pytest.mark.parametrize("any_store", ["postgres"], indirect=True)


def page_of(number, **query):
    return reverse("admin:feedback_event_change", args=[rows.event_id(number)], query=query)


def prompts(page):
    return re.findall(r'<strong class="block font-normal">(.*?)</strong>', page.content.decode())


def test_the_list_asks_little(console, any_store, django_assert_max_num_queries):
    rows.write(any_store, *(rows.event(number, prompt=f"Number {number}") for number in range(60)))

    with django_assert_max_num_queries(12):
        page = console.get(EVENTS)

    assert prompts(page) == [f"Number {number}" for number in range(59, 9, -1)]
    assert page.context["cl"].counted == "60 events"


@one_store
def test_the_list_reads_a_bounded_number_of_short_rows(console, any_store):
    rows.write(any_store, *(rows.event(number) for number in range(60)))

    with CaptureQueriesContext(connection) as queries:
        console.get(EVENTS, {"deployment_id": "helpdesk", "checks": "low"})

    on_events = [query["sql"] for query in queries if "feedback_event" in query["sql"]]
    assert len(on_events) == 1
    assert "LIMIT 51" in on_events[0]
    assert "response" not in on_events[0]


@pytest.mark.parametrize(("stored", "counted"), [(1, "1 event"), (999, "999 events"), (1_001, "1,000+ events")])
def test_counting_ends_somewhere(console, any_store, stored, counted):
    rows.add_events(any_store, *(rows.event(number) for number in range(stored)))

    assert console.get(EVENTS).context["cl"].counted == counted


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["new and good", "poor", "elsewhere", "old"]),
        ({"deployment_id": "search"}, ["elsewhere"]),
        ({"deployment_id": "nobody"}, []),
        ({"model_version_id": "v2"}, ["poor"]),
        ({"model_version_id": "unheard of"}, []),
        ({"range": "24h"}, ["new and good", "poor", "elsewhere"]),
        ({"range": "always"}, ["new and good", "poor", "elsewhere", "old"]),
        ({"checks": "high"}, ["new and good", "elsewhere"]),
        ({"checks": "middle"}, []),
        ({"checks": "low"}, ["poor"]),
        ({"signal": "thumbs_down"}, ["poor"]),
        ({"signal": "thumbs_up"}, []),
        ({"q": rows.event_id(2)}, ["poor"]),
        ({"q": f" {rows.event_id(2).upper()} "}, ["poor"]),
        ({"q": "chat-7"}, ["new and good"]),
        ({"q": "chat"}, []),
        ({"q": "%"}, []),
        ({"occurred_at__gte": "2026-05-04T11:59:30+00:00", "occurred_at__lt": "2026-05-04T12:00:00+00:00"}, ["poor"]),
        ({"occurred_at__gte": "2026-05-04T13:59:30+02:00"}, ["new and good", "poor"]),
        ({"occurred_at__gte": "2026-05-04", "occurred_at__lt": "2026-05-04T11:59:00"}, ["elsewhere"]),
        ({"range": "24h", "occurred_at__gte": "2026-05-01T00:00:00Z"}, ["new and good", "poor", "elsewhere"]),
        ({"deployment_id": "helpdesk", "checks": "high"}, ["new and good"]),
        ({"p": 7, "o": "-9.x", "all": "", "_facets": "1"}, ["new and good", "poor", "elsewhere", "old"]),
    ],
)
def test_filters_and_exact_search(console, any_store, time_machine, query, found):
    time_machine.move_to(NOON + timedelta(hours=1), tick=False)
    for deployment_id in ("helpdesk", "search"):
        DeploymentFactory(id=deployment_id)
    roll_up(model_version_id="v2")
    poor = {"model_version_id": "v2", "quality_score": 0.2, "occurred_at": NOON - timedelta(seconds=10)}
    elsewhere = {"deployment_id": "search", "quality_score": 0.9, "occurred_at": NOON - timedelta(minutes=2)}
    rows.write(
        any_store,
        rows.event(1, prompt="new and good", external_id="chat-7", quality_score=0.9, occurred_at=NOON),
        rows.event(2, prompt="poor", **poor),
        rows.event(3, prompt="elsewhere", **elsewhere),
        rows.event(4, prompt="old", occurred_at=NOON - timedelta(days=3)),
        rows.signal(1, of=2, type="thumbs_up"),
        rows.signal(2, of=2, type="thumbs_down"),
    )

    assert prompts(console.get(EVENTS, query)) == found


@one_store
@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "bad"},
        {"cursor": "bmV4dCAyMDI2"},
        {"occurred_at__gte": "yesterday"},
        {"occurred_at__lt": "9999-12-31T23:59:59-23:00"},
        {"colour": "red"},
        {"prompt__contains": "password"},
    ],
)
def test_what_no_list_has_leads_back_to_the_list(console, any_store, query):
    page = console.get(EVENTS, query)

    assert (page.status_code, page["Location"]) == (302, f"{EVENTS}?e=1")


@one_store
def test_a_chosen_window_of_time_is_shown_and_can_be_left(console, any_store):
    window = {"occurred_at__gte": "2026-05-04T11:00:00Z", "occurred_at__lt": "2026-05-04T12:00:00Z"}

    [spec] = [one for one in console.get(EVENTS, window).context["cl"].filter_specs if one.title == "time"]

    choices = list(spec.choices(console.get(EVENTS, window).context["cl"]))
    assert [c["display"] for c in choices if c["selected"]] == ["from 2026-05-04 11:00 to 2026-05-04 12:00"]
    assert [c["query_string"] for c in choices[:2]] == ["?", "?range=24h"]


@one_store
def test_an_empty_list_shows_the_command_that_fills_it(console, any_store):
    page = console.get(EVENTS).content.decode()

    assert "No events yet" in page
    assert "curl http://testserver/api/v1/events" in page


@one_store
def test_a_list_that_filters_emptied_offers_to_clear_them(console, any_store):
    rows.write(any_store, rows.event(1))

    page = console.get(EVENTS, {"q": "nothing"}).content.decode()

    assert "No results" in page
    assert "curl" not in page


@one_store
def test_an_event_cannot_be_changed_or_deleted(console, any_store):
    rows.write(any_store, rows.event(1))

    assert console.post(page_of(1), {"prompt": "Changed"}).status_code == 403
    delete = reverse("admin:feedback_event_delete", args=[rows.event_id(1)])
    assert console.post(delete, {"post": "yes"}).status_code == 403
    assert console.get(reverse("admin:feedback_event_add")).status_code == 403
    assert any_store.scan(EventFilter(), ["prompt"]).read_all()["prompt"].to_pylist() == [rows.event(1)["prompt"]]


@one_store
@pytest.mark.parametrize("address", [EVENTS, page_of(1)])
def test_events_are_for_those_who_may_view_them(client, any_store, address):
    rows.write(any_store, rows.event(1))
    client.force_login(UserFactory(is_staff=True))

    page = client.get(address)

    assert page.status_code == 403
    assert rows.event(1)["prompt"] not in page.content.decode()


@pytest.mark.parametrize("unknown", [MISSING, "nothing", "%", "1" * 500])
def test_an_unknown_event_leads_back_with_a_message(console, any_store, unknown):
    page = console.get(reverse("admin:feedback_event_change", args=[unknown]), follow=True)

    assert page.redirect_chain[-1][0] == reverse("admin:index")
    assert "doesn’t exist" in page.content.decode()


def test_the_palette_finds_an_event_by_its_exact_id(console, any_store):
    rows.write(any_store, rows.event(1))
    search = reverse("admin:search")

    found = console.get(search, {"s": rows.event_id(1), "extended": 1}).content.decode()
    nothing = console.get(search, {"s": MISSING, "extended": 1}).content.decode()

    assert page_of(1) in found
    assert "/change/" not in nothing


@one_store
def test_a_list_in_a_popup_and_a_history_open_too(console, any_store):
    rows.write(any_store, rows.event(1))

    assert prompts(console.get(EVENTS, {"_popup": "1", "_to_field": "id"})) == [rows.event(1)["prompt"]]
    assert console.get(reverse("admin:feedback_event_history", args=[rows.event_id(1)])).status_code == 200
