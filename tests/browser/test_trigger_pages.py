import pytest
from django.urls import reverse

from drift.models import AlertChannel
from drift.triggers import rules
from feedback.models import Deployment
from tests.browser.test_pages import violations
from tests.drift.factories import AlertDeliveryFactory, TriggerEvaluationFactory, TriggerFiringFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def addresses():
    look = TriggerEvaluationFactory()
    firing = TriggerFiringFactory(evaluation=look)
    delivery = AlertDeliveryFactory(firing=firing)
    rule = rules.with_rows(Deployment.objects.get())[0].row
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
