"""Compares evidence with what the store says, under the snapshot by which each row was scored."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from django.db import transaction

from feedback.evidence.keeping import filling, snapshots
from feedback.evidence.keeping.gathering import Known, gather
from feedback.evidence.keeping.locking import lock_evidence
from feedback.models import DeclaredScore, Evidence, EvidenceSnapshot, TouchedEvent
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging, SignalFilter

_BATCH = 10_000
_NEWEST = 2_000
_TOLERANCE = 1e-9


@dataclass
class Comparison:
    """How many events were compared, and the ids of those whose evidence differed."""

    events: int = 0
    differing: list[str] = field(default_factory=list)


def compare(event_ids: Sequence[str]) -> Comparison:
    """Recompute the evidence of these events; events that are still in the queue are left out."""
    with transaction.atomic():
        lock_evidence()
        waiting = set(
            map(str, TouchedEvent.objects.filter(event_id__among=event_ids).values_list("event_id", flat=True))
        )
        wanted = [event_id for event_id in event_ids if event_id not in waiting]
        held = {str(row.event_id): row for row in Evidence.objects.filter(pk__among=wanted)}
        found = {known.event_id: known for known in gather(wanted)}
        probabilities = _probabilities(found, held)
        differing = [
            event_id
            for event_id in sorted(held.keys() | found.keys())
            if not _agree(held.get(event_id), found.get(event_id), probabilities.get(event_id))
        ]
    return Comparison(len(held.keys() | found.keys()), differing)


def compare_newest() -> Comparison:
    """The same for the newest events with evidence of all deployments."""
    newest = Evidence.objects.newest_first().values_list("pk", flat=True)[:_NEWEST]
    return compare([str(event_id) for event_id in newest])


def rebuild(
    deployment_id: str, *, is_check: bool = False, tell: Callable[[int], None] = lambda done: None
) -> Comparison:
    """Compare the evidence of a deployment with its signals and gold scores; unless `is_check`, compute it again and
    fit its votes.
    """
    total = Comparison()
    for event_ids in _batches(deployment_id):
        if is_check:
            compared = compare(event_ids)
            total.differing += compared.differing
            total.events += compared.events
        else:
            filling.fill_in_batches(event_ids)
            total.events += len(event_ids)
        tell(total.events)
    if not is_check:
        snapshots.make(deployment_id)
    return total


def _batches(deployment_id: str) -> Iterator[list[str]]:
    """The ids of all events that have evidence or should have any, each once."""
    seen: set[str] = set()
    batch: list[str] = []
    for event_id in _ids(deployment_id):
        if event_id not in seen:
            seen.add(event_id)
            batch.append(event_id)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _ids(deployment_id: str) -> Iterator[str]:
    store, oldest = event_store(), Paging(newest_first=False, batch_size=10_000)
    for batch in store.scan_signals(SignalFilter(deployment_id=deployment_id), ["event_id"], oldest):
        yield from batch["event_id"].to_pylist()
    if DeclaredScore.objects.of_deployment(deployment_id).gold().exists():
        for batch in store.scan(EventFilter(deployment_id=deployment_id), ["id"], oldest):
            yield from batch["id"].to_pylist()
    held = Evidence.objects.of_deployment(deployment_id).values_list("pk", flat=True)
    yield from map(str, held.iterator(chunk_size=10_000))


def _probabilities(found: dict[str, Known], held: dict[str, Evidence]) -> dict[str, float | None]:
    """The probability of each event under the snapshot of its row."""
    by_snapshot: dict[int, list[Known]] = {}
    for event_id, known in found.items():
        if event_id in held and held[event_id].snapshot_id is not None:
            by_snapshot.setdefault(held[event_id].snapshot_id, []).append(known)
    probabilities: dict[str, float | None] = {}
    for snapshot in EvidenceSnapshot.objects.filter(pk__in=by_snapshot):
        some = by_snapshot[snapshot.pk]
        values = filling.p_good(some, snapshots.scores_of(snapshot))
        probabilities |= dict(zip((known.event_id for known in some), values, strict=True))
    return probabilities


def _agree(row: Evidence | None, known: Known | None, probability: float | None) -> bool:
    if row is None or known is None:
        return False
    votes = known.votes
    is_same = (row.deployment_id, row.state, row.weights_version, tuple(row.voters), row.users) == (
        known.deployment_id,
        votes.state,
        known.weights_version,
        votes.voters,
        len(votes.voters),
    )
    is_same = is_same and row.answer_key in (None, known.answer_key)
    held = (*row.ups, *row.downs, *row.gold, row.up, row.down, _number(row.p_good))
    computed = (*votes.ups, *votes.downs, *known.gold, votes.up, votes.down, _number(probability))
    is_same = is_same and len(held) == len(computed)
    return is_same and np.allclose(held, computed, rtol=0, atol=_TOLERANCE, equal_nan=True)


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
