import pytest
from django.urls import reverse
from playwright.sync_api import expect

from feedback.models import Deployment, MaskingPattern
from tests.browser.test_pages import violations
from tests.factories import DeploymentFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WINDOWS = [{}, {"theme": "dark"}, {"width": 390}]


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_a_pattern_is_added_in_the_form_and_tried(open_console, window):
    deployment = DeploymentFactory(id="helpdesk", content_policy="off")
    page = open_console(**window)
    page.goto(reverse("admin:feedback_deployment_change", args=[deployment.pk]))
    expect(page.get_by_text("are stored unmasked")).to_be_visible()
    assert violations(page) == []
    assert fits(page)

    page.get_by_label("Mask: replace personal data and credentials").check()
    page.get_by_label("Copies").uncheck()
    page.get_by_text("Add another Masking pattern").click()
    page.locator("#id_masking_patterns-0-name").fill("ORDER")
    page.locator("#id_masking_patterns-0-expression").fill(r"ORD-\d+")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()

    stored = Deployment.objects.get()
    assert stored.content_policy == "mask"
    assert stored.feedback_types == ["thumbs", "correction", "flag", "rating", "label", "regenerate", "share"]
    assert MaskingPattern.objects.get().expression == r"ORD-\d+"

    page.goto(reverse("admin:masking"))
    page.get_by_label("Text").fill("Mail ada@example.org about ORD-42.")
    page.get_by_label("With the patterns of").select_option("helpdesk")
    page.get_by_role("button", name="Mask").click()
    expect(page.get_by_text("Mail [EMAIL] about [ORDER].")).to_be_visible()
    expect(page.locator("mark")).to_have_text(["ada@example.orgEMAIL", "ORD-42ORDER"])
    assert page.url.endswith("/admin/masking/")
    assert violations(page) == []
    assert fits(page)
