import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from feedback.models import Event
from tests.factories import NOON, DeploymentFactory, EventFactory, SignalFactory
from tests.feedback.factories import MetricRollupFactory, QualityScoreFactory

pytestmark = pytest.mark.django_db
EVENTS = reverse("admin:feedback_event_changelist")
ID = UUID("0199aaaa-0000-7000-8000-000000000001")


def page_of(event, **query):
    return reverse("admin:feedback_event_change", args=[event.pk], query=query)


def prompts(page):
    return re.findall(r'<strong class="block font-normal">(.*?)</strong>', page.content.decode())


def test_the_list_counts_no_events_and_asks_little(console):
    EventFactory.create_batch(60)

    with CaptureQueriesContext(connection) as queries:
        page = console.get(EVENTS)

    on_events = [query["sql"] for query in queries if "feedback_event" in query["sql"]]
    assert len(prompts(page)) == 50
    assert len(queries) <= 12
    assert len(on_events) == 1
    assert "COUNT(" not in on_events[0]
    assert '"feedback_event"."response"' not in on_events[0]


def test_the_second_page_goes_on_where_the_first_ended(console):
    for minute in range(51):
        EventFactory(prompt=f"Number {minute}", occurred_at=NOON + timedelta(minutes=minute))

    assert prompts(console.get(EVENTS))[0] == "Number 50"
    assert prompts(console.get(EVENTS, {"p": 2})) == ["Number 0"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["new and good", "poor", "elsewhere", "old"]),
        ({"deployment_id": "search"}, ["elsewhere"]),
        ({"model_version_id": "v2"}, ["poor"]),
        ({"range": "24h"}, ["new and good", "poor", "elsewhere"]),
        ({"quality": "good"}, ["new and good", "elsewhere"]),
        ({"quality": "fair"}, []),
        ({"quality": "poor"}, ["poor"]),
        ({"signal": "thumbs_down"}, ["poor"]),
        ({"signal": "thumbs_up"}, []),
        ({"q": str(ID)}, ["poor"]),
        ({"q": "chat-7"}, ["new and good"]),
        ({"q": "chat"}, []),
        ({"occurred_at__gte": "2026-05-04T11:59:30+00:00", "occurred_at__lt": "2026-05-04T12:00:00+00:00"}, ["poor"]),
        ({"deployment_id": "helpdesk", "quality": "good"}, ["new and good"]),
    ],
)
def test_filters_and_exact_search(console, time_machine, query, found):
    time_machine.move_to(NOON + timedelta(hours=1), tick=False)
    for deployment_id in ("helpdesk", "search"):
        DeploymentFactory(id=deployment_id)
    MetricRollupFactory(model_version_id="v2")
    EventFactory(prompt="new and good", external_id="chat-7")
    poor = EventFactory(
        id=ID, prompt="poor", model_version_id="v2", quality_score=0.2, occurred_at=NOON - timedelta(seconds=10)
    )
    EventFactory(prompt="elsewhere", deployment_id="search", occurred_at=NOON - timedelta(minutes=2))
    EventFactory(prompt="old", quality_score=None, occurred_at=NOON - timedelta(days=3))
    SignalFactory(event_id=poor.pk, type="thumbs_down")
    SignalFactory(event_id=poor.pk, type="thumbs_up", live=False)

    assert prompts(console.get(EVENTS, query)) == found


def test_an_empty_list_shows_the_command_that_fills_it(console):
    page = console.get(EVENTS).content.decode()

    assert "No events yet" in page
    assert "curl http://testserver/api/v1/events" in page


def test_a_list_that_filters_emptied_offers_to_clear_them(console):
    EventFactory()

    page = console.get(EVENTS, {"q": "nothing"}).content.decode()

    assert "Nothing matches" in page
    assert "curl" not in page


