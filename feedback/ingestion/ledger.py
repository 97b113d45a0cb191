"""Of every accepted item the ledger says what became of it: stored, duplicate, sampled out or rejected."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import redis
from django.db import connection
from django.db.models import Sum

from feedback.choices import ItemKind
from feedback.ingestion import stream
from feedback.ingestion.stream import Entry
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


_OPEN = """
    INSERT INTO feedback_ingestbatch
        (batch_id, deployment_id, accepted, stored, duplicate, sampled_out, rejected, invalid, received_at, written_at)
    SELECT batch_id, deployment_id, accepted, 0, accepted, 0, 0, invalid, received_at, now()
    FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::int[], %s::timestamptz[])
        AS row (batch_id, deployment_id, accepted, invalid, received_at)
    ORDER BY batch_id, deployment_id
    ON CONFLICT DO NOTHING RETURNING batch_id
"""
_CLOSE = """
    UPDATE feedback_ingestbatch AS batch
    SET stored = row.stored, rejected = row.rejected, duplicate = batch.accepted - row.stored - row.rejected
    FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::int[]) AS row (batch_id, deployment_id, stored, rejected)
    WHERE batch.batch_id = row.batch_id AND batch.deployment_id = row.deployment_id
"""


@dataclass(frozen=True)
class Totals:
    """Counts over many requests, as far as they are written."""

    written: int
    stored: int
    duplicate: int
    sampled_out: int
    rejected: int


def open_batches(entries: Sequence[Entry]) -> list[Entry]:
    """Claim the ledger rows of these entries and return the entries that no one wrote before.

    A second writer with the same entry waits here for the first one's transaction to end.
    """
    rows = []
    for entry in entries:
        accepted, received_at = entry.accepted(), datetime.fromtimestamp(entry.received_at, UTC)
        for name in {*accepted, *entry.invalid}:
            rows.append((entry.batch_id, name, accepted[name], entry.invalid.get(name, 0), received_at))
    fresh = {row[0] for row in _execute(_OPEN, rows)}
    return [entry for entry in entries if entry.batch_id in fresh]


def close_batches(entries: Sequence[Entry], outcomes: dict[ItemKind, tuple[set[str], set[str]]]) -> None:
    """Write the counts. Of an id that several entries carry, the first entry's item is the one stored."""
    spent: set[tuple[ItemKind, str]] = set()
    stored_by: Counter[tuple[UUID, str]] = Counter()
    rejected_by: Counter[tuple[UUID, str]] = Counter()
    for entry in entries:
        stored, refused = outcomes[entry.kind]
        for row in entry.rows:
            batch = entry.batch_id, row["deployment_id"]
            if row["id"] in refused:
                rejected_by[batch] += 1
            elif row["id"] in stored and (entry.kind, row["id"]) not in spent:
                stored_by[batch] += 1
            spent.add((entry.kind, row["id"]))
    batches = stored_by.keys() | rejected_by.keys()
    _execute(_CLOSE, [(*batch, stored_by[batch], rejected_by[batch]) for batch in batches], returns=False)


def _execute(sql: str, rows: list[tuple], *, returns: bool = True) -> list[tuple]:
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(column) for column in zip(*rows, strict=True)])
        return cursor.fetchall() if returns else []


def counts_of(batch_id: UUID) -> BatchCounts | None:
    """The counts of one request, or None for an id that no request was given.

    With the stream away the ledger alone answers. Raises the stream's error when it has no row.
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
    if not written and not waiting["accepted"]:
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
    return BatchCounts(batch_id=batch_id, pending=pending, **total)


def totals_of(batch_ids: Sequence[UUID]) -> Totals:
    """What the ledger says of these requests together; what is still pending is not in it."""
    sums = IngestBatch.objects.filter(batch_id__in=batch_ids).aggregate(
        written=Sum("accepted", default=0),
        **{name: Sum(name, default=0) for name in ("stored", "duplicate", "sampled_out", "rejected")},
    )
    return Totals(**sums)
