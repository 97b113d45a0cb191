"""Alerts by webhook: each request carries a timestamp and an HMAC-SHA-256 over timestamp and body."""

import hashlib
import hmac

from django.conf import settings

from feedback.webhooks import posting
from feedback.webhooks.posting import PostFailed

TIMESTAMP, SIGNATURE, DELIVERY = "X-Crucible-Timestamp", "X-Crucible-Signature", "X-Crucible-Delivery"


class AlertFailed(Exception):
    """A message that was not delivered; `is_temporary`: whether a retry may succeed."""

    def __init__(self, message: str, *, is_temporary: bool, http_status: int | None = None):
        super().__init__(message)
        self.is_temporary = is_temporary
        self.http_status = http_status


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """The value of the signature header: `sha256=` and the HMAC of timestamp, full stop and body in hexadecimal."""
    return "sha256=" + hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()


def post(url: str, body: bytes, *, secret: str, delivery: str, timestamp: int) -> int:
    """Send a body once and return the status, which is 2xx. Raises AlertFailed."""
    headers = {
        "Content-Type": "application/json",
        TIMESTAMP: str(timestamp),
        SIGNATURE: signature(secret, timestamp, body),
        DELIVERY: delivery,
    }
    private = settings.ALERT_PRIVATE_ADDRESSES
    try:
        return posting.post(url, body, headers, private=private, setting="ALERT_PRIVATE_ADDRESSES")
    except PostFailed as failure:
        raise AlertFailed(str(failure), is_temporary=failure.is_temporary, http_status=failure.http_status) from failure
