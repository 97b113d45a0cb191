"""Keyed hashes of users and sessions; ids are not stored."""

import hashlib
import hmac

from django.conf import settings


def hash_person(identifier: str | int | None) -> str:
    """HMAC-SHA-256 of a user or session id under HASH_KEY, as 64 hexadecimal digits; '' for none."""
    return "" if identifier in (None, "") else _hash(identifier, settings.HASH_KEY)


def person_hashes(identifier: str | int) -> list[str]:
    """The hashes of this person under HASH_KEY and every retired key, as stored rows may have any of them."""
    return [_hash(identifier, key) for key in (settings.HASH_KEY, *settings.RETIRED_HASH_KEYS.values())]


def _hash(identifier: str | int, key: str) -> str:
    return hmac.digest(key.encode(), str(identifier).encode(), hashlib.sha256).hex()
