"""Fills the table of evidence from the queue of touched events."""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence

import pyarrow as pa
import structlog
from django.db import transaction

from feedback.evidence import posterior
from feedback.evidence.arrays import vote_arrays
from feedback.evidence.keeping import rows, snapshots
from feedback.evidence.keeping.gathering import Known, gather
from feedback.evidence.keeping.locking import lock_evidence
from feedback.evidence.keeping.snapshots import Scores
from feedback.models import Evidence, TouchedEvent

log = structlog.get_logger(__name__)
BATCH = 2_000
_LARGE_BATCH = 10_000


def work_off(deployment_id: str | None = None) -> int:
    """Compute the evidence of all touched events, of one deployment or of all; return how many rows were worked off.

    Batches are transactions of their own; a process that dies leaves its batch in the queue.
    """
    done = 0
    while count := _work_off_some(deployment_id):
        done += count
    if done:
        log.info("evidence_filled", touched=done, deployment_id=deployment_id or "")
    return done


def _work_off_some(deployment_id: str | None) -> int:
    with transaction.atomic():
        lock_evidence()
        queue = TouchedEvent.objects.order_by("pk")
        if deployment_id is not None:
            queue = queue.filter(deployment_id=deployment_id)
        touched = list(queue.values_list("pk", "event_id")[:BATCH])
        fill(sorted({str(event_id) for _, event_id in touched}))
        TouchedEvent.objects.filter(pk__in=[pk for pk, _ in touched]).delete()
    return len(touched)


def fill(event_ids: Sequence[str]) -> None:
    """Compute the evidence of these events; rows of events without any go. Call it with the lock of evidence."""
    if not event_ids:
        return
    found = gather(event_ids)
    by_deployment: defaultdict[str, list[Known]] = defaultdict(list)
    for known in found:
        by_deployment[known.deployment_id].append(known)
    for deployment_id, some in by_deployment.items():
        rows.write(_table(some, snapshots.scores_of(snapshots.current(deployment_id))))
    without = set(event_ids) - {known.event_id for known in found}
    Evidence.objects.filter(pk__among=without).delete()


def fill_in_batches(event_ids: Sequence[str], tell: Callable[[int], None] = lambda done: None) -> None:
    """The same for any number of events, in transactions of their own."""
    for start in range(0, len(event_ids), _LARGE_BATCH):
        with transaction.atomic():
            lock_evidence()
            fill(event_ids[start : start + _LARGE_BATCH])
        tell(min(start + _LARGE_BATCH, len(event_ids)))


def p_good(found: Sequence[Known], scores: Scores) -> list[float | None]:
    """The probability of each event under one snapshot; None without one."""
    votes = [known.votes for known in found]
    arrays = vote_arrays(
        [one.voters for one in votes],
        [one.ups for one in votes],
        [one.downs for one in votes],
        [known.gold for known in found],
    )
    values = scores.p_good([known.model_version_id for known in found], arrays).tolist()
    return [None if math.isnan(value) else value for value in values]


def _table(found: Sequence[Known], scores: Scores) -> pa.Table:
    ups, downs = [known.votes.up for known in found], [known.votes.down for known in found]
    columns = {
        **{name: [getattr(known, name) for known in found] for name in _OF_EVENTS},
        **{name: [rows.as_text(getattr(known.votes, name)) for known in found] for name in ("voters", "ups", "downs")},
        "state": [known.votes.state.value for known in found],
        "gold": [rows.as_text(known.gold) for known in found],
        "up": ups,
        "down": downs,
        "users": [len(known.votes.voters) for known in found],
        "approval": [None if math.isnan(mean) else mean for mean in posterior.approval_mean(ups, downs).tolist()],
        "p_good": p_good(found, scores),
        "snapshot_id": [scores.snapshot_id] * len(found),
    }
    return pa.table([pa.array(columns[field.name], field.type) for field in rows.WRITTEN], schema=rows.WRITTEN)


_OF_EVENTS = (
    *("event_id", "deployment_id", "model_version_id", "prompt_version", "experiment", "occurred_at"),
    *("weights_version", "answer_key"),
)
