"""The page of one event, and the way from it to its neighbours."""

import json

import pytest
from django.urls import reverse

from feedback.models import ToolList
from feedback.tools.sets import Tool, digest, encode
from tests.factories import DeploymentFactory
from tests.feedback.stores import rows

CHECKS = [
    {
        "name": "refusal",
        "score": 0.0,
        "passed": False,
        "details": {"refusal": "full", "span": "I cannot"},
        "cap": {"name": "full_refusal", "at": 0.2},
    },
    {"name": "length", "score": 1.0, "passed": True, "details": {"characters": 25}},
]
MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "First question"},
    {"role": "assistant", "content": None, "tool_calls": [{"id": "call-1"}]},
    {"role": "user", "content": "Second question"},
]


def page_of(number, **query):
    return reverse("admin:feedback_event_change", args=[rows.event_id(number)], query=query)


def neighbours(console, number, filters=""):
    page = console.get(page_of(number, _changelist_filters=filters)).context["page"]
    return page.beside.before and rows.number_of(page.beside.before), page.beside.after and rows.number_of(
        page.beside.after
    )


def test_the_page_of_an_event_shows_what_is_known(console, any_store, django_assert_max_num_queries):
    event = rows.event(
        1,
        prompt="Second question",
        messages=json.dumps(MESSAGES),
        response="<script>alert(1)</script>",
        masked='{"EMAIL": 2}',
        metadata='{"channel": "web"}',
        tags=["beta", "long, winded"],
        latency_ms=1234.4,
        quality_score=0.75,
        external_id="chat-7",
    )
    rows.add_events(any_store, event, scores=[rows.score(1, checks=json.dumps(CHECKS))])
    rows.write(
        any_store,
        rows.signal(1, type="edit", edited_response="An older answer."),
        rows.signal(2, type="edit", edited_response="A better answer."),
        rows.signal(3, type="thumbs_down", comment="Too long."),
    )
    rows.add_signals(any_store, rows.signal(4, type="report"))

    with django_assert_max_num_queries(12):
        page = console.get(page_of(1))

    text = page.content.decode()
    for shown in (
        "Be brief.",
        "First question",
        "Second question",
        "call-1",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "span: I cannot",
        "refusal: full",
        "Cap “full refusal”: each check counts as at most 0.2.",
        "characters: 25",
        "A better answer.",
        "Too long.",
        "EMAIL <strong>2</strong>",
        "1,234 ms",
        "checks 0.750",
        "feedback: none",
        "chat-7",
        "beta, long, winded",
        "&quot;channel&quot;: &quot;web&quot;",
        event["batch_id"],
    ):
        assert shown in text
    assert "<script>alert" not in text
    assert [(row.label, row.state) for row in page.context["page"].signals] == [
        ("Report", "waiting"),
        ("Thumbs down", "live"),
        ("Edit", "live"),
        ("Edit", "history"),
    ]


def test_an_event_whose_texts_were_not_kept_shows_their_lengths(console, any_store):
    dropped = {"prompt": "", "response": "", "prompt_length": 1_204, "response_length": 1, "content_dropped": True}
    rows.write(
        any_store,
        rows.event(1, masked='{"EMAIL": 2}', **dropped),
        rows.signal(1, type="edit", edited_response="", content_dropped=True),
    )

    page = console.get(page_of(1)).content.decode()

    for text in ("Not kept: 1,204 characters<", "Not kept: 1 character<", "EMAIL <strong>2</strong>"):
        assert text in page
    assert "Its texts were not kept." in page
    assert "(empty)" not in page
    assert "(text not kept)" in console.get(reverse("admin:feedback_event_changelist")).content.decode()


def test_neighbours_stay_within_the_filters_of_the_list(console, any_store):
    for deployment_id in ("helpdesk", "search"):
        DeploymentFactory(id=deployment_id)
    rows.write(any_store, rows.event(1), rows.event(2, deployment_id="search"), rows.event(3), rows.event(4))

    assert neighbours(console, 3) == (4, 2)
    assert neighbours(console, 3, "deployment_id=helpdesk") == (4, 1)
    assert neighbours(console, 3, "deployment_id=search") == (None, 2)
    assert neighbours(console, 3, "q=nothing") == (None, None)


