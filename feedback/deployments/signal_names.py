"""The names of a deployment's ratings and labels, of which there are few: each is a series of its own."""

import structlog
from django.db import DatabaseError, connection, transaction

from feedback.advisory_locks import AdvisoryLock
from feedback.models import KnownName

log = structlog.get_logger(__name__)
MOST_NAMES = 50
_FIELD = "signal_name"
# A process forgets all of them when it has met more, so that the cache is bounded.
_MOST_CACHED = 10_000
_known: set[tuple[str, str]] = set()


def is_admitted(deployment_id: str, name: str) -> bool:
    """Whether signals of this deployment may have this name: one of the first MOST_NAMES that it used.

    While the database is unavailable every name is, so that signals still reach the stream.
    """
    if (deployment_id, name) in _known:
        return True
    try:
        admitted = _is_there(deployment_id, name) or _learn(deployment_id, name)
    except DatabaseError as error:
        log.warning("signal_names_not_read", error=type(error).__name__)
        return True
    if admitted:
        if len(_known) >= _MOST_CACHED:
            _known.clear()
        _known.add((deployment_id, name))
    return admitted


def _is_there(deployment_id: str, name: str) -> bool:
    return _names(deployment_id).filter(name=name).exists()


def _learn(deployment_id: str, name: str) -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        # Of two processes with new names the second sees the first one's.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.SIGNAL_NAMES])
        if _is_there(deployment_id, name):
            return True
        if _names(deployment_id).count() >= MOST_NAMES:
            return False
        KnownName.objects.create(deployment_id=deployment_id, field=_FIELD, name=name)
    return True


def _names(deployment_id: str):
    return KnownName.objects.filter(deployment_id=deployment_id, field=_FIELD)


def forget() -> None:
    """Ask the database again at the next use."""
    _known.clear()
