"""The pages of pipelines in a browser: in both themes, at any width, without a serious violation of axe's rules."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.test_pages import violations
from tests.exports.pipelines.experiments import CHECK
from tests.exports.pipelines.test_admin import page_of, ran, waiting
from tests.factories import DeploymentFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_the_pages_of_pipelines_are_accessible(open_console, operator, theme, width):
    DeploymentFactory(id="helpdesk")
    path = "exports/a-long-path/that-goes-on-and-on/feedback.jsonl"
    failed = ran(operator, CHECK, ("export_feedback", {"curated_set": 77, "output_path": path}), "train")
    page = open_console(theme=theme, width=width)

    for address in (reverse("admin:exports_pipelinerun_changelist"), page_of(waiting(operator)), page_of(failed)):
        page.goto(address)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.get_by_role("alert")).to_have_text("export_feedback: helpdesk has no curated set 77.")
