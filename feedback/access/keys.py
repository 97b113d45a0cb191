"""API keys: created and shown once, stored as a hash."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import cache

import structlog
from django.contrib.auth import get_user_model
from django.db import Error, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from feedback.choices import KeyState, Scope
from feedback.deployments.policies import is_valid_id
from feedback.field_errors import printable
from feedback.models import ApiKey
from feedback.stores.connection_loss import is_database_unavailable

log = structlog.get_logger(__name__)
REMEMBERED_SECONDS = 3_600.0
NOTED_SECONDS = 60
MAX_DAYS = 3_650
_seen: dict[str, tuple[float, ApiKey]] = {}


class InvalidKey(ValueError):
    """A key that cannot be created, and the field at fault."""

    def __init__(self, field: str, message: str):
        super().__init__(message)
        self.field = field


class KeyRejected(Exception):
    """The text belongs to no usable key."""


def check(*, scopes: Collection[str], deployments: Collection[str], is_public: bool) -> None:
    """Raise InvalidKey for rights that no key may have."""
    if Scope.TRAIN in scopes:
        message = "A key with the scope train is bound to one training run: it is made when the run starts."
        raise InvalidKey("scopes", message)
    if is_public and set(scopes) != {Scope.SIGNALS}:
        raise InvalidKey("scopes", "A public key may only send signals: choose the scope signals and no other.")
    for name in deployments:
        if not is_valid_id(name):
            message = f"{printable(name)} is not a deployment id: 1 to 255 characters of A-Z a-z 0-9 . _ : -"
            raise InvalidKey("deployments", message)


def expiry(days: int | None) -> datetime | None:
    """The time this many days from now, or None for no expiry. Raises InvalidKey."""
    if days is None:
        return None
    if not 1 <= days <= MAX_DAYS:
        raise InvalidKey("expires_days", f"A key expires after 1 to {MAX_DAYS:,} days, or never.")
    return timezone.now() + timedelta(days=days)


def create(
    user,
    name: str,
    scopes: Collection[str],
    *,
    deployments: Collection[str] = (),
    is_public: bool = False,
    may_create_deployments: bool = True,
    expires_at: datetime | None = None,
    secret: str | None = None,
) -> tuple[ApiKey, str]:
    """Create a key for this user and return it with its text, which is not stored. Raises InvalidKey."""
    check(scopes=scopes, deployments=deployments, is_public=is_public)
    secret = secret or f"cf_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        user=user,
        name=name,
        scopes=sorted(set(scopes)),
        deployments=sorted(set(deployments)),
        is_public=is_public,
        may_create_deployments=may_create_deployments,
        expires_at=expires_at,
        prefix=secret[:8],
        secret_hash=_hash(secret),
    )
    return key, secret


def create_for_run(user, name: str, deployment_id: str, secret_of: Callable[[int], str]) -> ApiKey:
    """Create the key of one training run; secret_of: gives its text from its id."""
    with transaction.atomic():
        key = ApiKey(user=user, name=name, scopes=[Scope.TRAIN], deployments=[deployment_id])
        key.may_create_deployments = False
        key.secret_hash = _hash(secrets.token_urlsafe(32))  # until its id is known
        key.save()
        secret = secret_of(key.pk)
        key.prefix, key.secret_hash = secret[:8], _hash(secret)
        key.save(update_fields=["prefix", "secret_hash"])
    return key


def is_secret_of(key: ApiKey, secret: str) -> bool:
    """Whether this is the text of a key that is still usable."""
    return state(key) == KeyState.USABLE and hmac.compare_digest(key.secret_hash, _hash(secret))


def find(secret: str) -> ApiKey | None:
    """The usable key with this text, or None."""
    try:
        return usable(secret)
    except KeyRejected:
        return None


def usable(secret: str) -> ApiKey:
    """The usable key with this text. Raises KeyRejected with the reason. While the database is unavailable, a key that
    this process saw usable in the last REMEMBERED_SECONDS still counts until it expires, so that events still reach the
    stream. For any other key the database's error is raised.
    """
    secret_hash = _hash(secret)
    try:
        key = _read(secret_hash)
    except (OperationalError, InterfaceError) as error:
        if not is_database_unavailable(error):
            raise
        seen_at, key = _seen.get(secret_hash, (float("-inf"), None))
        if time.monotonic() - seen_at > REMEMBERED_SECONDS:
            raise
        _reject_unusable(key)
        return key
    if key is None or not hmac.compare_digest(key.secret_hash, secret_hash):
        _seen.pop(secret_hash, None)
        raise KeyRejected("This API key does not exist. Create one with create_api_key or in the console.")
    try:
        _reject_unusable(key)
    except KeyRejected:
        _seen.pop(secret_hash, None)
        raise
    _seen[secret_hash] = time.monotonic(), key
    _note_use(key)
    return key


@cache
def _statement() -> tuple[str, list[str], list[str]]:
    """The SQL of one key with its user, and the fields of both. Every request runs it, and building it took longest."""
    user = get_user_model()
    key_fields, user_fields = ([field.attname for field in model._meta.concrete_fields] for model in (ApiKey, user))
    columns = [f'key."{name}"' for name in key_fields] + [f'owner."{name}"' for name in user_fields]
    sql = f"""
        SELECT {", ".join(columns)} FROM {ApiKey._meta.db_table} AS key
        JOIN {user._meta.db_table} AS owner ON owner.id = key.user_id WHERE key.secret_hash = %s
    """
    return sql, key_fields, user_fields


def _read(secret_hash: str) -> ApiKey | None:
    sql, key_fields, user_fields = _statement()
    with connection.cursor() as cursor:
        cursor.execute(sql, [secret_hash])
        row = cursor.fetchone()
    if row is None:
        return None
    key = ApiKey.from_db(connection.alias, key_fields, row[: len(key_fields)])
    key.user = get_user_model().from_db(connection.alias, user_fields, row[len(key_fields) :])
    return key


def state(key: ApiKey) -> KeyState:
    """Whether this key is usable, and if not, why."""
    if key.revoked_at is not None:
        return KeyState.REVOKED
    if key.expires_at is not None and key.expires_at <= timezone.now():
        return KeyState.EXPIRED
    return KeyState.USABLE if key.user.is_active else KeyState.USER_INACTIVE


def _reject_unusable(key: ApiKey) -> None:
    match state(key):
        case KeyState.REVOKED:
            raise KeyRejected("This API key was revoked.")
        case KeyState.EXPIRED:
            raise KeyRejected(f"This API key expired at {key.expires_at:%Y-%m-%d %H:%M} UTC.")
        case KeyState.USER_INACTIVE:
            raise KeyRejected("The user of this API key is inactive.")


def _note_use(key: ApiKey) -> None:
    """Record when the key was used, at most once in NOTED_SECONDS; a failure never fails the request."""
    now = timezone.now()
    since = now - timedelta(seconds=NOTED_SECONDS)
    if key.last_used_at is not None and key.last_used_at >= since:
        return
    try:
        ApiKey.objects.unused_since(since).filter(pk=key.pk).update(last_used_at=now)
    except Error as error:
        log.warning("key_use_not_noted", key=key.pk, error=type(error).__name__)


def revoke(key: ApiKey) -> bool:
    """Revoke the key; False if it was already revoked."""
    return bool(ApiKey.objects.unrevoked().filter(pk=key.pk).update(revoked_at=timezone.now()))


def _hash(secret: str) -> str:
    # A key is 256 random bits, so a plain hash is enough: there is no dictionary to try.
    return hashlib.sha256(secret.encode()).hexdigest()
