"""Keyed hashes of users, sessions and external ids; the ids themselves are not stored.

Each kind has a domain of its own, so that a session or an external id that is spelt like a user has another hash. A
user's is the bare id, as it always was: hashes that are stored still mean the same user. The others begin with their
name and a NUL, which no id contains.
"""

import hashlib
import hmac

from django.conf import settings

NUL, REPLACEMENT = "\0", "\ufffd"


def hash_person(identifier: str | int | None) -> str:
    """HMAC-SHA-256 of a user id under HASH_KEY, as 64 hexadecimal digits; '' for none."""
    return "" if identifier in (None, "") else _hash(identifier, settings.HASH_KEY)


def hash_session(identifier: str | int | None) -> str:
    """The same of a session id, which has a domain of its own."""
    return "" if identifier in (None, "") else _hash(identifier, settings.HASH_KEY, domain="session")


def hash_external_id(identifier: str) -> str:
    """The same of an external id that contains personal data."""
    return _hash(identifier, settings.HASH_KEY, domain="external_id")


def person_hashes(identifier: str | int) -> list[str]:
    """The hashes of this person under HASH_KEY and every retired key, as stored rows may have any of them."""
    return [_hash(identifier, key) for key in _keys()]


def external_id_hashes(identifier: str) -> list[str]:
    """The same of an external id, also without its domain, as rows of earlier versions have it."""
    return [_hash(identifier, key, domain=domain) for key in _keys() for domain in ("external_id", "")]


def _keys() -> tuple[str, ...]:
    return settings.HASH_KEY, *settings.RETIRED_HASH_KEYS.values()


def _hash(identifier: str | int, key: str, *, domain: str = "") -> str:
    message = str(identifier).replace(NUL, REPLACEMENT)
    if domain and settings.HASH_DOMAINS:
        message = f"{domain}{NUL}{message}"
    return hmac.digest(key.encode(), message.encode(), hashlib.sha256).hex()
