"""Alerts by e-mail: one message per address, so that each is known to be accepted or rejected."""

import smtplib
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from drift.alerts.webhooks import AlertFailed


def send(subject: str, body: str, addresses: Sequence[str]) -> None:
    """Send a text to every address. Raises AlertFailed.

    A temporary rejection fails the whole message for now, so an address that accepted it may receive it twice.
    """
    if not settings.EMAIL_URL:
        raise AlertFailed("Cannot send e-mail: EMAIL_URL is not set.", is_temporary=False)
    try:
        rejected = _rejected(subject, body, addresses)
    except (OSError, smtplib.SMTPException) as error:
        message = f"The mail server did not accept the message: {type(error).__name__}."
        raise AlertFailed(message, is_temporary=_may_recover(error)) from error
    if rejected:
        who = ", ".join(f"{address} ({code})" for address, code in rejected.items())
        others = " The other addresses received it." if len(rejected) < len(addresses) else ""
        is_temporary = any(_is_temporary(code) for code in rejected.values())
        raise AlertFailed(f"The mail server rejected {who}.{others}", is_temporary=is_temporary)


def _rejected(subject: str, body: str, addresses: Sequence[str]) -> dict[str, int]:
    """The rejected addresses, each with its SMTP status."""
    rejected = {}
    with get_connection() as connection:
        for address in addresses:
            try:
                EmailMessage(subject, body, settings.EMAIL_FROM, [address], connection=connection).send()
            except smtplib.SMTPRecipientsRefused as error:
                [(code, _)] = error.recipients.values()
                rejected[address] = code
    return rejected


def _may_recover(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPDataError):
        return _is_temporary(error.smtp_code)
    return True


def _is_temporary(code: int) -> bool:
    """SMTP 4xx, such as greylisting or a full disk; 5xx is permanent."""
    return code < 500
