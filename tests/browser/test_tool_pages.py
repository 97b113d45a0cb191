"""Tools in a browser: proposals of new names, and what an event declared."""

import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from feedback.models import ToolList, ToolRename
from feedback.tools.sets import Tool, digest, encode
from tests.browser.conversation import agent_event
from tests.factories import DeploymentFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = 390
SCHEMA = {
    "type": "object",
    "properties": {"machine": {"type": "string", "enum": ["drill-04", "lathe-11"]}, "hours": {"type": "integer"}},
    "required": ["machine"],
}


def barriers(page):
    found = Axe().run(page).response["violations"]
    return [rule["id"] for rule in found if rule["impact"] in ("serious", "critical")]


def arguments(**kinds):
    return [{"name": name, "share": 0.75, "kind": kind} for name, kind in kinds.items()]


def proposal():
    DeploymentFactory(id="bookings")
    return ToolRename.objects.create(
        deployment_id="bookings",
        old_name="query_restaurants",
        new_name="FindRestaurants",
        similarity=0.78,
        evidence={"kinds": 0.92, "arguments": 0.61, "results": 0.95, "names": 0.5},
        old_shape={
            "calls": 212,
            "arguments": arguments(location="word", food_type="word", price_level="word", serves_drinks="boolean"),
            "results": [{"name": name, "share": 0.9} for name in ("restaurant_name", "phone_number", "street_address")],
        },
        new_shape={"calls": 0, "arguments": arguments(city="string", cuisine="string"), "results": []},
    )


HTMX_IS_READY = """() => {
    const asking = [...document.querySelectorAll("[hx-get]")];
    return asking.length > 0 && asking.every((element) => "htmx-internal-data" in element);
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, PHONE])
def test_a_proposal_is_compared_and_confirmed_with_the_keyboard(open_console, theme, width):
    rename = proposal()
    page = open_console(theme=theme, width=width)
    page.goto(reverse("admin:feedback_toolrename_changelist"))
    assert barriers(page) == []
    page.get_by_role("link", name="query_restaurants → FindRestaurants").press("Enter")

    expect(page.get_by_text("serves_drinks")).to_be_visible()
    # Before htmx has read the page, a button is a link to a bare form.
    page.wait_for_function(HTMX_IS_READY)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert barriers(page) == []
    if width == PHONE:
        page.get_by_role("link", name="Actions").press("Enter")
    page.get_by_role("link", name="Confirm").press("Enter")
    page.locator("#dialog button[type=submit]").press("Enter")

    expect(page.get_by_text("query_restaurants → FindRestaurants is confirmed.")).to_be_visible()
    rename.refresh_from_db()
    assert rename.status == "confirmed"


def declare(tools, **fields):
    text = encode(tools)
    ToolList.objects.create(deployment_id="helpdesk", digest=digest(text), tools=text)
    return agent_event(tools_hash=digest(text), **fields)


def address(event, **query):
    return reverse("admin:feedback_event_change", args=[event.pk], query=query)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, PHONE])
def test_declared_tools_are_folded_on_the_page_of_an_event(open_console, theme, width):
    tools = [Tool("free_machines", "Lists free machines.", {}), Tool("web_search", kind="web_search")]
    event = declare([*tools, Tool("book", "Books **one** machine for some hours. " * 4, SCHEMA, strict=True)])
    page = open_console(theme=theme, width=width)
    page.goto(address(event))
    listed = page.locator("#tools .cf-fold")

    expect(listed).to_have_count(3)
    # The one that the answer calls comes first.
    listed.first.locator("summary").press("Enter")

    expect(listed.first).to_contain_text("book called")
    expect(listed.first.locator(".cf-json")).to_contain_text('"lathe-11"')
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert barriers(page) == []


@pytest.mark.parametrize(("query", "shown"), [({}, 20), ({"whole": "tools"}, 1_000)])
def test_a_thousand_tools_open_within_a_second(open_console, query, shown):
    event = declare([Tool(f"tool_{number}", "Does one of many things. " * 20, SCHEMA) for number in range(1_000)])
    page = open_console()
    page.goto(address(agent_event()))

    began = time.perf_counter()
    page.goto(address(event, **query), wait_until="domcontentloaded")
    expect(page.get_by_role("heading", name="Facts")).to_be_visible()
    page.evaluate("document.body.offsetHeight")
    seconds = time.perf_counter() - began

    expect(page.locator("#tools .cf-fold")).to_have_count(shown)
    # A busy machine is several times slower.
    assert seconds < 3
