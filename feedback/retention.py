"""Deletes what is older than its deployment keeps it, and the oldest ledger rows; rollups and copies stay."""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from feedback import removal
from feedback.models import Deployment, Event, IngestBatch, RejectedItem, Signal
from feedback.stores.base import EventFilter

log = structlog.get_logger(__name__)

BATCH = 2_000
PAUSE_SECONDS = 0.2
# No event is older than this, and no date lies two thousand million days back.
LONGEST_DAYS = 36_500


@dataclass
class Purged:
    events: int = 0
    signals: int = 0
    rejected_items: int = 0

    def __bool__(self):
        return any(asdict(self).values())


def purge() -> None:
    """Delete everything whose time has come, in batches of their own transactions; a second run goes on."""
    now = timezone.now()
    longest = 0
    for name, days in Deployment.objects.with_retention().order_by("pk").values_list("pk", "retention_days"):
        longest = max(longest, days)
        _tell(name, _purge_deployment(name, _before(now, days)))
    if longest:
        _tell("", _purge_unassigned(_before(now, longest)))
    if rows := _purge_ledger(_before(now, settings.LEDGER_RETENTION_DAYS)):
        log.info("retention_purged", ledger_rows=rows)


def _before(now: datetime, days: int) -> datetime:
    return now - timedelta(days=min(days, LONGEST_DAYS))


def _tell(deployment_id: str, purged: Purged) -> None:
    if purged:
        log.info("retention_purged", deployment_id=deployment_id, **asdict(purged))


def _purge_deployment(deployment_id: str, cutoff: datetime) -> Purged:
    purged = Purged()
    expired = Event.objects.matching(EventFilter(deployment_id=deployment_id, occurred_to=cutoff)).oldest_first()
    while event_ids := list(expired.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            removed = removal.remove_events(event_ids, from_rollups=False)
            purged.signals += removal.remove_signals_of(removed)
        purged.events += len(removed)
        if not removed:
            time.sleep(PAUSE_SECONDS)  # Another transaction holds all of them for the moment.
    waiting = Signal.objects.waiting().filter(deployment_id=deployment_id)
    purged.signals += _purge_waiting(waiting.occurred_before(cutoff))
    purged.rejected_items = _purge_rejected(deployment_id, cutoff)
    return purged


def _purge_unassigned(cutoff: datetime) -> Purged:
    """Signals that name no deployment, once they have waited longer for their event than any deployment keeps one."""
    waiting = Signal.objects.waiting().filter(deployment_id="")
    return Purged(0, _purge_waiting(waiting.received_before(cutoff)), _purge_rejected("", cutoff))


def _purge_waiting(expired) -> int:
    removed = 0
    for signal_ids in _batches(expired):
        with transaction.atomic():
            removal.lock_signals()
            # One that was attached in the meantime goes with its event.
            removed += Signal.objects.waiting().filter(pk__in=signal_ids).delete()[0]
    return removed


def _purge_rejected(deployment_id: str, cutoff: datetime) -> int:
    expired = RejectedItem.objects.rejected_before(cutoff).filter(deployment_id=deployment_id)
    return sum(RejectedItem.objects.filter(pk__in=item_ids).delete()[0] for item_ids in _batches(expired))


def _batches(rows) -> Iterator[list]:
    """The keys of these rows, BATCH at a time, from one pass over them."""
    keys = rows.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=BATCH)
    while batch := list(islice(keys, BATCH)):
        yield batch


def _purge_ledger(cutoff: datetime) -> int:
    """Rows are numbered as they are written, so the oldest come first and the first young one ends it."""
    removed = 0
    while True:
        oldest = list(IngestBatch.objects.order_by("pk").values_list("pk", "written_at")[:BATCH])
        expired = [row_id for row_id, written_at in oldest if written_at < cutoff]
        removed += IngestBatch.objects.filter(pk__in=expired).delete()[0]
        if len(expired) < BATCH:
            return removed
