"""Answers are compared by keyboard and without JavaScript, and the page has no barrier."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from curation.models import Comparison, CuratedPair
from tests.browser.test_pages import violations
from tests.curation.factories import CuratedSetFactory
from tests.curation.review.comparisons.rival_answers import rivals
from tests.factories import DeploymentFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def curated_set(transactional_db):
    DeploymentFactory(id="helpdesk")
    made = CuratedSetFactory(strategies=["high_quality"])
    for position in range(5):
        rivals(made, position, gap=position / 10, response=f"Open **Settings** and follow link {position}.\n\n" * 4)
    return made


def address(curated_set):
    return reverse("admin:curation_curatedset_compare", args=[curated_set.pk])


def test_five_answers_are_compared_with_five_keys_and_the_last_is_undone(open_console, curated_set):
    page = open_console()
    page.goto(address(curated_set))

    for position, key in enumerate("12tbs"):
        expect(page.get_by_text(f"How do I reset password {position}?")).to_be_visible()
        page.keyboard.press(key)

    expect(page.get_by_text("4 of 5 compared")).to_be_visible()
    assert [one.verdict for one in Comparison.objects.least_certain_first()] == ["a", "b", "tie", "both_bad", ""]
    assert CuratedPair.objects.count() == 2
    page.keyboard.press("u")
    expect(page.get_by_text("How do I reset password 3?")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_text("The order of the answers is random.")).to_be_visible()
    page.keyboard.press("Control+1")
    assert Comparison.objects.decided().count() == 3


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_the_page_has_no_barrier_in_either_theme_and_does_not_scroll_sideways(open_console, curated_set, theme, width):
    page = open_console(theme=theme, width=width)

    page.goto(address(curated_set))
    found = violations(page)
    page.keyboard.press("?")

    assert found + violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    expect(page.get_by_role("button", name="A is better")).to_be_in_viewport()


def test_without_javascript_the_buttons_do_the_same(browser, console, live_server, curated_set):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    session = console.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(address(curated_set))

    page.get_by_role("button", name="B is better").click()
    expect(page.get_by_text("1 of 5 compared")).to_be_visible()
    page.get_by_role("button", name="Undo").click()

    expect(page.get_by_text("0 of 5 compared")).to_be_visible()
    context.close()
