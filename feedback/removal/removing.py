"""Removes events from the store and their counts from the rollups, exactly once."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.db import transaction

from feedback.choices import ItemKind, SignalState
from feedback.embeddings import sampling
from feedback.evidence.keeping.removing import forget_events
from feedback.evidence.keeping.touching import touch
from feedback.flagging import keeping as flags
from feedback.human_scores import removing as human_scores
from feedback.ingestion.writing import claims
from feedback.judging import removing as judgements
from feedback.measures import measuring
from feedback.models import RejectedItem, StoreClaim
from feedback.rollups import deltas
from feedback.rollups.signals.live import live_signals
from feedback.scores import recording, waiting
from feedback.stores import event_store, locks, tool_lists
from feedback.stores.base import EventFilter, SignalChange, SignalFilter
from feedback.stores.schema import Row


@dataclass(frozen=True)
class Removed:
    events: set[str] = field(default_factory=set)
    signals: int = 0
    rejected_items: int = 0


def remove_events(event_ids: Sequence[UUID | str]) -> Removed:
    """Delete events with their scores, signals and vectors, rejected copies too, and subtract them from the rollups.

    Signals about a session go with its last event.
    """
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
            signals = _remove_signals_of_ending_sessions(event_ids)
            removed, with_events = store.remove_events(event_ids)
            signals += with_events
        else:
            removed = claims.claim_removal(ItemKind.EVENT, contribution.measured.ids)
        deltas.subtract(contribution.only(removed))
        forget_events(removed)
        flags.forget_events(removed)
        waiting.forget_events(removed)
        judgements.forget_events(removed)
        human_scores.forget_events(removed)
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
        # Before they are claimed, and with it no longer count as live.
        live = _live_beside(signal_ids)
        if not store.shares_transaction:
            signal_ids = claims.claim_removal(ItemKind.SIGNAL, signal_ids)
        leaving = set(map(str, signal_ids))
        changes = [replace(one, sign=-1 if one.signal_id in leaving else 0) for one in live]
        deltas.add_signals(changes, measuring.placed([]))
        touch((one.event_id, one.deployment_id) for one in changes)
        flags.follow_edits(changes)
        if store.shares_transaction:
            return store.remove_signals(signal_ids)
    return _finish_signals(signal_ids)


def _live_beside(signal_ids: Sequence[UUID | str]) -> list[SignalChange]:
    """The live signals of the events that these live signals are about."""
    about = event_store().scan_signals(SignalFilter(ids=sorted(map(str, signal_ids))), ["event_id"])
    return live_signals(sorted(set(about.read_all()["event_id"].to_pylist())))


def remove_waiting_signals(signal_ids: Sequence[UUID | str]) -> int:
    """Delete those of these signals that still wait for their event; return how many that were."""
    store = event_store()
    with transaction.atomic():
        locks.lock_signals()
        where = SignalFilter(ids=signal_ids, state=SignalState.WAITING)
        return store.remove_signals(store.scan_signals(where, ["id"]).read_all()["id"].to_pylist())


def _finish_events(event_ids: AbstractSet[str]) -> int:
    # First: once the events are gone, nothing leads to their sessions.
    signals = _remove_signals_of_ending_sessions(sorted(event_ids))
    signals += event_store().remove_events(sorted(event_ids))[1]
    with transaction.atomic():
        # Once more, as evidence may have been filled before they went.
        forget_events(event_ids)
        judgements.forget_events(event_ids)
        flags.forget_events(event_ids)
        human_scores.forget_events(event_ids)
    StoreClaim.objects.for_removal(ItemKind.EVENT).filter(item_id__in=event_ids).delete()
    return signals


def _remove_signals_of_ending_sessions(event_ids: Sequence[UUID | str]) -> int:
    """Delete the signals about sessions that have no event but these. They are never live, so no rollup has them."""
    store = event_store()
    columns = ["deployment_id", "session_hash"]
    leaving = Counter(map(_session, store.scan(EventFilter(ids=event_ids), columns).read_all().to_pylist()))
    about: dict[tuple[str, str], list[str]] = defaultdict(list)
    if hashes := sorted({session_hash for _, session_hash in leaving if session_hash}):
        where = SignalFilter(session_hashes=hashes, state=None)
        for row in store.scan_signals(where, ["id", *columns]).read_all().to_pylist():
            about[_session(row)].append(row["id"])
    ended = [session for session in about if session in leaving and _events(session, leaving[session]) == 0]
    return store.remove_signals([signal_id for session in ended for signal_id in about[session]]) if ended else 0


def _session(row: Row) -> tuple[str, str]:
    return row["deployment_id"], row["session_hash"]


def _events(session: tuple[str, str], leaving: int) -> int:
    """How many events a session keeps, at most one of them counted, once these have left."""
    where = EventFilter(deployment_id=session[0], session_hash=session[1])
    return event_store().count(where, at_most=leaving + 1) - leaving


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
