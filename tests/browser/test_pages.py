import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from feedback.models import ApiKey, Event, Evidence
from tests.browser import traffic
from tests.factories import UserFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOME = reverse("admin:index")
EVENTS = reverse("admin:feedback_event_changelist")
SERIOUS = {"serious", "critical"}


def violations(page):
    found = Axe().run(page).response["violations"]
    return [
        (page.url, rule["id"], node["html"], node["failureSummary"])
        for rule in found
        if rule["impact"] in SERIOUS
        for node in rule["nodes"]
    ]


def test_logging_in_leads_to_a_home_page_with_its_charts(open_window, operator):
    user = UserFactory(username="grace", is_staff=True, is_superuser=True)
    user.set_password("compiler")
    user.save()
    traffic.fill(operator)
    page = open_window()

    page.goto(HOME)
    assert violations(page) == []
    page.get_by_label("Username").fill("grace")
    page.get_by_label("Password").fill("compiler")
    page.get_by_role("button", name="Log in").click()

    expect(page).to_have_url(re.compile(HOME + "$"))
    expect(page.locator(".cf-chart[data-drawn=light] .main-svg").first).to_be_visible()
    expect(page.locator(".cf-chart[data-drawn=light]")).to_have_count(4)
    expect(page.locator(".cf-chart .legendtext", has_text="v2")).to_have_count(3)


def test_charts_follow_the_theme(open_console, operator):
    traffic.fill(operator)
    page = open_console()
    page.goto(HOME)
    expect(page.locator(".cf-chart[data-drawn=light]")).to_have_count(4)

    page.get_by_role("button", name=operator.username).press("Enter")
    page.get_by_role("button", name="Dark").press("Enter")

    expect(page.locator(".cf-chart[data-drawn=dark]")).to_have_count(4)


def test_choosing_a_deployment_and_a_period_changes_the_address(open_console, operator):
    traffic.fill(operator)
    page = open_console()
    page.goto(HOME)

    page.get_by_label("Deployment").select_option("helpdesk")
    expect(page).to_have_url(re.compile(r"range=7d&deployment=helpdesk"))
    page.get_by_role("link", name="30 days").click()
    expect(page).to_have_url(re.compile(r"range=30d&deployment=helpdesk"))


def test_from_the_list_to_an_event_and_its_neighbours_by_keyboard(open_console, operator):
    traffic.fill(operator)
    newest, older = Event.objects.newest_first()[:2]
    page = open_console()
    page.goto(EVENTS)

    page.locator("summary", has_text="Checks").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Below 0.5")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Below 0.5")).to_be_hidden()
    page.locator(f"a[href*='{newest.pk}']").press("Enter")
    expect(page.get_by_role("heading", name="Checks", exact=True)).to_be_visible()
    page.keyboard.press("j")

    expect(page).to_have_url(re.compile(str(older.pk)))


def test_the_worst_events_by_keyboard(open_console, operator):
    traffic.fill(operator)
    worst, better = Evidence.objects.ranked().worst_first()[:2]
    page = open_console()
    page.goto(EVENTS)

    page.locator("summary", has_text="Order").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Worst first").press("Enter")
    expect(page).to_have_url(re.compile("order=worst"))
    expect(page.get_by_text("P(good) 0.400").first).to_be_visible()
    page.locator(f"a[href*='{worst.pk}']").press("Enter")
    expect(page.get_by_role("heading", name="Feedback", exact=True)).to_be_visible()
    page.keyboard.press("j")

    expect(page).to_have_url(re.compile(str(better.pk)))


def test_a_key_made_in_the_browser_sends_an_event(open_console, write_all):
    page = open_console()
    page.goto(HOME)
    expect(page.get_by_role("heading", name="Send the first event")).to_be_visible()

    page.get_by_role("link", name="Create a key").click()
    page.get_by_label("Name").fill("browser")
    page.get_by_role("button", name="Save").click()
    secret = page.locator("#key-secret").inner_text()
    answer = page.request.post(
        "/api/v1/events",
        headers={"Authorization": f"Bearer {secret}"},
        data={"deployment_id": "helpdesk", "prompt": "How do I reset my password?", "response": "Open Settings."},
    )
    write_all()

    assert answer.status == 202
    page.goto(EVENTS)
    expect(page.get_by_role("link", name="How do I reset my password?")).to_be_visible()


def test_revoking_a_key_asks_in_a_dialog(open_console, operator):
    traffic.fill(operator)
    key = ApiKey.objects.get(name="production")
    page = open_console()
    page.goto(reverse("admin:feedback_apikey_change", args=[key.pk]))

    page.get_by_role("link", name="Revoke").click()
    expect(page.get_by_role("heading", name="Revoke this API key?")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Revoke").click()

    expect(page.get_by_text("is revoked.")).to_be_visible()
    assert ApiKey.objects.get(pk=key.pk).revoked_at is not None


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_serious_barrier(open_console, operator, theme):
    traffic.fill(operator)
    page = open_console(theme=theme)

    found = []
    for address in traffic.addresses():
        page.goto(address)
        found += violations(page)

    assert found == []


def test_no_page_scrolls_sideways_on_a_phone(open_console, operator):
    traffic.fill(operator)
    page = open_console(width=390)

    wide = []
    for address in traffic.addresses():
        page.goto(address)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wide.append(address)

    assert wide == []


def test_the_sidebar_opens_by_keyboard_on_a_phone(open_console):
    page = open_console(width=390)
    page.goto(HOME)
    entry = page.locator("#nav-sidebar").get_by_role("link", name="Events")
    expect(entry).not_to_be_in_viewport()

    page.get_by_role("button", name="Show or hide the sidebar").locator("visible=true").press("Enter")

    expect(entry).to_be_in_viewport()
