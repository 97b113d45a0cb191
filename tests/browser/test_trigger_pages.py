import pytest
from django.urls import reverse

from drift.models import AlertChannel
from drift.triggers import rules
from feedback.models import Deployment
from tests.browser.test_pages import violations
from tests.drift.factories import AlertDeliveryFactory, TriggerEvaluationFactory, TriggerFiringFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


ARM = {"threshold": 0.7, "events": 1_300, "users": 1_040, "reason": "Approval is 0.600, at most 0.625 (95 %)."}
ARMS = [
    ARM | {"name": "form", "outcome": "quiet", "value": 0.817},
    ARM | {"name": "feedback_threshold", "outcome": "fired", "value": 0.6, "audits": 40},
    ARM | {"name": "feedback_drop", "outcome": "no_data", "value": None},
]


def addresses():
    look = TriggerEvaluationFactory(name="quality_drop", details={"arms": ARMS})
    firing = TriggerFiringFactory(evaluation=look)
    delivery = AlertDeliveryFactory(firing=firing)
    rule = rules.with_rows(Deployment.objects.get())[1].row
    for row in (look, firing, delivery, rule, AlertChannel.objects.get()):
        page = f"admin:drift_{row._meta.model_name}"
        yield reverse(f"{page}_changelist")
        yield reverse(f"{page}_change", args=[row.pk])


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_pages_of_triggers_and_alerts_have_no_serious_fault_and_fit_a_phone(open_console, theme, width):
    page = open_console(theme=theme, width=width)

    for address in addresses():
        page.goto(address)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
