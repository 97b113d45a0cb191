"""A gate from the page of a golden set to its verdict."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from exports import tasks
from exports.models import GateRun
from tests.browser.test_pages import violations
from tests.exports.gates.conftest import allowed, golden_set, models, quick  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.usefixtures("models")
def test_a_gate_is_allowed_requested_followed_and_read(open_console, golden_set, monkeypatch):  # noqa: F811
    monkeypatch.setattr("exports.tasks.run_gate.delay_on_commit", lambda gate_id: None)
    page = open_console()
    page.goto(reverse("admin:curation_goldenset_change", args=[golden_set.pk]))
    expect(page.get_by_text("are sent to no endpoint until a user allows it")).to_be_visible()

    page.get_by_role("link", name="Allow endpoints").press("Enter")
    page.locator("#dialog").get_by_role("button", name="Allow").press("Enter")
    expect(page.get_by_text("allowed endpoints for helpdesk")).to_be_visible()
    page.get_by_role("link", name="Compare models").press("Enter")
    dialog = page.locator("#dialog")
    dialog.get_by_label("Candidate", exact=True).select_option("new")
    dialog.get_by_label("Current model", exact=True).select_option("old")
    assert violations(page) == []
    dialog.get_by_role("button", name="Compare").press("Enter")
    expect(page.get_by_role("status").get_by_text("The models are being asked")).to_be_visible()
    assert violations(page) == []

    tasks.run_gate(GateRun.objects.get().pk)
    expect(page.get_by_role("status").get_by_text("The candidate is better")).to_be_visible()
    expect(page.get_by_role("columnheader", name=re.compile("^Candidate$"))).to_be_visible()
    assert violations(page) == []


@pytest.mark.usefixtures("allowed", "models")
def test_a_verdict_is_read_on_a_phone_in_the_dark(open_console, api, golden_set, monkeypatch):  # noqa: F811
    monkeypatch.setattr("exports.tasks.run_gate.delay_on_commit", lambda gate_id: None)
    body = {"golden_set": golden_set.pk, "candidate": {"endpoint": "old"}, "current": {"endpoint": "new"}}
    gate_id = api.post("/api/v1/gates", body, format="json").data["id"]
    tasks.run_gate(gate_id)
    page = open_console(theme="dark", width=390)

    page.goto(reverse("admin:exports_gaterun_change", args=[gate_id]))

    expect(page.get_by_role("status").get_by_text("The candidate is worse")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations(page) == []
