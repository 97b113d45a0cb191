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
REASON = "The average score of the checks over the newest 50 scored events is 0.61, below the threshold of 0.7."


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

    assert [message.to for message in mail.outbox] == [["ml@example.org"], ["oncall@example.org"]]
    message = mail.outbox[0]
    assert (message.subject, message.from_email) == ("Quality drop: helpdesk", "crucible-feedback@localhost")
    assert message.body.splitlines() == [
        REASON,
        "",
        "Deployment: helpdesk",
        "Trigger: quality_drop",
        "Fired at: 2026-05-04 12:00:00 UTC",
        f"Firing: {firing.pk}",
    ]
    assert facts(AlertDelivery.objects.get()) == ("delivered", 1, None, "")


@pytest.mark.parametrize(
    ("failure", "status", "name"),
    [
        (ConnectionRefusedError("refused"), "waiting", "ConnectionRefusedError"),
        (smtplib.SMTPServerDisconnected("gone"), "waiting", "SMTPServerDisconnected"),
        (smtplib.SMTPAuthenticationError(535, b"no"), "waiting", "SMTPAuthenticationError"),
        (smtplib.SMTPSenderRefused(451, b"later", "from"), "waiting", "SMTPSenderRefused"),
        (smtplib.SMTPSenderRefused(550, b"no", "from"), "failed", "SMTPSenderRefused"),
        (smtplib.SMTPDataError(452, b"full"), "waiting", "SMTPDataError"),
        (smtplib.SMTPDataError(554, b"no"), "failed", "SMTPDataError"),
    ],
)
def test_a_failing_mail_server_is_reported(mail_channel, monkeypatch, failure, status, name):
    def fail(*_):
        raise failure

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", fail)
    delivery = AlertDeliveryFactory(channel=mail_channel)

    outbox.deliver(delivery.pk)

    assert facts(delivery) == (status, 1, None, f"The mail server did not accept the message: {name}.")


@pytest.mark.parametrize(
    ("codes", "status", "error", "taken_by"),
    [
        ({"ml": 550, "oncall": 550}, "failed", "rejected ml@example.org (550), oncall@example.org (550).", []),
        (
            {"oncall": 550},
            "failed",
            "rejected oncall@example.org (550). The other addresses received it.",
            ["ml@example.org"],
        ),
        (
            {"ml": 451},
            "waiting",
            "rejected ml@example.org (451). The other addresses received it.",
            ["oncall@example.org"],
        ),
        ({"ml": 550, "oncall": 451}, "waiting", "rejected ml@example.org (550), oncall@example.org (451).", []),
    ],
)
def test_a_rejected_address_is_reported_and_the_others_receive_the_mail(
    mail_channel, monkeypatch, codes, status, error, taken_by
):
    take = locmem.EmailBackend.send_messages

    def refuse_some(backend, messages):
        [address] = messages[0].to
        code = codes.get(address.partition("@")[0])
        if code:
            raise smtplib.SMTPRecipientsRefused({address: (code, b"refused")})
        return take(backend, messages)

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", refuse_some)
    delivery = AlertDeliveryFactory(channel=mail_channel)

    outbox.deliver(delivery.pk)

    assert facts(delivery) == (status, 1, None, f"The mail server {error}")
    assert [message.to for message in mail.outbox] == [[address] for address in taken_by]


def test_without_a_mail_server_the_delivery_says_so(mail_channel, settings):
    settings.EMAIL_URL = ""
    delivery = AlertDeliveryFactory(channel=mail_channel)

    outbox.deliver(delivery.pk)

    assert facts(delivery) == ("failed", 1, None, "Cannot send e-mail: EMAIL_URL is not set.")
    assert mail.outbox == []
