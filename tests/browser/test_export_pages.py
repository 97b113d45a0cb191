"""An export from its preview to a link to its files, and barriers on its page."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from exports import tasks
from exports.batches import requesting
from exports.batches.review import approval
from exports.choices import ExportFormat
from tests.browser.test_pages import violations
from tests.exports.batches.test_manifest import selected_set

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def batch(operator, settings, tmp_path):
    settings.EXPORT_URL = f"file://{tmp_path}"
    pair = {"prompt": "Where?", "chosen": "In the settings, under Security.", "rejected": "Call [PHONE]."}
    curated_set = selected_set([{}], [pair])
    return requesting.request(curated_set.pk, format=ExportFormat.PREFERENCE_PAIRS, by=operator)[0]


def address(batch, name="change"):
    return reverse(f"admin:exports_exportbatch_{name}", args=[batch.pk])


def test_an_export_is_approved_followed_and_linked(open_console, batch, monkeypatch):
    monkeypatch.setattr("exports.tasks.write_export.delay_on_commit", lambda batch_id: None)
    page = open_console()
    page.goto(address(batch))
    what_leaves = page.get_by_role("region", name="What will leave")
    expect(what_leaves.get_by_text("PHONE 1")).to_be_visible()
    assert violations(page) == []

    page.get_by_role("link", name="Approve").press("Enter")
    dialog = page.locator("#dialog")
    expect(dialog.get_by_text("PHONE 1")).to_be_visible()
    assert violations(page) == []
    dialog.get_by_role("button", name="Approve").press("Enter")
    expect(page.get_by_role("status").get_by_text("Waiting for a worker")).to_be_visible()
    assert violations(page) == []

    tasks.write_export(batch.pk)
    expect(page.get_by_role("region", name="Manifest").get_by_text("Mean length")).to_be_visible()
    expect(page.get_by_text("Preference tuning may learn the length.")).to_be_visible()
    page.get_by_role("link", name="Link", exact=True).press("Enter")
    page.get_by_role("button", name="Make a link").press("Enter")
    expect(page.get_by_text("/download?token=")).to_be_visible()
    assert violations(page) == []


def test_a_rejected_export_is_read_on_a_phone_in_the_dark(open_console, batch, operator):
    approval.reject(batch.pk, by=operator, note="Not before the review of the masks.")
    page = open_console(theme="dark", width=390)

    page.goto(address(batch))

    expect(page.get_by_text("rejected this export: Not before the review of the masks.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert violations(page) == []
