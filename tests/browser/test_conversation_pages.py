"""The conversation of an event in a browser."""

import time
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.conversation import ANSWER, MESSAGES, RESPONSE, agent_event, long_text
from tests.factories import NOON, EventFactory, SignalFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def address(event, **query):
    return reverse("admin:feedback_event_change", args=[event.pk], query=query)


def barriers(page):
    found = Axe().run(page).response["violations"]
    return [
        (rule["id"], node["html"])
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def unfold(page):
    for summary in page.locator(".cf-fold > summary").all():
        summary.press("Enter")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_conversation_is_legible_everywhere(open_console, theme, width):
    page = open_console(theme=theme, width=width)
    page.goto(address(agent_event()))

    expect(page.get_by_text("18446744073709551617", exact=False).last).to_be_hidden()
    unfold(page)

    expect(page.locator(".cf-bubble")).to_have_count(6)
    expect(page.locator(".cf-json", has_text='"order": 18446744073709551617')).to_be_visible()
    expect(page.get_by_text("does not fit the schema (type at /hours)", exact=True)).to_be_visible()
    assert page.locator(".cf-bubble-user .cf-prose").evaluate("text => getComputedStyle(text).direction") == "rtl"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert barriers(page) == []


def test_raw_shows_the_text_as_it_was_sent(open_console):
    page = open_console()
    page.goto(address(EventFactory(response=ANSWER)))
    answer = page.locator(".cf-bubble-answer")
    expect(answer.get_by_role("table")).to_be_visible()

    answer.get_by_label("Raw").check()

    expect(answer.get_by_role("table")).to_be_hidden()
    expect(answer.locator("pre.cf-prose")).to_have_text(ANSWER, use_inner_text=False)


@pytest.mark.parametrize("query", [{}, {"whole": "answer"}])
def test_a_megabyte_of_text_opens_within_a_second(open_console, query):
    event = EventFactory(response=long_text(1_000_000))
    page = open_console()
    page.goto(address(EventFactory()))

    began = time.perf_counter()
    page.goto(address(event, **query), wait_until="domcontentloaded")
    expect(page.get_by_role("heading", name="Facts")).to_be_visible()
    page.evaluate("document.body.offsetHeight")
    seconds = time.perf_counter() - began

    # A busy machine is several times slower.
    assert seconds < 3


@pytest.mark.parametrize("width", [1280, 390])
def test_an_event_leads_to_its_session(open_console, width):
    session = "ab" * 32
    event = agent_event(session_hash=session)
    later = EventFactory(
        session_hash=session,
        occurred_at=NOON + timedelta(minutes=1),
        messages=[*MESSAGES, RESPONSE, {"role": "user", "content": "Yes, for Ada."}],
    )
    SignalFactory(event_id=later.pk, comment="That was quick.")
    SignalFactory(event_id=None, session_hash=session, live=False, type="rating", slot="rating", value=5)
    page = open_console(width=width)
    page.goto(address(event))

    page.get_by_role("link", name=session[:12]).click()

    expect(page.get_by_text("2 turns", exact=True)).to_be_visible()
    expect(page.locator(".cf-session-turn")).to_have_count(2)
    expect(page.locator(".cf-session-turn").last.locator(".cf-bubble")).to_have_count(2)
    expect(page.get_by_text("That was quick.")).to_be_visible()
    expect(page.get_by_role("heading", name="Signals about the session")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert barriers(page) == []
