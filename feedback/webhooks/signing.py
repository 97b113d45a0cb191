"""Signs requests as Standard Webhooks 1.0 describes, which libraries for many languages verify.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PREFIX = "whsec_"
SHORTEST_KEY_BYTES, LONGEST_KEY_BYTES = 24, 64


class InvalidSecret(ValueError):
    """A secret that receivers could not use."""

    def __init__(self):
        super().__init__(
            f"A secret is {PREFIX} and the base64 of {SHORTEST_KEY_BYTES} to {LONGEST_KEY_BYTES} random bytes. Make one"
            f' with: echo "{PREFIX}$(openssl rand -base64 32)"'
        )


def key_of(secret: str) -> bytes:
    """The key that a secret holds. Raises InvalidSecret."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidSecret from error
    if not SHORTEST_KEY_BYTES <= len(key) <= LONGEST_KEY_BYTES:
        raise InvalidSecret
    return key


def headers(secret: str, *, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers that identify, date and sign a body. Raises InvalidSecret."""
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    signature = base64.b64encode(hmac.new(key_of(secret), signed, hashlib.sha256).digest()).decode()
    return {ID: message_id, TIMESTAMP: str(timestamp), SIGNATURE: f"v1,{signature}"}
