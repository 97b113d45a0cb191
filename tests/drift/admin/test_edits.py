"""Forms and addresses of the trigger pages: two people at once, addresses by hand, triggers never checked."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from drift.models import AlertChannel, AlertDelivery, TriggerFiring, TriggerRule
from drift.triggers import rules
from tests.drift.factories import (
    AlertChannelFactory,
    AlertDeliveryFactory,
    DriftReportFactory,
    TriggerEvaluationFactory,
    TriggerFiringFactory,
)
from tests.factories import DeploymentFactory, UserFactory

pytestmark = pytest.mark.django_db
SECRET = "a secret of some length"
RULES = reverse("admin:drift_triggerrule_changelist")


def was_shown(page):
    """What a browser sends back of a form as it was rendered: its hidden first values."""
    sent = {}
    for tag in re.findall(r'<input type="hidden" name="initial-[^>]*>', page.content.decode()):
        name, value = re.search(r'name="([^"]*)"', tag)[1], re.search(r'value="([^"]*)"', tag)
        sent.setdefault(name, []).append(value[1] if value else "")
    return sent


def test_concurrent_edits_of_a_trigger_keep_both_changes(console):
    row = rules.with_rows(DeploymentFactory(id="helpdesk"))[1].row
    address = reverse("admin:drift_triggerrule_change", args=[row.pk])
    unchanged = {"is_enabled": "", "threshold": "", "cooldown_seconds": ""}

    first, second = (was_shown(console.get(address)) for _ in range(2))
    console.post(address, {**first, **unchanged, "threshold": "0.65"})
    console.post(address, {**second, **unchanged, "is_enabled": "False"})

    row.refresh_from_db()
    assert (row.is_enabled, row.threshold, row.cooldown_seconds) == (False, 0.65, None)


def test_an_empty_field_restores_the_default(console):
    row = rules.with_rows(DeploymentFactory(id="helpdesk"))[1].row
    TriggerRule.objects.filter(pk=row.pk).update(is_enabled=False, threshold=0.5, cooldown_seconds=120)
    address = reverse("admin:drift_triggerrule_change", args=[row.pk])

    console.post(
        address, {**was_shown(console.get(address)), "is_enabled": "", "threshold": "", "cooldown_seconds": "120"}
    )

    row.refresh_from_db()
    assert (row.is_enabled, row.threshold, row.cooldown_seconds) == (None, None, 120)


def test_concurrent_edits_of_a_channel_keep_both_changes(console):
    channel = AlertChannelFactory(name="ops", url="https://one.example.org/", secret=SECRET, deployments=["helpdesk"])
    address = reverse("admin:drift_alertchannel_change", args=[channel.pk])
    unchanged = {
        "name": "ops",
        "kind": "webhook",
        "is_enabled": "on",
        "url": "https://one.example.org/",
        "addresses": "",
        "deployments": "helpdesk",
        "triggers": channel.triggers,
        "new_secret": "",
    }

    first, second = (was_shown(console.get(address)) for _ in range(2))
    switched_off = {name: value for name, value in unchanged.items() if name != "is_enabled"}
    console.post(address, {**first, **switched_off, "new_secret": "another secret, as long"})
    console.post(address, {**second, **unchanged, "url": "https://two.example.org/", "triggers": ["scheduled"]})

    found = AlertChannel.objects.get()
    assert (found.is_enabled, found.url) == (False, "https://two.example.org/")
    assert (found.secret, found.triggers) == ("another secret, as long", ["scheduled"])
    assert found.deployments == ["helpdesk"]


@pytest.mark.parametrize("number", ["none", "99"])
@pytest.mark.parametrize("page", ["triggerfiring_acknowledge", "alertchannel_send_test", "alertdelivery_send_again"])
def test_an_unknown_id_answers_404(console, page, number):
    answer = console.post(reverse(f"admin:drift_{page}", args=[number]), {"_form_submitted": True})

    assert answer.status_code == 404
    assert AlertDelivery.objects.count() == 0


def test_the_message_for_one_firing_is_singular(console):
    firing = TriggerFiringFactory()

    answer = console.post(
        reverse("admin:drift_triggerfiring_changelist"),
        {"action": "acknowledge_selected", "_selected_action": [firing.pk]},
        follow=True,
    )

    assert "1 firing acknowledged." in answer.content.decode()
    assert TriggerFiring.objects.get().state == "acknowledged"


@pytest.mark.parametrize(("permission", "status"), [("change_triggerrule", 200), ("view_triggerrule", 403)])
def test_triggers_are_set_up_before_their_first_check(permission, status):
    DeploymentFactory(id="helpdesk")
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename=permission))
    client = Client()
    client.force_login(user)

    answer = client.post(reverse("admin:drift_triggerrule_set_up"), {"_form_submitted": True, "deployment": "helpdesk"})

    assert answer.status_code == status
    assert answer.headers.get("HX-Redirect") == (f"{RULES}?deployment_id=helpdesk" if status == 200 else None)
    assert TriggerRule.objects.count() == (4 if status == 200 else 0)
    assert TriggerFiring.objects.count() == 0


def test_every_row_of_the_history_has_a_page_with_its_reason(console):
    report = DriftReportFactory()
    reason = "Drift report 7 has a score of 0.4, above the threshold of 0.2."
    look = TriggerEvaluationFactory(name="drift_threshold", value=0.4, threshold=0.2, reason=reason, report=report)
    firing = TriggerFiringFactory(evaluation=look)
    delivery = AlertDeliveryFactory(firing=firing, channel__secret=SECRET)
    rows = {"triggerevaluation": look, "triggerfiring": firing, "alertdelivery": delivery}

    pages = {}
    for name, row in rows.items():
        address = reverse(f"admin:drift_{name}_change", args=[row.pk])
        assert address in console.get(reverse(f"admin:drift_{name}_changelist")).content.decode()
        pages[name] = console.get(address).content.decode()

    assert reverse("admin:drift_driftreport_change", args=[report.pk]) in pages["triggerevaluation"]
    assert reason in pages["triggerevaluation"]
    assert reason in pages["triggerfiring"]
    assert [words in pages["triggerfiring"] for words in ("Open", "(&#x27;open")] == [True, False]
    assert reverse("admin:drift_triggerfiring_change", args=[firing.pk]) in pages["alertdelivery"]
    assert SECRET not in "".join(pages.values())
