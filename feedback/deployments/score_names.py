"""The names of an application's scores with their ranges, of which a deployment has few; read by ingestion."""

import re
import time
from dataclasses import dataclass

import structlog
from django.db import DatabaseError, InterfaceError, connection, transaction

from feedback.advisory_locks import AdvisoryLock
from feedback.choices import LABEL_FORM
from feedback.models import DeclaredScore

log = structlog.get_logger(__name__)
MOST_NAMES = 50
REFRESH_SECONDS = 2.0
_FORM = re.compile(LABEL_FORM)
# A process forgets all of them when it has met more, so that the cache is bounded.
_MOST_CACHED = 10_000


@dataclass(frozen=True)
class Range:
    """The lowest and the highest value of a score, both possible."""

    minimum: float = 0.0
    maximum: float = 1.0

    def __contains__(self, value: float) -> bool:
        return self.minimum <= value <= self.maximum

    def __str__(self) -> str:
        return f"{self.minimum:g} to {self.maximum:g}"


DEFAULT = Range()


@dataclass(frozen=True)
class _Read:
    """The ranges of a deployment's scores by name, as they were at a time."""

    ranges: dict[str, Range]
    at: float


_known: dict[str, _Read] = {}


def is_name(text: str) -> bool:
    """Whether a score may have this name."""
    return _FORM.fullmatch(text) is not None


def range_of(deployment_id: str, name: str) -> Range:
    """The range of this score, at most REFRESH_SECONDS old; a name that is not declared has the default.

    While the database is unavailable the last known ranges hold; a process that has never read them raises the
    database's error instead.
    """
    return _ranges(deployment_id).get(name, DEFAULT)


def is_admitted(deployment_id: str, name: str) -> bool:
    """Whether scores of this deployment may have this name: one that is declared, or new while there is room.

    While the database is unavailable every name may, so that scores still reach the stream.
    """
    if name in _ranges(deployment_id):
        return True
    try:
        admitted = _learn(deployment_id, name)
    except (DatabaseError, InterfaceError) as error:
        log.warning("score_names_not_read", error=type(error).__name__)
        return True
    if admitted:
        _known.pop(deployment_id, None)
    return admitted


def lock() -> None:
    """Keep others from adding names until the transaction ends: the second sees those of the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.SCORE_NAMES])


def forget() -> None:
    """Read the names again at the next use."""
    _known.clear()


def _ranges(deployment_id: str) -> dict[str, Range]:
    known = _known.get(deployment_id)
    if known is not None and time.monotonic() - known.at < REFRESH_SECONDS:
        return known.ranges
    try:
        ranges = _read(deployment_id)
    except (DatabaseError, InterfaceError) as error:
        if known is None:
            raise
        log.warning("score_names_not_read", error=type(error).__name__)
        ranges = known.ranges
    if len(_known) >= _MOST_CACHED:
        _known.clear()
    _known[deployment_id] = _Read(ranges, time.monotonic())
    return ranges


def _read(deployment_id: str) -> dict[str, Range]:
    rows = DeclaredScore.objects.of_deployment(deployment_id).values_list("name", "minimum", "maximum")
    return {name: Range(minimum, maximum) for name, minimum, maximum in rows}


def _learn(deployment_id: str, name: str) -> bool:
    with transaction.atomic():
        lock()
        names = set(DeclaredScore.objects.of_deployment(deployment_id).values_list("name", flat=True))
        if name not in names and len(names) >= MOST_NAMES:
            return False
        if name not in names:
            DeclaredScore.objects.create(deployment_id=deployment_id, name=name)
    return True
