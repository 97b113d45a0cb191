"""Alerts by e-mail: one message to each address, so that each is known to be taken or refused."""

import smtplib
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from drift.alerts.webhooks import AlertFailed
from drift.models import TriggerFiring


def send(firing: TriggerFiring | None, addresses: Sequence[str]) -> None:
    """Tell every address of a firing, or send a test without one. Raises AlertFailed.

    An address that is refused for now fails the message for now, so one that took it may get it again.
    """
    if not settings.EMAIL_URL:
        raise AlertFailed("No e-mail can be sent: EMAIL_URL is not set.", can_heal=False)
    try:
        refused = _refused(firing, addresses)
    except (OSError, smtplib.SMTPException) as error:
        message = f"The mail server did not take it: {type(error).__name__}."
        raise AlertFailed(message, can_heal=_can_heal(error)) from error
    if refused:
        who = ", ".join(f"{address} ({code})" for address, code in refused.items())
        others = " The others have it." if len(refused) < len(addresses) else ""
        is_for_now = any(_is_for_now(code) for code in refused.values())
        raise AlertFailed(f"The mail server refused {who}.{others}", can_heal=is_for_now)


def _refused(firing: TriggerFiring | None, addresses: Sequence[str]) -> dict[str, int]:
    """The addresses that the server refused, each with the status of SMTP."""
    subject, body = _text(firing)
    refused = {}
    with get_connection() as connection:
        for address in addresses:
            try:
                EmailMessage(subject, body, settings.EMAIL_FROM, [address], connection=connection).send()
            except smtplib.SMTPRecipientsRefused as refusal:
                [(code, _)] = refusal.recipients.values()
                refused[address] = code
    return refused


def _can_heal(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPDataError):
        return _is_for_now(error.smtp_code)
    return True


def _is_for_now(code: int) -> bool:
    """4xx, as of a server that wants to see a second attempt or whose disk is full; 5xx is for good."""
    return code < 500


def _text(firing: TriggerFiring | None) -> tuple[str, str]:
    if firing is None:
        return "Crucible Feedback: a test", "This channel works. Alerts of retraining triggers come this way.\n"
    facts = [
        firing.evaluation.reason,
        "",
        f"Deployment: {firing.deployment_id}",
        f"Trigger: {firing.name}",
        f"At: {firing.fired_at:%Y-%m-%d %H:%M:%S} UTC",
        f"Firing: {firing.pk}",
    ]
    return f"{firing.get_name_display()}: {firing.deployment_id}", "\n".join(facts) + "\n"
