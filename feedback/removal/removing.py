"""Removes events from the store and their counts from the rollups, exactly once."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from feedback.choices import ItemKind, SignalState, SignalType
from feedback.embeddings import sampling
from feedback.ingestion.writing import claims
from feedback.measures import measuring
from feedback.models import RejectedItem, StoreClaim
from feedback.rollups import deltas
from feedback.scores import recording
from feedback.stores import event_store, locks, tool_lists
from feedback.stores.base import SignalChange, SignalFilter


@dataclass(frozen=True)
class Removed:
    events: set[str] = field(default_factory=set)
    signals: int = 0
    rejected_items: int = 0


def remove_events(event_ids: Sequence[UUID | str]) -> Removed:
    """Delete events with their scores, signals and vectors, rejected copies too, and subtract them from the rollups."""
    store = event_store()
    with transaction.atomic():
        # First, so that no score comes and no signal becomes live between what is read and what is deleted.
        locks.lock_scores()
        if not store.shares_transaction:
            recording.finish()
        locks.lock_signals()
        contribution = deltas.contribution_of(event_ids)
        declared = tool_lists.declared_by(event_ids)
        if store.shares_transaction:
            removed, signals = store.remove_events(event_ids)
        else:
            removed = claims.claim_removal(ItemKind.EVENT, contribution.measured.ids)
        deltas.subtract(contribution.only(removed))
        rejected = RejectedItem.objects.about_events(removed).delete()[0]
    if not store.shares_transaction:
        signals = _finish_events(removed)
    sampling.leave_sample(removed)
    tool_lists.remove_unused(declared)
    return Removed(removed, signals, rejected)


def remove_signals(signal_ids: Sequence[UUID | str]) -> int:
    """Delete signals and subtract those that were live; return how many there were."""
    store = event_store()
    with transaction.atomic():
        locks.lock_signals()
        if not store.shares_transaction:
            signal_ids = claims.claim_removal(ItemKind.SIGNAL, signal_ids)
        columns = ["id", "event_id", "type"]
        live = store.scan_signals(SignalFilter(ids=sorted(map(str, signal_ids))), columns).read_all().to_pylist()
        changes = [SignalChange(row["id"], row["event_id"], SignalType(row["type"]), -1) for row in live]
        deltas.add_signals(changes, measuring.placed([]))
        if store.shares_transaction:
            return store.remove_signals(signal_ids)
    return _finish_signals(signal_ids)


def remove_waiting_signals(signal_ids: Sequence[UUID | str]) -> int:
    """Delete those of these signals that still wait for their event; return how many that were."""
    store = event_store()
    with transaction.atomic():
        locks.lock_signals()
        where = SignalFilter(ids=signal_ids, state=SignalState.WAITING)
        return store.remove_signals(store.scan_signals(where, ["id"]).read_all()["id"].to_pylist())


def _finish_events(event_ids: AbstractSet[str]) -> int:
    _, signals = event_store().remove_events(sorted(event_ids))
    StoreClaim.objects.for_removal(ItemKind.EVENT).filter(item_id__in=event_ids).delete()
    return signals


def _finish_signals(signal_ids: AbstractSet[str]) -> int:
    removed = event_store().remove_signals(sorted(signal_ids))
    StoreClaim.objects.for_removal(ItemKind.SIGNAL).filter(item_id__in=signal_ids).delete()
    return removed


def finish_removals() -> None:
    """Delete what an interrupted attempt subtracted but did not delete."""
    for kind, finish in ((ItemKind.EVENT, _finish_events), (ItemKind.SIGNAL, _finish_signals)):
        left = StoreClaim.objects.for_removal(kind).values_list("item_id", flat=True)
        if ids := {str(item_id) for item_id in left}:
            finish(ids)
