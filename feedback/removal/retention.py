"""Deletes events and signals past their deployment's retention, and the oldest ledger rows; rollups and copies stay."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice

import structlog
from django.conf import settings
from django.db.models.functions import Greatest
from django.utils import timezone

from feedback.choices import SignalState
from feedback.deployments.rules import MAX_RETENTION_DAYS
from feedback.embeddings import sampling
from feedback.evidence.keeping.removing import forget_events_before
from feedback.flagging import keeping as flags
from feedback.human_scores import removing as human_scores
from feedback.judging import removing as judgements
from feedback.models import Deployment, IngestBatch, RejectedItem, RejectionReason
from feedback.removal import removing
from feedback.scores import waiting
from feedback.stores import event_store, tool_lists
from feedback.stores.base import Paging, SignalFilter

log = structlog.get_logger(__name__)

BATCH = 2_000


@dataclass
class DeletedRows:
    events: int = 0
    signals: int = 0
    rejected_items: int = 0
    waiting_scores: int = 0

    def __bool__(self):
        return any(asdict(self).values())


def purge() -> None:
    """Delete all expired rows, in batches with one transaction each; a second run continues."""
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
    # No date lies two thousand million days back.
    return now - timedelta(days=min(days, MAX_RETENTION_DAYS))


def _tell(deployment_id: str, purged: DeletedRows) -> None:
    if purged:
        log.info("retention_purged", deployment_id=deployment_id, **asdict(purged))


def _purge_deployment(deployment_id: str, cutoff: datetime) -> DeletedRows:
    # First, so that no one rebuilds the rollups from partly deleted events.
    Deployment.objects.filter(pk=deployment_id).update(purged_to=Greatest("purged_to", cutoff))
    removed = event_store().purge(deployment_id, cutoff)
    sampling.leave_sample_before(deployment_id, cutoff)
    forget_events_before(deployment_id, cutoff)
    flags.forget_events_before(deployment_id, cutoff)
    human_scores.forget_before(deployment_id, cutoff)
    if removed.events:
        tool_lists.remove_unused(tool_lists.seen_before(deployment_id, cutoff))
    scores = waiting.forget_before(deployment_id, cutoff)
    judgements.forget_before(deployment_id, cutoff)
    return DeletedRows(removed.events, removed.signals, _purge_rejected(deployment_id, cutoff), scores)


def _purge_unassigned(cutoff: datetime) -> DeletedRows:
    """Signals that name no deployment, once they have waited longer for their event than any deployment keeps one."""
    where = SignalFilter(deployment_id="", state=SignalState.WAITING, received_to=cutoff)
    signals = 0
    while ids := event_store().scan_signals(where, ["id"], Paging(limit=BATCH)).read_all()["id"].to_pylist():
        # One that was attached in the meantime goes with its event.
        signals += removing.remove_waiting_signals(ids)
    return DeletedRows(0, signals, _purge_rejected("", cutoff))


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
    removed = RejectionReason.objects.before(cutoff).delete()[0]
    while True:
        oldest = list(IngestBatch.objects.order_by("pk").values_list("pk", "written_at")[:BATCH])
        expired = [row_id for row_id, written_at in oldest if written_at < cutoff]
        removed += IngestBatch.objects.filter(pk__in=expired).delete()[0]
        if len(expired) < BATCH:
            return removed
