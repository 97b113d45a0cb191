"""API keys: made once, shown once, kept as a hash."""

import hashlib
import secrets

from django.utils import timezone

from feedback.models import ApiKey


def create(user, name: str, scopes, *, secret: str | None = None) -> tuple[ApiKey, str]:
    """Make a key of this user and return it with its text, which is kept nowhere."""
    secret = secret or f"cf_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        user=user, name=name, scopes=sorted(set(scopes)), prefix=secret[:8], secret_hash=_hash(secret)
    )
    return key, secret


def find(secret: str) -> ApiKey | None:
    """The usable key with this text."""
    return ApiKey.objects.usable().select_related("user").filter(secret_hash=_hash(secret)).first()


def revoke(key: ApiKey) -> bool:
    """Make the key useless from now on; False when it already was."""
    return bool(ApiKey.objects.unrevoked().filter(pk=key.pk).update(revoked_at=timezone.now()))


def _hash(secret: str) -> str:
    # A key is 256 random bits, so a plain hash is enough: there is no dictionary to try.
    return hashlib.sha256(secret.encode()).hexdigest()
