"""People score answers: by keyboard, blind, along a random sample, and beside the decision on a row."""

import os

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from curation.review import configuring
from feedback.human_scores import submitting
from feedback.models import HumanScore
from feedback.rubrics import versions
from tests.browser.test_pages import violations
from tests.curation.review.crowd import set_of
from tests.factories import DeploymentFactory, EventFactory, StaffFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TIP = {"relevance": 5, "actionability": 4, "tone": 4, "format_ok": True, "overlong": False}
# A folder for pictures of the pages, if any.
PICTURES = os.environ.get("PAGE_PICTURES")


@pytest.fixture(autouse=True)
def rubric():
    versions.install_shipped()
    return versions.find("tip-v1")


def read(page, name):
    """The page fits, has no violation, and is kept as a picture if that is wanted."""
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}-{page.viewport_size['width']}.png", full_page=True)


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_a_sample_is_drawn_and_scored_by_keyboard(open_console, operator, rubric, theme, width):
    DeploymentFactory(id="helpdesk")
    events = [EventFactory() for _ in range(2)]
    submitting.submit(events[0].pk, rubric, TIP, by=StaffFactory(username="ada"), note="Short and kind.")
    page = open_console(theme=theme, width=width)

    page.goto(reverse("admin:feedback_scoringsample_draw"))
    page.get_by_label("Deployment").select_option("helpdesk")
    page.get_by_label("Rubric").select_option(label="tip-v1")
    page.get_by_label("Of the last days").fill("3650")
    read(page, "draw")
    page.get_by_role("button", name="Draw").press("Enter")
    read(page, "sample")
    page.get_by_role("link", name="Score the next event").press("Enter")
    read(page, "score")
    for keys in ("544", "321"):
        page.keyboard.type(keys)
        page.get_by_label("Format is right").press("Space")
        page.keyboard.press("Control+Enter")
        page.wait_for_load_state()
        expect(page.get_by_text("Your score is stored.")).to_be_visible()

    expect(page.get_by_text("No event is left for you to score.")).to_be_visible()
    own = HumanScore.objects.filter(scorer=operator).order_by("pk")
    assert [score.answers["tone"] for score in own] == [4, 1]
    page.goto(reverse("admin:feedback_event_change", args=[events[0].pk]))
    expect(page.get_by_text("Short and kind.")).to_be_visible()
    read(page, "event")


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_a_rubric_is_copied_changed_tried_and_created(open_console, rubric, theme, width):
    page = open_console(theme=theme, width=width)
    page.goto(reverse("admin:feedback_rubricversion_changelist"))
    read(page, "rubrics")
    page.goto(reverse("admin:feedback_rubricversion_change", args=[rubric.pk]))
    read(page, "rubric")

    page.goto(f"{reverse('admin:feedback_rubricversion_new')}?from={rubric.pk}")
    document = page.get_by_label("Rubric (TOML)")
    document.fill(document.input_value().replace("2 * format_ok", "3 * format_ok"))
    page.get_by_role("button", name="Try").press("Enter")
    expect(page.get_by_text("Composite 2 to 18")).to_be_visible()
    read(page, "new-rubric")
    page.get_by_role("button", name="Create").press("Enter")

    expect(page.get_by_text("tip-v2 is created.")).to_be_visible()


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_a_reviewer_answers_the_rubric_of_the_set(open_console, operator, theme, width):
    curated_set = set_of(2)
    configuring.configure(curated_set.pk, by=operator, rubric="tip-v1", rubric_required=True)
    page = open_console(theme=theme, width=width)
    page.goto(reverse("admin:curation_curatedset_review", args=[curated_set.pk]))
    read(page, "review-overview")

    page.get_by_role("button", name="Start").press("Enter")
    expect(page.get_by_role("group", name="Relevance")).to_be_visible()
    page.keyboard.type("345")
    read(page, "review-row")
    page.keyboard.press("a")
    expect(page.get_by_text("Keep: submitted.")).to_be_visible()

    assert HumanScore.objects.get().answers["tone"] == 5
    page.goto(reverse("admin:curation_curatedset_agreement", args=[curated_set.pk]))
    expect(page.get_by_text("Answers to the rubric tip-v1")).to_be_visible()
    read(page, "agreement")
