"""Prompts in a browser: outcomes, a rotation, and the difference of two versions."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from feedback.choices import Metric
from feedback.models import PromptRevision
from feedback.prompts import registry
from feedback.prompts.drafts import Draft
from tests.factories import DeploymentFactory, EventFactory
from tests.feedback.factories import roll_up

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HTMX_IS_READY = """() => {
    const asking = [...document.querySelectorAll("[hx-get]")];
    return asking.length > 0 && asking.every((element) => "htmx-internal-data" in element);
}"""
V1 = """You give {{name}} one tip for the day.

Use at most two sentences.
Mention the weather in {{city}} if it matters.
Do not repeat a tip of the last week."""
V2 = """You are the mentor of {{name}}. Give one tip for the day.

Use at most three short sentences.
Mention the weather in {{city}} if it matters.
Do not repeat a tip of the last week.
End with a question."""


def tips(operator):
    DeploymentFactory(id="helpdesk")
    drafts = [Draft("v1", V1), Draft("v2-mentor", V2, notes="Warmer, and asks back.")]
    prompt = registry.create("helpdesk", "tips", by=operator, description="The tip of the day", versions=drafts)
    parts = [("v1", 70.0), ("v2-mentor", 30.0)]
    prompt = registry.change(prompt.pk, {"parts": parts}, revision=1, by=operator)
    began = timezone.now() - timedelta(days=2)
    PromptRevision.objects.filter(number=2).update(chosen_at=began)
    for number in range(120):
        version = "v1" if number % 4 else "v2-mentor"
        EventFactory(
            prompt_version=version, user_hash=f"{number:064}", occurred_at=began + timedelta(hours=1 + number / 6)
        )
    for version, n in {"v1": 1_240, "v2-mentor": 402, "v0": 12}.items():
        roll_up(prompt_version=version, n=n, hour_at=began)
        roll_up(prompt_version=version, metric=Metric.QUALITY, n=n, total=0.8 * n, squares=0.66 * n, hour_at=began)
        roll_up(prompt_version=version, metric=Metric.COST, n=n, total=0.002 * n, squares=5e-6 * n, hour_at=began)
    return prompt


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_of_a_prompt(open_console, operator, theme, width):
    prompt = tips(operator)
    page = open_console(theme=theme, width=width)

    page.goto(f"{reverse('admin:feedback_prompt_change', args=[prompt.pk])}?before=v1&after=v2-mentor")

    found = Axe().run(page).response["violations"]
    assert [rule["id"] for rule in found if rule["impact"] in ("serious", "critical")] == []
    assert page.locator(".cf-diff ins").count() > 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert "split as the weights say" in page.locator("[role=status]").inner_text()


def test_what_is_served_is_chosen_in_its_dialog(open_console, operator):
    prompt = tips(operator)
    page = open_console()
    page.goto(reverse("admin:feedback_prompt_change", args=[prompt.pk]))

    # Before htmx has read the page, a button is a link to a bare form.
    page.wait_for_function(HTMX_IS_READY)
    page.get_by_role("link", name="Choose what is served").click()
    page.locator("#dialog [name=rotation]").fill("v1, v2-mentor=30")
    page.locator("#dialog button[type=submit]").click()
    expect(page.get_by_text("Give every version a weight, or none.")).to_be_visible()
    page.locator("#dialog [name=rotation]").fill("v1, v2-mentor")
    page.locator("#dialog button[type=submit]").click()
    expect(page.get_by_text("Serves rotation v1=50, v2-mentor=50")).to_be_visible()

    prompt.refresh_from_db()
    assert (prompt.revision, [part["weight"] for part in prompt.rotation]) == (3, [50.0, 50.0])
