"""What users say of an event, in lists, on its page and in its session, and lists that begin with the worst."""

import re

import pytest
from django.urls import reverse

from feedback.evidence.keeping import worst_first
from tests.factories import DeploymentFactory
from tests.feedback.evidenced import evidence, snapshot
from tests.feedback.stores import rows

EVENTS = reverse("admin:feedback_event_changelist")


def page_of(number, **query):
    return reverse("admin:feedback_event_change", args=[rows.event_id(number)], query=query)


def shown(page):
    return [rows.number_of(str(event.pk)) for event in page.context["cl"].result_list]


def said(page):
    """The lines of the column of feedback, event by event."""
    cells = re.findall(r"field-said[^>]*>(.*?)</td>", page.content.decode(), re.S)
    return [re.sub(r"<[^>]+>", "|", cell).strip().strip("|").replace("||", "|") for cell in cells]


def three(store):
    """Event 1 with many votes, 2 with a signal that does not count, 3 with users who do not agree."""
    DeploymentFactory(id="helpdesk")
    thumbs = (rows.signal(number, type="thumbs_up", user_hash=f"u{number}") for number in range(1, 9))
    rows.write(
        store,
        *(rows.event(number, quality_score=0.9, session_hash="s") for number in (1, 2, 3)),
        *thumbs,
        rows.signal(9, type="copy"),
        rows.signal(10, of=2, type="label", value='"billing"'),
        rows.signal(11, of=3, type="report"),
    )
    evidence(1, 0.9313, votes=(1.0,) * 8 + (0.0,) * 2, snapshot=snapshot())
    evidence(3, None, votes=(0.0,), snapshot=snapshot(agreement="not_enough"))


def test_a_line_of_the_list_shows_signals_and_evidence(console, any_store, django_assert_max_num_queries):
    three(any_store)

    with django_assert_max_num_queries(12):
        page = console.get(EVENTS)

    assert said(page) == [
        "not enough agreement, approval 0.250|95 % interval 0.000 to 0.853, 1 user|Report 1",
        "Label 1",
        "P(good) 0.931, approval 0.773|95 % interval 0.497 to 0.956, 10 users|Thumbs up 8, Copy 1",
    ]


def test_nothing_is_called_good_by_form_alone(console, any_store):
    three(any_store)

    pages = [
        EVENTS,
        page_of(2),
        reverse("admin:feedback_event_session", query={"deployment_id": "helpdesk", "session_hash": "s"}),
    ]

    for address in pages:
        text = console.get(address).content.decode()
        assert re.search(r"0\.900\s*good", text) is None
        assert "quality" not in re.sub(r"<[^>]+>", "", text).lower()


def test_the_page_of_an_event_names_checks_and_feedback(console, any_store):
    three(any_store)

    voted, without, disagreed = (console.get(page_of(number)).content.decode() for number in (1, 2, 3))

    assert ("checks 0.900" in voted, "feedback: P(good) 0.931" in voted) == (True, True)
    assert "95 % interval 0.497 to 0.956" in voted
    assert "feedback: none" in without
    assert "feedback: not enough agreement" in disagreed


def test_a_session_shows_the_feedback_on_each_turn(console, any_store, django_assert_max_num_queries):
    three(any_store)

    with django_assert_max_num_queries(12):
        page = console.get(reverse("admin:feedback_event_session"), {"deployment_id": "helpdesk", "session_hash": "s"})

    badges = re.findall(r"feedback: [^<]+?(?=\s*<)", page.content.decode())
    assert badges == ["feedback: P(good) 0.931", "feedback: none", "feedback: not enough agreement"]


def ranked(store, count):
    DeploymentFactory(id="helpdesk")
    rows.write(store, *(rows.event(number, quality_score=number / 1_000) for number in range(1, count + 1)))
    for number in range(1, count + 1, 2):
        evidence(number, number / 1_000)


def test_the_worst_come_first_and_only_those_with_evidence(console, any_store, django_assert_max_num_queries):
    ranked(any_store, 121)

    with django_assert_max_num_queries(12):
        first = console.get(EVENTS, {"order": "worst", "deployment_id": "helpdesk"})
    second = console.get(f"{EVENTS}{first.context['cl'].older}")
    back = console.get(f"{EVENTS}{second.context['cl'].newer}")

    assert shown(first) == shown(back) == list(range(1, 101, 2))
    assert shown(second) == list(range(101, 122, 2))
    assert first.context["cl"].counted == "61 events"
    assert (second.context["cl"].older, back.context["cl"].newer) == (None, None)
    for name in ("Worst", "Worse"):
        assert f">{name}</a>" in second.content.decode()
    assert ">Better</a>" in first.content.decode()


def test_filters_narrow_the_worst(console, any_store, monkeypatch):
    monkeypatch.setattr(worst_first, "_AT_ONCE", 7)
    ranked(any_store, 121)

    page = console.get(EVENTS, {"order": "worst", "q": rows.event_id(5)})
    none = console.get(EVENTS, {"order": "worst", "q": rows.event_id(6)})
    middle = console.get(EVENTS, {"order": "worst", "checks": "low"})

    assert (shown(page), shown(none)) == ([5], [])
    assert middle.context["cl"].counted == "50 events on this page"


def test_neighbours_of_an_event_are_those_of_the_list_it_was_opened_from(console, any_store):
    ranked(any_store, 9)

    worst = console.get(page_of(5, _changelist_filters="order=worst")).context["page"].beside
    newest = console.get(page_of(5)).context["page"].beside
    last = console.get(page_of(9, _changelist_filters="order=worst&deployment_id=helpdesk")).context["page"].beside
    unranked = console.get(page_of(6, _changelist_filters="order=worst")).context["page"].beside

    assert (worst.before, worst.after, worst.names) == (rows.event_id(3), rows.event_id(7), ("Worse", "Better"))
    assert (newest.before, newest.after, newest.names) == (rows.event_id(6), rows.event_id(4), ("Newer", "Older"))
    assert (last.before, last.after) == (rows.event_id(7), None)
    assert (unranked.before, unranked.after) == (None, None)


@pytest.mark.parametrize("any_store", ["postgres"], indirect=True)
@pytest.mark.parametrize("query", [{"order": "best"}, {"order": ""}])
def test_an_unknown_order_is_the_newest_first(console, any_store, query):
    ranked(any_store, 3)

    assert shown(console.get(EVENTS, query)) == [3, 2, 1]
