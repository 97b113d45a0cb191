"""Alerts by e-mail, through Django's mail settings."""

import smtplib

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.db import transaction

from drift.alerts import outbox
from drift.models import AlertDelivery
from tests.drift.factories import (
    AlertChannelFactory,
    AlertDeliveryFactory,
    TriggerEvaluationFactory,
    TriggerFiringFactory,
)
from tests.factories import NOON

pytestmark = pytest.mark.django_db
REASON = "The average 0.61 of the newest 50 scored events is below 0.7."


def facts(delivery):
    delivery.refresh_from_db()
    return delivery.status, delivery.attempts, delivery.http_status, delivery.error


@pytest.fixture
def mail_channel(settings):
    settings.EMAIL_URL = "smtp://mail.example.org"
    return AlertChannelFactory(kind="email", url="", secret="", addresses=["ml@example.org", "oncall@example.org"])


def test_a_firing_reaches_e_mail_addresses(mail_channel, running_tasks):
    look = TriggerEvaluationFactory(name="quality_drop", value=0.61, threshold=0.7, reason=REASON, created_at=NOON)
    firing = TriggerFiringFactory(evaluation=look)

    with running_tasks(), transaction.atomic():
        outbox.announce([firing])

    [message] = mail.outbox
    assert message.to == ["ml@example.org", "oncall@example.org"]
    assert (message.subject, message.from_email) == ("Quality drop: helpdesk", "crucible-feedback@localhost")
    assert message.body.splitlines() == [
        REASON,
        "",
        "Deployment: helpdesk",
        "Trigger: quality_drop",
        "At: 2026-05-04 12:00:00 UTC",
        f"Firing: {firing.pk}",
    ]
    assert facts(AlertDelivery.objects.get()) == ("delivered", 1, None, "")


@pytest.mark.parametrize(
    ("failure", "status", "name"),
    [
        (ConnectionRefusedError("refused"), "waiting", "ConnectionRefusedError"),
        (smtplib.SMTPServerDisconnected("gone"), "waiting", "SMTPServerDisconnected"),
        (smtplib.SMTPRecipientsRefused({}), "failed", "SMTPRecipientsRefused"),
    ],
)
def test_a_mail_server_that_does_not_take_it_is_named(mail_channel, monkeypatch, failure, status, name):
    def fail(*_):
        raise failure

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", fail)
    delivery = AlertDeliveryFactory(channel=mail_channel)

    outbox.deliver(delivery.pk)

    assert facts(delivery) == (status, 1, None, f"The mail server did not take it: {name}.")


def test_without_a_mail_server_the_delivery_says_so(mail_channel, settings):
    settings.EMAIL_URL = ""
    delivery = AlertDeliveryFactory(channel=mail_channel)

    outbox.deliver(delivery.pk)

    assert facts(delivery) == ("failed", 1, None, "No e-mail can be sent: EMAIL_URL is not set.")
    assert mail.outbox == []
