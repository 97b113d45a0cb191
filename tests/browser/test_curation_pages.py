"""Curate, preview and cancel by keyboard, and barriers on the pages of sets."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from curation.choices import BuildStage, CuratedSetStatus, Strategy
from curation.models import CuratedSet
from tests.browser.test_pages import violations
from tests.curation.factories import CuratedSetFactory
from tests.curation.voting import voted
from tests.factories import DeploymentFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SETS = reverse("admin:curation_curatedset_changelist")


@pytest.fixture(autouse=True)
def _helpdesk(transactional_db, embedding):
    DeploymentFactory(id="helpdesk")


def test_a_set_is_previewed_curated_and_cancelled_by_keyboard(open_console, monkeypatch):
    monkeypatch.setattr("curation.tasks.build_curated_set.delay_on_commit", lambda set_id: None)
    voted(up=2)
    page = open_console()
    page.goto(SETS)

    page.get_by_role("link", name="Curate", exact=True).press("Enter")
    page.get_by_label("Deployment").focus()
    page.keyboard.type("helpdesk")
    page.get_by_label("Limit").fill("10")
    page.get_by_label("Limit").press("Enter")
    expect(page.get_by_text("1 example of at most 10, 0 in the queue, 0 pairs")).to_be_visible()
    assert violations(page) == []
    assert not CuratedSet.objects.exists()
    page.get_by_role("button", name="Curate", exact=True).press("Enter")
    expect(page.get_by_role("status").get_by_text("Waiting for its turn")).to_be_visible()
    page.get_by_role("link", name="Cancel").press("Enter")
    page.get_by_role("button", name="Cancel the build").press("Enter")

    expect(page.get_by_text("cancelled the build.")).to_be_visible()
    assert CuratedSet.objects.get().status == CuratedSetStatus.DRAFT


def test_the_page_of_a_build_follows_it_to_its_end(open_console):
    curated_set = CuratedSetFactory(
        status=CuratedSetStatus.BUILDING, stage=BuildStage.READING, stage_done=30, stage_total=200, built_at=None
    )
    page = open_console()
    page.goto(reverse("admin:curation_curatedset_change", args=[curated_set.pk]))
    expect(page.get_by_text("Reading events: 30 of 200")).to_be_visible()
    assert violations(page) == []

    CuratedSet.objects.update(stage_done=90)
    expect(page.get_by_text("Reading events: 90 of 200")).to_be_visible()
    CuratedSet.objects.update(status=CuratedSetStatus.DRAFT, error="No row passed.")

    expect(page.get_by_text("No row passed.")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_funnel_of_five_strategies_does_not_scroll_sideways(open_console, width):
    counts = {"refused": 30, "not_allowed": 20_000, "one_person": 1_753, "accepted": 1_200, "queued": 950}
    funnel = {"gates": {"refused": 30, "passed": 20_000}, **dict.fromkeys(Strategy, counts)}
    curated_set = CuratedSetFactory(candidates=1_000_000, funnel=funnel, examples=1)
    page = open_console(width=width)

    page.goto(reverse("admin:curation_curatedset_change", args=[curated_set.pk]))

    tables = page.locator("#funnel .cf-scroll")
    expect(tables).to_have_count(2)
    assert tables.evaluate_all("found => found.map(one => one.scrollWidth - one.clientWidth)") == [0, 0]
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert violations(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_lists_of_a_set_and_the_panel_of_an_event_have_no_barrier(open_console, theme):
    event = voted(up=2)
    curated_set = CuratedSetFactory(examples=30, with_pairs=2)
    page = open_console(theme=theme, width=390)

    page.goto(reverse("admin:curation_curatedset_change", args=[curated_set.pk]))
    page.get_by_role("link", name="Next").press("Enter")
    expect(page.get_by_text("26 to 30 of 30")).to_be_visible()
    page.get_by_role("link", name=re.compile("Pairs 2")).press("Enter")
    expect(page.get_by_text("Please wait.").first).to_be_visible()
    found = violations(page)
    page.goto(reverse("admin:feedback_event_change", args=[event.pk]))
    expect(page.get_by_text("the newest set of this deployment")).to_be_visible()
    found += violations(page)

    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
