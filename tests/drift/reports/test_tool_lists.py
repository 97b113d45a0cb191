"""Lists of tools that are new in a window are facts of the report, and marks on the deployment's page."""

from datetime import timedelta

import pytest
from django.urls import reverse

from feedback.models import Event, ToolList
from feedback.tools.sets import Tool, digest, encode
from tests.drift.factories import store_window
from tests.factories import NOON, DeploymentFactory, EventFactory

pytestmark = pytest.mark.django_db
RUN = "/api/v1/deployments/helpdesk/drift"
PAIR = {"reference": {"last_events": 60, "skip": 60}, "current": {"last_events": 60}}
OLD = encode([Tool("lookup"), Tool("refund")])
NEW = encode([Tool("lookup", "Finds an order."), Tool("refund_order"), Tool("call")])
DAY = timedelta(days=1)
AFTER = "A list of 3 tools was first seen 2026-05-05 12:01 UTC."
CHANGE = "Added: refund_order, call. Removed: refund. Changed: lookup."


def seen(text, at, deployment_id="helpdesk"):
    ToolList.objects.create(deployment_id=deployment_id, digest=digest(text), tools=text)
    ToolList.objects.filter(digest=digest(text)).update(first_seen_at=at)


def declare(text, since, until):
    held = Event.objects.filter(occurred_at__gte=since, occurred_at__lt=until)
    assert held.update(tools_hash=digest(text))


@pytest.fixture
def report(api, running_tasks):
    """A report over two days of sixty events."""
    for day in range(2):
        numbers = [100 + position for position in range(60)]
        store_window("helpdesk", start_at=NOON + day * DAY, prompt_lengths=numbers, response_lengths=numbers)

    def run(body=PAIR):
        with running_tasks():
            answer = api.post(RUN, body, format="json")
        return api.get(f"/api/v1/drift-reports/{answer.json()['id']}").json()

    return run


def notes_on_tools(report):
    return [note for note in report["notes"] if "list of" in note]


def test_a_list_that_is_new_in_the_current_window_is_a_note(report):
    seen(OLD, NOON)
    seen(NEW, NOON + DAY + timedelta(minutes=1))
    declare(OLD, NOON, NOON + DAY)
    declare(NEW, NOON + DAY, NOON + 2 * DAY)

    found = report()

    assert found["status"] == "completed"
    assert notes_on_tools(found) == [f"Current: {AFTER} {CHANGE}"]
    assert [one["digest"] for one in found["resolved_windows"]["current"]["new_tool_lists"]] == [digest(NEW)]


def test_the_first_list_of_a_deployment_is_compared_with_none(report):
    seen(NEW, NOON + DAY + timedelta(minutes=1))
    declare(NEW, NOON + DAY, NOON + 2 * DAY)

    assert notes_on_tools(report()) == [f"Current: {AFTER}"]


@pytest.mark.parametrize(
    ("first_seen", "since"),
    [(NOON + timedelta(minutes=1), NOON + DAY), (NOON + 9 * DAY, NOON), (NOON + 9 * DAY, None)],
    ids=["known before", "in both windows", "in neither window"],
)
def test_a_list_that_is_no_news_of_the_window_is_no_note(report, first_seen, since):
    seen(OLD, NOON - DAY)
    seen(NEW, first_seen)
    if since:
        declare(NEW, since, NOON + 2 * DAY)

    found = report()

    assert notes_on_tools(found) == []
    assert "new_tool_lists" not in found["resolved_windows"]["current"]


def test_windows_of_hours_are_searched_too(report):
    seen(NEW, NOON + DAY)
    declare(NEW, NOON + DAY, NOON + 2 * DAY)
    spans = [
        {"from": (NOON + day * DAY).isoformat(), "to": (NOON + day * DAY + timedelta(hours=2)).isoformat()}
        for day in range(2)
    ]

    found = report({"reference": spans[0], "current": spans[1]})

    assert notes_on_tools(found) == ["Current: A list of 3 tools was first seen 2026-05-05 12:00 UTC."]


def test_the_page_of_a_deployment_lists_what_was_first_seen_when(console, django_assert_max_num_queries):
    DeploymentFactory(id="helpdesk")
    DeploymentFactory(id="shop")
    seen(OLD, NOON)
    seen(NEW, NOON + DAY)
    seen(encode([Tool("of another")]), NOON + 2 * DAY, deployment_id="shop")

    with django_assert_max_num_queries(12):
        page = console.get(reverse("admin:drift_deployment", args=["helpdesk"])).content.decode()

    assert page.index(CHANGE) < page.index("The first list.")
    assert f"{reverse('admin:feedback_toolrename_changelist')}?deployment_id=helpdesk" in page
    assert ("2026-05-05 12:00" in page, digest(NEW)[:12] in page, "of another" in page) == (True, True, False)


def test_a_page_without_lists_has_no_such_section(console):
    EventFactory(deployment_id="helpdesk")
    DeploymentFactory(id="helpdesk")

    assert "Tool lists" not in console.get(reverse("admin:drift_deployment", args=["helpdesk"])).content.decode()
