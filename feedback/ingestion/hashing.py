"""Users and sessions are known by a keyed hash only."""

import hashlib
import hmac

from django.conf import settings


def hash_person(identifier: str | int | None) -> str:
    """HMAC-SHA-256 of a user or session id under HASH_KEY, as 64 hexadecimal digits; '' for none."""
    if identifier is None:
        return ""
    return hmac.digest(settings.HASH_KEY.encode(), str(identifier).encode(), hashlib.sha256).hex()
