"""The ledger records the outcome of every accepted item: stored, duplicate, sampled out or rejected."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import redis
from django.db.models import Sum

from feedback.ingestion import stream
from feedback.models import IngestBatch

COUNTS = ("accepted", "stored", "duplicate", "sampled_out", "rejected", "invalid")


@dataclass(frozen=True)
class BatchCounts:
    """accepted = stored + duplicate + sampled_out + rejected + pending; invalid items were never accepted."""

    batch_id: UUID
    accepted: int
    stored: int
    duplicate: int
    sampled_out: int
    rejected: int
    invalid: int
    pending: int
    deployments: frozenset[str]


@dataclass(frozen=True)
class ItemTotals:
    """Counts over many requests, as far as they are written."""

    written: int
    stored: int
    duplicate: int
    sampled_out: int
    rejected: int


def counts_of(batch_id: UUID) -> BatchCounts | None:
    """The counts of one request, or None for an unknown id. While the stream is unavailable, only the ledger is read.
    Raises the stream's error when it has no row.
    """
    # The stream first: an entry leaves it only after its ledger rows are there, which come all at once.
    try:
        waiting = stream.pending(batch_id)
    except (redis.ConnectionError, redis.TimeoutError):
        written = _written(batch_id)
        if not written:
            raise
        return _counts(batch_id, written, {}, {})
    written = _written(batch_id)
    if not written and not any(waiting.values()):
        return None
    return _counts(batch_id, written, waiting["accepted"], waiting["invalid"])


def _written(batch_id: UUID) -> dict[str, dict[str, int]]:
    """The ledger rows of a request: {deployment: counts}."""
    rows = IngestBatch.objects.filter(batch_id=batch_id).values("deployment_id", *COUNTS)
    return {row["deployment_id"]: row for row in rows}


def _counts(batch_id: UUID, written, accepted: dict[str, int], invalid: dict[str, int]) -> BatchCounts:
    total = {name: sum(row[name] for row in written.values()) for name in COUNTS}
    pending = sum(n for deployment_id, n in accepted.items() if deployment_id not in written)
    total["accepted"] += pending
    total["invalid"] += sum(n for deployment_id, n in invalid.items() if deployment_id not in written)
    deployments = frozenset({*written, *accepted, *invalid})
    return BatchCounts(batch_id=batch_id, pending=pending, deployments=deployments, **total)


def totals_of(batch_ids: Sequence[UUID]) -> ItemTotals:
    """The ledger's totals of these requests, without pending items."""
    sums = IngestBatch.objects.filter(batch_id__in=batch_ids).aggregate(
        written=Sum("accepted", default=0),
        **{name: Sum(name, default=0) for name in ("stored", "duplicate", "sampled_out", "rejected")},
    )
    return ItemTotals(**sums)
