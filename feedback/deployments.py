"""What ingestion must know of a deployment, without a query per event."""

import time
from dataclasses import dataclass, field

import structlog
from django.db import DatabaseError

from feedback.ingestion.items import DEPLOYMENT_ID
from feedback.models import Deployment

log = structlog.get_logger(__name__)
REFRESH_SECONDS = 2.0


@dataclass
class _Disabled:
    ids: frozenset[str] = frozenset()
    read_at: float = field(default=-REFRESH_SECONDS)


_disabled = _Disabled()


def is_valid_id(deployment_id: str) -> bool:
    return DEPLOYMENT_ID.fullmatch(deployment_id) is not None


def is_disabled(deployment_id: str) -> bool:
    """Whether this deployment refuses traffic, as known at most REFRESH_SECONDS ago.

    With the database away the last known answer holds: events go on into the stream.
    """
    if time.monotonic() - _disabled.read_at >= REFRESH_SECONDS:
        _disabled.read_at = time.monotonic()
        try:
            _disabled.ids = frozenset(Deployment.objects.filter(enabled=False).values_list("id", flat=True))
        except DatabaseError as error:
            log.warning("deployments_not_read", error=type(error).__name__)
    return deployment_id in _disabled.ids


def forget() -> None:
    """Read the deployments anew at the next question."""
    _disabled.read_at = -REFRESH_SECONDS
