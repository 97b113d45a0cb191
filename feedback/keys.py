"""API keys: made once, shown once, kept as a hash."""

import hashlib
import secrets
import time

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from feedback.errors import is_database_away
from feedback.models import ApiKey

REMEMBERED_SECONDS = 3_600.0
_seen: dict[str, tuple[float, ApiKey]] = {}


def create(user, name: str, scopes, *, secret: str | None = None) -> tuple[ApiKey, str]:
    """Make a key of this user and return it with its text, which is kept nowhere."""
    secret = secret or f"cf_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        user=user, name=name, scopes=sorted(set(scopes)), prefix=secret[:8], secret_hash=_hash(secret)
    )
    return key, secret


def find(secret: str) -> ApiKey | None:
    """The usable key with this text.

    With the database away, a key that this process saw usable in the last REMEMBERED_SECONDS still counts, so that
    events go on into the stream. Raises the database's error for any other key.
    """
    secret_hash = _hash(secret)
    try:
        key = ApiKey.objects.usable(timezone.now()).select_related("user").filter(secret_hash=secret_hash).first()
    except (OperationalError, InterfaceError) as error:
        if not is_database_away(error):
            raise
        seen_at, key = _seen.get(secret_hash, (float("-inf"), None))
        if time.monotonic() - seen_at > REMEMBERED_SECONDS:
            raise
        return key
    if key is None:
        _seen.pop(secret_hash, None)
    else:
        _seen[secret_hash] = time.monotonic(), key
    return key


def revoke(key: ApiKey) -> bool:
    """Make the key useless from now on; False when it already was."""
    return bool(ApiKey.objects.unrevoked().filter(pk=key.pk).update(revoked_at=timezone.now()))


def _hash(secret: str) -> str:
    # A key is 256 random bits, so a plain hash is enough: there is no dictionary to try.
    return hashlib.sha256(secret.encode()).hexdigest()