def test_the_page_of_an_event_shows_what_is_known(console, django_assert_max_num_queries):
    event = EventFactory(
        prompt="Second question",
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "First question"}]},
            {"role": "assistant", "content": None, "tool_calls": [{"id": "call-1"}]},
            {"role": "user", "content": "Second question"},
        ],
        response="<script>alert(1)</script>",
        masked={"EMAIL": 2},
        metadata={"channel": "web"},
        latency_ms=1234.4,
        external_id="chat-7",
    )
    checks = [
        {"name": "refusal", "score": 0.0, "passed": False, "details": {"refusal": "full", "span": "I cannot"}},
        {"name": "length", "score": 1.0, "passed": True, "details": {"characters": 25}},
    ]
    QualityScoreFactory(event_id=event.pk, checks=checks)
    SignalFactory(event_id=event.pk, type="edit", edited_response="A better answer.")
    SignalFactory(event_id=event.pk, type="thumbs_down", comment="Too long.", live=False)
    SignalFactory(event_id=event.pk, type="report", live=False, waiting=True)

    with django_assert_max_num_queries(12):
        page = console.get(page_of(event)).content.decode()

    for text in (
        "Be brief.",
        "First question",
        "Second question",
        "call-1",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "span: I cannot; refusal: full",
        "characters: 25",
        "A better answer.",
        "Too long.",
        "live",
        "history",
        "waiting",
        "EMAIL <strong>2</strong>",
        "1,234 ms",
        "chat-7",
        "&quot;channel&quot;: &quot;web&quot;",
    ):
        assert text in page
    assert "<script>alert" not in page


def test_neighbours_stay_within_the_filters_of_the_list(console):
    for deployment_id in ("helpdesk", "search"):
        DeploymentFactory(id=deployment_id)
    older, other, event, newer = (
        EventFactory(deployment_id=deployment_id, occurred_at=NOON + timedelta(minutes=minute))
        for minute, deployment_id in enumerate(("helpdesk", "search", "helpdesk", "helpdesk"))
    )

    everywhere = console.get(page_of(event)).context["page"]
    filtered = console.get(page_of(event, _changelist_filters="deployment_id=helpdesk")).context["page"]

    assert (everywhere.newer, everywhere.older) == (newer, other)
    assert (filtered.newer, filtered.older) == (newer, older)


def test_neighbours_at_the_same_moment_are_told_apart_by_id(console):
    first, second, third = (EventFactory(id=UUID(int=number)) for number in (1, 2, 3))

    page = console.get(page_of(second)).context["page"]

    assert (page.older, page.newer) == (first, third)


def test_an_event_cannot_be_changed_or_deleted(console):
    event = EventFactory()

    assert console.post(page_of(event), {"prompt": "Changed"}).status_code == 403
    assert console.post(reverse("admin:feedback_event_delete", args=[event.pk]), {"post": "yes"}).status_code == 403
    assert console.get(reverse("admin:feedback_event_add")).status_code == 403
    assert Event.objects.get().prompt == event.prompt


def test_an_unknown_event_leads_back_with_a_message(console):
    page = console.get(reverse("admin:feedback_event_change", args=[ID]), follow=True)

    assert page.redirect_chain[-1][0] == reverse("admin:index")
    assert "doesn’t exist" in page.content.decode()


def test_an_event_whose_texts_were_not_kept_shows_their_lengths(console):
    event = EventFactory(
        prompt="", response="", prompt_length=1_204, response_length=1, content_dropped=True, masked={"EMAIL": 2}
    )
    SignalFactory(event_id=event.pk, type="edit", content_dropped=True)

    page = console.get(reverse("admin:feedback_event_change", args=[event.pk])).content.decode()

    for text in ("Not kept: 1,204 characters<", "Not kept: 1 character<", "EMAIL <strong>2</strong>"):
        assert text in page
    assert "Its texts were not kept." in page
    assert "(empty)" not in page
    assert "(text not kept)" in console.get(reverse("admin:feedback_event_changelist")).content.decode()
