"""Tools in a browser: proposals of new names."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from feedback.models import ToolRename
from tests.factories import DeploymentFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = 390


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


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, PHONE])
def test_a_proposal_is_compared_and_confirmed_with_the_keyboard(open_console, theme, width):
    rename = proposal()
    page = open_console(theme=theme, width=width)
    page.goto(reverse("admin:feedback_toolrename_changelist"))
    assert barriers(page) == []
    page.get_by_role("link", name="query_restaurants → FindRestaurants").press("Enter")

    expect(page.get_by_text("serves_drinks")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert barriers(page) == []
    if width == PHONE:
        page.get_by_role("link", name="Actions").press("Enter")
    page.get_by_role("link", name="Confirm").press("Enter")
    page.locator("#dialog button[type=submit]").press("Enter")

    expect(page.get_by_text("query_restaurants → FindRestaurants is confirmed.")).to_be_visible()
    rename.refresh_from_db()
    assert rename.status == "confirmed"
