"""What the database records of written items besides the store: ledger, rollups, hourly samples, rejections."""

from collections.abc import Mapping, Sequence

from feedback.choices import ItemKind
from feedback.deployments import check_failures, policies
from feedback.embeddings import sampling
from feedback.evidence.keeping import audits
from feedback.evidence.keeping.touching import touch
from feedback.flagging import keeping as flags
from feedback.ingestion.admitting import declared_tools
from feedback.ingestion.stream import Entry
from feedback.ingestion.writers import HEARTBEAT_SECONDS
from feedback.ingestion.writing import appending, bookkeeping, claims, owners, reason_counts, rejections
from feedback.ingestion.writing.preparing import Prepared
from feedback.models import Deployment
from feedback.rollups import deltas
from feedback.scores import waiting
from feedback.stores import event_store, locks, tool_lists
from feedback.stores.schema import Row


def open_entries(entries: Sequence[Entry]) -> list[Entry]:
    """Claim the ledger rows of these entries; return the entries not written before."""
    locks.end_if_idle(HEARTBEAT_SECONDS)
    return bookkeeping.open_batches(entries)


def count(entries: Sequence[Entry], prepared: Mapping[ItemKind, Prepared]) -> None:
    """Count the items of entries in the rollups, the sample of their hours and the ledger, attach signals, and have
    scores wait for their events.
    """
    events, signals = prepared[ItemKind.EVENT], prepared[ItemKind.SIGNAL]
    stored = [row for item_id, row in events.rows.items() if item_id in events.stored]
    if stored:
        names = sorted({row["deployment_id"] for row in stored})
        Deployment.objects.bulk_create([Deployment(id=name) for name in names], ignore_conflicts=True)
        deltas.add(events.measured.only(events.stored))
        tool_lists.keep(declared_tools.lists_of(stored))
        sampling.join_sample(stored)
        waiting.keep_of_events(stored)
        flags.keep(stored, events.flags)
        check_failures.add(stored, events.scores)
        _choose_audits(names, stored)
    if events.stored or signals.stored:
        _attach_signals(entries, events, signals.stored)
    scores = prepared[ItemKind.SCORE]
    appending.append_scores(scores, scores.left({entry.batch_id for entry in entries}))
    close(entries, prepared)


def _choose_audits(deployment_ids: Sequence[str], events: Sequence[Row]) -> None:
    for name in deployment_ids:
        policy = policies.policy_of(name)
        if policy.audit_rate:
            own = (event for event in events if event["deployment_id"] == name)
            audits.choose(own, salt=policy.audit_salt, rate=policy.audit_rate)


def _attach_signals(entries: Sequence[Entry], events: Prepared, signal_ids: set[str]) -> None:
    store = event_store()
    # A database rechecks a row before it changes it; another store might attach one signal to two events.
    locks.lock_signals(shared=store.shares_transaction and not signal_ids)
    uncounted = frozenset() if store.shares_transaction else claims.of_others([entry.batch_id for entry in entries])
    changes = store.attach_signals(
        events.stored, signal_ids, uncounted=uncounted, uncollected=frozenset(policies.uncollected())
    )
    deltas.add_signals(changes, events.measured.only(events.stored))
    touch((change.event_id, change.deployment_id) for change in changes)
    flags.follow_edits(changes)


def close(entries: Sequence[Entry], prepared: Mapping[ItemKind, Prepared]) -> None:
    """Store the rejected items, close the ledger rows and count the reasons of rejections."""
    rejections.keep(entries, {kind: of_kind.rejected for kind, of_kind in prepared.items()})
    in_use = bookkeeping.close_batches(
        entries, {kind: _outcome(kind, entries, of_kind) for kind, of_kind in prepared.items()}
    )
    reason_counts.add(entries, in_use)


def _outcome(kind: ItemKind, entries: Sequence[Entry], prepared: Prepared) -> bookkeeping.WriteOutcome:
    scores = {item_id: prepared.score_of(item_id) for item_id in prepared.stored}
    owners_of = owners.of_items(kind, entries, prepared)
    return bookkeeping.WriteOutcome(scores, frozenset(prepared.rejected), owners_of)
