"""The whole way, once, as a person goes it: traffic, trend, event, set, approval, export, file."""

import hashlib
import json
import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from curation.choices import CuratedSetStatus
from curation.models import CuratedSet
from exports.choices import ExportStatus
from exports.models import ExportBatch
from feedback.models import Event, Signal
from tests.factories import StaffFactory
from tests.servers.workers import tasks_run_at_once

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOME = reverse("admin:index")
QUESTIONS = (
    "How do I reset my password?",
    "Which plan includes single sign-on?",
    "Can I invite someone outside my company?",
    "Where do I change the address on my invoice?",
)
EDIT = "Open Settings, then Security, and choose Reset password. The link in the mail works for one hour."


@pytest.fixture
def traffic(api, write_all):
    """Forty conversations with thumbs and edits, sent to the API and written by a writer."""
    answers = [
        api.post(
            "/api/v1/events",
            {
                "deployment_id": "helpdesk",
                "model_version_id": "v1",
                "prompt": f"{QUESTIONS[number % len(QUESTIONS)]} My order is number {number}.",
                "response": f"Order {number}: open the settings page, choose the matching section and follow the link.",
            },
            format="json",
        )
        for number in range(40)
    ]
    ids = [answer.json()["ids"][0] for answer in answers]
    named = {"deployment_id": "helpdesk"}
    edits = [{"event_id": event_id, "type": "edit", "edited_response": EDIT, **named} for event_id in ids[:6]]
    thumbs = [{"event_id": event_id, "type": "thumbs_up", **named} for event_id in ids[6:20]]
    api.post("/api/v1/signals", {"signals": [*edits, *thumbs]}, format="json")
    write_all()


@pytest.fixture(autouse=True)
def _workers(settings, tmp_path):
    settings.EXPORT_URL = f"file://{tmp_path}"
    with tasks_run_at_once():
        yield


def act(page, name, *, fill=None):
    """Choose an action, fill its dialog and send it."""
    page.get_by_role("link", name=name, exact=True).click()
    dialog = page.locator("#dialog")
    for label, value in (fill or {}).items():
        field = dialog.get_by_label(label)
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    dialog.locator("button[type=submit]").click()
    expect(dialog).to_be_hidden()


def test_from_traffic_to_a_training_file(open_window, traffic, tmp_path):
    reviewer = StaffFactory(username="grace")
    reviewer.set_password("compiler")
    reviewer.save()
    page = open_window()

    page.goto(HOME)
    page.get_by_label("Username").fill("grace")
    page.get_by_label("Password").fill("compiler")
    page.get_by_role("button", name="Log in").click()
    expect(page.locator(".cf-chart[data-drawn]")).to_have_count(4)
    expect(page.locator(".cf-card .cf-figure")).to_have_text(["40", re.compile(r"[01]\.\d{3}"), "–", "50.0%"])

    edited = Event.objects.with_live_signal("edit").newest_first().first()
    page.goto(reverse("admin:feedback_event_changelist", query={"signal": "edit"}))
    page.locator(f"a[href*='{edited.pk}']").click()
    expect(page.locator(".cf-bubble-answer")).to_contain_text(edited.response)
    expect(page.locator(".cf-edited")).to_have_text(EDIT)

    page.get_by_role("link", name="Curated sets").click()
    page.get_by_role("link", name="Curate", exact=True).click()
    page.get_by_label("Deployment").select_option("helpdesk")
    page.get_by_label("Name").fill("first")
    page.get_by_label("Limit").fill("20")
    page.get_by_role("button", name="Curate", exact=True).click()
    expect(page.get_by_text("Draft", exact=True)).to_be_visible()
    act(page, "Submit", fill={"Note": "Please read the edits."})
    expect(page.get_by_text("first v1.0.0 of helpdesk is in review.")).to_be_visible()

    page.goto(HOME)
    page.get_by_role("link", name="curated set to review").click()
    page.get_by_role("link", name="first v1").click()
    act(page, "Approve", fill={"Note": "Read all of them."})
    expect(page.get_by_text("Read all of them.")).to_be_visible()
    curated_set = CuratedSet.objects.get()
    assert (curated_set.status, curated_set.decided_by) == (CuratedSetStatus.APPROVED, reviewer)

    act(page, "Export", fill={"Format": "jsonl"})
    act(page, "Approve")
    expect(page.get_by_text("Published", exact=True).first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    file = tmp_path / "downloaded.jsonl"
    download.value.save_as(file)

    batch = ExportBatch.objects.get()
    assert (batch.status, batch.approved_by) == (ExportStatus.PUBLISHED, reviewer)
    assert hashlib.sha256(file.read_bytes()).hexdigest() == batch.sha256
    assert re.search(batch.sha256, page.content())
    assert sorted(rows(file)) == sorted(expected(curated_set))
    assert EDIT in {answer for _, _, answer in rows(file)}


def rows(file):
    parsed = [json.loads(line) for line in file.read_text().splitlines()]
    return [(row["event_id"], row["messages"][0]["content"], row["messages"][-1]["content"]) for row in parsed]


def expected(curated_set):
    """What the set's events say in the database: the live edit of an event, or its own response."""
    event_ids = curated_set.examples.accepted().values_list("event_id", flat=True)
    edits = dict(Signal.objects.live().filter(type="edit").values_list("event_id", "edited_response"))
    events = Event.objects.filter(pk__in=event_ids)
    return [(str(event.pk), event.prompt, edits.get(event.pk, event.response)) for event in events]
