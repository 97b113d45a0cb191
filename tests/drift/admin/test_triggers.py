"""The pages of triggers and alerts."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from drift.admin.triggers import TriggerEvaluationAdmin
from drift.models import AlertChannel, AlertDelivery, TriggerEvaluation, TriggerFiring, TriggerRule
from drift.triggers import rules
from tests import receiver as receivers
from tests.drift.factories import (
    AlertChannelFactory,
    AlertDeliveryFactory,
    TriggerEvaluationFactory,
    TriggerFiringFactory,
)
from tests.factories import NOON, DeploymentFactory, UserFactory

pytestmark = pytest.mark.django_db
LISTS = {
    name: reverse(f"admin:drift_{name}_changelist")
    for name in ("triggerevaluation", "triggerfiring", "triggerrule", "alertchannel", "alertdelivery")
}
SECRET = "a secret of some length"


def text_of(console, name):
    return console.get(LISTS[name]).content.decode()


def staff_with(*permissions):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def fill(number):
    for _ in range(number):
        look = TriggerEvaluationFactory(asked_by=UserFactory(), source="console")
        channel = AlertChannelFactory()
        AlertDeliveryFactory(channel=channel, firing=TriggerFiringFactory(evaluation=look))
        rules.with_rows(DeploymentFactory())


@pytest.mark.parametrize("name", LISTS)
def test_a_list_asks_few_queries_however_long_it_is(console, name, django_assert_max_num_queries):
    fill(8)

    with django_assert_max_num_queries(12):
        assert console.get(LISTS[name]).status_code == 200


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("triggerevaluation", "Every trigger check is listed here, fired or not."),
        ("triggerfiring", "No firings yet. A firing stays open until it is acknowledged or used by a training."),
        ("triggerrule", "No trigger settings yet."),
        (
            "alertchannel",
            "No channels yet. A channel is a webhook or a list of e-mail addresses",
        ),
        ("alertdelivery", "No messages yet. Each firing and each test creates one message per channel"),
    ],
)
def test_an_empty_list_explains_its_contents(console, name, words):
    assert words in text_of(console, name)


def test_evaluations_show_outcome_value_reason_and_user(console, operator):
    TriggerEvaluationFactory(asked_by=operator, source="console")
    TriggerEvaluationFactory(
        name="quality_drop",
        fired=False,
        outcome="cooldown",
        value=0.61234,
        threshold=0.7,
        reason="Below, but held back.",
    )

    text = text_of(console, "triggerevaluation")

    for words in ("Fired", "– / 1 day", operator.username, "In cooldown", "0.6123 / 0.7", "Below, but held back."):
        assert words in text


def test_a_firing_is_acknowledged_in_a_dialog(console, operator):
    firing = TriggerFiringFactory()
    address = reverse("admin:drift_triggerfiring_acknowledge", args=[firing.pk])

    console.get(address)
    assert TriggerFiring.objects.get().state == "open"
    answers = [console.post(address, {"_form_submitted": True}) for _ in range(2)]

    assert [answer.headers["HX-Redirect"] for answer in answers] == [LISTS["triggerfiring"]] * 2
    firing.refresh_from_db()
    assert (firing.state, firing.settled_by) == ("acknowledged", operator)
    text = text_of(console, "triggerfiring")
    assert " acknowledged." in text
    assert "This firing is already acknowledged." in text


def test_several_firings_are_acknowledged_at_once(console):
    ids = [TriggerFiringFactory().pk for _ in range(3)]

    console.post(LISTS["triggerfiring"], {"action": "acknowledge_selected", "_selected_action": ids[:2]})

    assert list(TriggerFiring.objects.order_by("pk").values_list("state", flat=True)) == [
        "acknowledged",
        "acknowledged",
        "open",
    ]


def test_a_trigger_is_changed_and_the_change_logged_once(console, operator):
    rule = rules.with_rows(DeploymentFactory(id="helpdesk"))[1].row
    address = reverse("admin:drift_triggerrule_change", args=[rule.pk])

    page = console.get(address).content.decode()
    answer = console.post(address, {"is_enabled": "False", "threshold": "0.65", "cooldown_seconds": ""})

    assert "Fires when the rolling average of the checks (0 to 1) is below this value. Default: 0.7." in page
    assert answer.status_code == 302
    rule.refresh_from_db()
    assert (rule.is_enabled, rule.threshold, rule.cooldown_seconds) == (False, 0.65, None)
    assert list(LogEntry.objects.values_list("user_id", "change_message")) == [
        (operator.pk, "is_enabled: default → False; threshold: default → 0.65")
    ]
    assert "Default (on)" in page
    text = text_of(console, "triggerrule")
    assert "0.65" in text
    assert "0.2 (default)" in text


def test_invalid_trigger_settings_are_rejected(console):
    rule = rules.with_rows(DeploymentFactory(id="helpdesk"))[0].row

    answer = console.post(
        reverse("admin:drift_triggerrule_change", args=[rule.pk]), {"threshold": "2", "cooldown_seconds": "5"}
    )

    text = answer.content.decode()
    assert "The threshold of drift_threshold must be a score from 0 to 1." in text
    assert "A cooldown must be from 60 to 31,622,400 seconds (1 minute to 366 days)." in text
    assert TriggerRule.objects.get(pk=rule.pk).threshold is None


def channel_form(**values):
    everything = ["drift_threshold", "quality_drop", "data_count", "scheduled"]
    return {"name": "ops", "kind": "webhook", "is_enabled": "on", "triggers": everything, **values}


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"url": "https://alerts.example.org/hook", "new_secret": SECRET}, None),
        ({"kind": "email", "addresses": "ml@example.org, oncall@example.org"}, None),
        ({"url": "https://alerts.example.org/hook", "new_secret": SECRET, "deployments": "helpdesk, shop"}, None),
        ({"url": "ftp://example.org", "new_secret": SECRET}, "The URL must start with https:// or http://"),
        (
            {"url": "https://alerts.example.org/hook", "new_secret": "short"},
            "A secret must have at least 16 characters",
        ),
        ({"url": "https://alerts.example.org/hook"}, "A secret must have at least 16 characters"),
        ({"kind": "email", "addresses": ""}, "Enter 1 to 20 e-mail addresses."),
        ({"kind": "email", "addresses": "nobody"}, "Enter a valid email address."),
        (
            {"url": "https://alerts.example.org/", "new_secret": SECRET, "deployments": "two words"},
            "two words is not a deployment id.",
        ),
    ],
)
def test_a_channel_is_created_or_rejected_with_a_message(console, values, refusal):
    answer = console.post(reverse("admin:drift_alertchannel_add"), channel_form(**values))

    assert answer.status_code == (302 if refusal is None else 200)
    assert refusal is None or refusal in answer.content.decode()
    assert AlertChannel.objects.count() == (1 if refusal is None else 0)


@pytest.mark.parametrize(("given", "kept"), [("", SECRET), ("another secret, as long", "another secret, as long")])
def test_a_secret_is_never_shown_and_an_empty_field_keeps_it(console, given, kept):
    channel = AlertChannelFactory(secret=SECRET, name="ops")
    address = reverse("admin:drift_alertchannel_change", args=[channel.pk])

    page = console.get(address).content.decode()
    console.post(address, channel_form(url="https://other.example.org/", new_secret=given))

    assert SECRET not in page
    channel.refresh_from_db()
    assert (channel.url, channel.secret) == ("https://other.example.org/", kept)
    assert SECRET not in LogEntry.objects.get().change_message


def test_a_test_is_sent_and_its_failure_is_on_the_page_and_in_the_list(console, running_tasks, settings):
    settings.ALERT_PRIVATE_ADDRESSES = True
    with receivers.running() as receiver:
        receiver.answers = [(404, {})]
        channel = AlertChannelFactory(url=receiver.url)
        send_test = reverse("admin:drift_alertchannel_send_test", args=[channel.pk])

        console.get(send_test)
        assert AlertDelivery.objects.count() == 0
        with running_tasks():
            answer = console.post(send_test, {"_form_submitted": True})

    page = reverse("admin:drift_alertchannel_change", args=[channel.pk])
    assert answer.headers["HX-Redirect"] == page
    assert len(receiver.requests) == 1
    for text in (console.get(page).content.decode(), text_of(console, "alertdelivery")):
        assert "responded with 404; expected 2xx." in text
    assert "Failed" in text_of(console, "alertchannel")


def test_a_failed_message_is_sent_again(console, running_tasks, settings):
    settings.ALERT_PRIVATE_ADDRESSES = True
    with receivers.running() as receiver:
        delivery = AlertDeliveryFactory(
            channel__url=receiver.url,
            firing=TriggerFiringFactory(),
            status="failed",
            error="It was away.",
            finished_at=NOON,
            next_attempt_at=None,
        )
        address = reverse("admin:drift_alertdelivery_send_again", args=[delivery.pk])
        with running_tasks():
            console.post(address, {"_form_submitted": True})
        console.post(address, {"_form_submitted": True})

    assert AlertDelivery.objects.get().status == "delivered"
    assert len(receiver.requests) == 1
    assert "has not failed, so it was not sent again." in text_of(console, "alertdelivery")


@pytest.mark.parametrize(
    ("page", "permission", "make"),
    [
        ("triggerfiring_acknowledge", "change_triggerfiring", TriggerFiringFactory),
        ("alertchannel_send_test", "change_alertchannel", AlertChannelFactory),
        ("alertdelivery_send_again", "change_alertdelivery", AlertDeliveryFactory),
    ],
)
def test_actions_require_the_permission(page, permission, make):
    address = reverse(f"admin:drift_{page}", args=[make().pk])
    unknown = reverse(f"admin:drift_{page}", args=[20_260_504])
    changer, viewer = staff_with(permission), staff_with(permission.replace("change", "view"))

    assert (changer.get(address).status_code, viewer.get(address).status_code) == (200, 403)
    assert (changer.get(unknown).status_code, viewer.get(unknown).status_code) == (404, 403)


def test_the_history_cannot_be_edited(console):
    look = TriggerEvaluationFactory()
    firing = TriggerFiringFactory(evaluation=look)
    rule = rules.with_rows(look.deployment)[0].row
    delivery = AlertDeliveryFactory(firing=firing)
    rows = {"triggerevaluation": look, "triggerfiring": firing, "triggerrule": rule, "alertdelivery": delivery}

    for name, row in rows.items():
        assert console.get(reverse(f"admin:drift_{name}_add")).status_code == 403
        assert console.post(reverse(f"admin:drift_{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    channel_delete = reverse("admin:drift_alertchannel_delete", args=[delivery.channel_id])
    assert console.post(channel_delete, {"post": "yes"}).status_code == 403
    assert (TriggerEvaluation.objects.count(), AlertDelivery.objects.count()) == (1, 1)


@pytest.mark.parametrize(("page", "links"), [(1, ["next"]), (2, ["prev", "next"]), (3, ["prev"])])
def test_pages_lead_only_where_there_is_something(console, monkeypatch, page, links):
    monkeypatch.setattr(TriggerEvaluationAdmin, "list_per_page", 2)
    TriggerEvaluationFactory.create_batch(5)

    shown = console.get(LISTS["triggerevaluation"], {"p": page})

    assert re.findall(r'rel="(prev|next)"', shown.content.decode()) == links


def test_a_list_of_one_page_has_no_pages(console):
    TriggerEvaluationFactory()

    shown = console.get(LISTS["triggerevaluation"])

    assert 'aria-label="Pages"' not in shown.content.decode()