@pytest.mark.parametrize("any_store", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    "filters", ["occurred_at__gte=never", "q=%00", "cursor=bad", "colour=red", "%F0", "&&=&", "checks=%%"]
)
def test_filters_that_no_list_has_leave_all_neighbours(console, any_store, filters):
    rows.write(any_store, *map(rows.event, (1, 2, 3)))

    assert neighbours(console, 2, filters) == (3, 1)


def test_neighbours_at_the_same_time_are_ordered_by_id(console, any_store):
    rows.write(any_store, *(rows.event(number, occurred_at=rows.minutes(0)) for number in (1, 2, 3)))

    assert neighbours(console, 2) == (3, 1)
    assert neighbours(console, 1) == (2, None)
    assert neighbours(console, 3) == (None, 2)


def test_a_page_without_neighbours_keeps_the_way_back(console, any_store):
    rows.write(any_store, rows.event(1))

    page = console.get(page_of(1, _changelist_filters="deployment_id=helpdesk&cursor=abc")).content.decode()

    assert "/admin/feedback/event/?deployment_id=helpdesk&amp;cursor=abc" in page


def test_scores_of_other_assessors_stand_beside_the_checks(console, api, any_store):
    judged = {"assessor": "judge:strict", "name": "helpful", "raw": 4.0, "score": 0.75, "minimum": 1.0, "maximum": 5.0}
    checks = json.dumps([check | {"version": "1"} for check in CHECKS])
    scores = [
        rows.score(1, checks=checks, profile="crucible", score=0.1),
        rows.score(1, checks=checks),
        rows.score(1, **judged, version="2026-11"),
    ]
    rows.add_events(any_store, rows.event(1, quality_score=0.75), scores=scores)

    page = console.get(page_of(1)).context["page"]
    answer = api.get(f"/api/v1/events/{rows.event_id(1)}").json()

    assert (page.profile, [check.name for check in page.checks]) == ("default", ["refusal", "length"])
    assert [(row.assessor, row.name, row.raw, row.score, row.version) for row in page.scores] == [
        ("checks", "quality (crucible)", "0.1 (0 to 1)", 0.1, "1"),
        ("judge:strict", "helpful", "4 (1 to 5)", 0.75, "2026-11"),
    ]
    assert (answer["quality"]["score"], [check["name"] for check in answer["quality"]["checks"]]) == (
        *(0.75, ["refusal", "length"]),
    )
    assert [score["assessor"] for score in answer["scores"]] == ["checks", "judge:strict"]
    assert answer["scores"][1] == {
        **judged,
        "profile": "default",
        "version": "2026-11",
        "assessed_at": rows.minutes(1).isoformat().replace("+00:00", "Z"),
    }


def test_the_declared_tools_are_shown_those_that_were_called_first(console, any_store, django_assert_max_num_queries):
    tools = [Tool(f"tool_{number}", "<b>Bold</b>", {"type": "object", "title": number}) for number in range(30)]
    text = encode([*tools, Tool("web_search", kind="web_search")])
    ToolList.objects.create(deployment_id="helpdesk", digest=digest(text), tools=text)
    rows.write(any_store, rows.event(1, tools_hash=digest(text), tools_called=["tool_29"]), rows.event(2))

    with django_assert_max_num_queries(12):
        answer = console.get(page_of(1))
    whole = console.get(page_of(1, whole="tools"))

    shown = answer.context["page"].tools
    assert [tool.name for tool in shown.shown] == ["tool_29", *(f"tool_{number}" for number in range(19))]
    assert [tool.is_called for tool in shown.shown] == [True] + [False] * 19
    assert shown.shown[1].parameters.text == '{\n  "type": "object",\n  "title": 0\n}'
    assert "20 of 31 tools" in answer.content.decode()
    assert "<b>Bold</b>" not in answer.content.decode()
    assert [tool.kind for tool in whole.context["page"].tools.shown][-1] == "web_search"
    assert len(whole.context["page"].tools.shown) == 31
    assert console.get(page_of(2)).context["page"].tools is None
