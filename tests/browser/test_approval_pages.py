"""Approve under a policy, reopen and compare in the browser, without barriers."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from curation.choices import CuratedSetStatus, Decision
from curation.models import ApprovalPolicy, CuratedSet
from tests.browser.test_pages import violations
from tests.curation.factories import CuratedExampleFactory, CuratedSetFactory
from tests.factories import DeploymentFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _helpdesk(transactional_db):
    DeploymentFactory(id="helpdesk")


def page_of(curated_set):
    return reverse("admin:curation_curatedset_change", args=[curated_set.pk])


def is_wide(page):
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def test_a_policy_is_chosen_and_holds_an_approval_back(open_console):
    curated_set = CuratedSetFactory(name="weekly", version=1, examples=12)
    page = open_console()

    page.goto(reverse("admin:feedback_deployment_change", args=["helpdesk"]))
    page.get_by_role("link", name="Approval policy").press("Enter")
    found = violations(page)
    page.get_by_label("Approve on").select_option("sample")
    page.get_by_label("Sample size").fill("10")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("The approval policy of helpdesk is saved.")).to_be_visible()
    page.goto(page_of(curated_set))
    panel = page.get_by_role("region", name="What an approval releases")
    expect(panel.get_by_text("10 of the 10 rows of the sample are not read.")).to_be_visible()
    found += violations(page)
    page.get_by_role("link", name="Approve", exact=True).press("Enter")
    dialog = page.locator("#dialog")
    expect(dialog.get_by_text("10 of the 10 rows of the sample are not read.")).to_be_visible()
    found += violations(page)
    dialog.get_by_role("button", name="Approve").press("Enter")

    expect(page.get_by_text("The policy of helpdesk does not allow the approval yet.")).to_be_visible()
    assert CuratedSet.objects.get().status == CuratedSetStatus.DRAFT
    assert (ApprovalPolicy.objects.get().sample_size, found) == (10, [])


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_pages_of_policies_releases_and_differences_have_no_barrier(open_console, theme, width):
    before = CuratedSetFactory(name="weekly", version=1, examples=30)
    CuratedSet.objects.update(status=CuratedSetStatus.APPROVED)
    after = CuratedSetFactory(name="weekly", version=2, examples=2, parent=before)
    CuratedExampleFactory(curated_set=after, position=2, decision=Decision.KEEP)
    page = open_console(theme=theme, width=width)

    page.goto(page_of(after))
    page.get_by_role("link", name="Compare with another version").press("Enter")
    expect(page.get_by_text("Its event was deleted.").first).to_be_visible()
    found, wide = violations(page), [is_wide(page)]
    page.get_by_role("link", name="Added 3").press("Enter")
    expect(page.get_by_text("weekly v1.0.0 did not read it.").first).to_be_visible()
    for address in (
        reverse("admin:curation_curatedset_release", args=[after.pk]),
        reverse("admin:feedback_deployment_policy", args=["helpdesk"]),
    ):
        page.goto(address)
        found += violations(page)
        wide.append(is_wide(page))

    assert (found, wide) == ([], [False, False, False])


def test_a_decided_set_is_reopened_in_its_dialog(open_console):
    source = CuratedSetFactory(name="weekly", version=1, examples=2)
    CuratedSet.objects.update(status=CuratedSetStatus.REJECTED)
    page = open_console()
    page.goto(page_of(source))

    page.get_by_role("link", name="Reopen").press("Enter")
    page.locator("#dialog").get_by_role("button", name="Reopen").press("Enter")

    expect(page.get_by_text("weekly v1.0.1 of helpdesk is a draft with the same rows.")).to_be_visible()
    assert CuratedSet.objects.get(parent=source).examples.count() == 2
