"""The profiles that deployments chose, cached: scoring asks the database no question an event."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from feedback.choices import DEFAULT_PROFILE
from feedback.models import Deployment
from feedback.quality.checks.base import Context
from feedback.quality.own_checks import own_checks
from feedback.quality.profiles import PROFILES, choosing
from feedback.quality.profiles.base import Profile
from feedback.quality.profiles.choosing import STANDARD, Choice

log = structlog.get_logger(__name__)
REFRESH_SECONDS = 2.0


@dataclass
class _Known:
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    read_at: float | None = None
    tried_at: float = field(default=-REFRESH_SECONDS)


_known = _Known()


def profiles() -> Mapping[str, Profile]:
    """By deployment, the profiles that are not the default one, at most REFRESH_SECONDS old.

    While the database is unavailable the last known ones hold; a process that never read any raises the error.
    """
    if time.monotonic() - _known.tried_at >= REFRESH_SECONDS:
        _known.tried_at = time.monotonic()
        try:
            _known.profiles = _read()
            _known.read_at = _known.tried_at
        except (DatabaseError, InterfaceError) as error:
            if not connection.in_atomic_block:
                connection.close()
            if _known.read_at is None:
                forget()
                raise
            log.warning("quality_profiles_not_read", error=type(error).__name__)
    return _known.profiles


def profile_of(deployment_id: str) -> Profile:
    """The profile by which a deployment's events are scored."""
    return profiles().get(deployment_id) or PROFILES[DEFAULT_PROFILE]


def made(document: Mapping[str, Any] | None) -> Profile:
    """The profile of a stored choice. Raises msgspec.ValidationError for one that an earlier version cannot read."""
    return choosing.profile_of(choice_of(document), own_checks(), bounds())


def choice_of(document: Mapping[str, Any] | None) -> Choice:
    """A stored choice. Raises msgspec.ValidationError."""
    return STANDARD if document is None else msgspec.convert(document, Choice)


def bounds() -> Context:
    """The installation's bounds of an ordinary response."""
    return Context(settings.QUALITY_MIN_LENGTH, settings.QUALITY_MAX_LENGTH)


def forget() -> None:
    """Read the choices again at the next use."""
    _known.tried_at, _known.read_at = -REFRESH_SECONDS, None


def _read() -> dict[str, Profile]:
    found = {}
    for deployment_id, document in Deployment.objects.with_quality_profile():  # type: ignore[attr-defined]
        try:
            found[deployment_id] = made(document)
        except (msgspec.ValidationError, KeyError) as error:
            # Stored by a later version: the default profile scores until the choice can be read again.
            log.error("quality_profile_unreadable", deployment=deployment_id, error=type(error).__name__)
    return found
