"""The live signals of stored events, as far as they are counted."""

from collections.abc import Sequence
from dataclasses import fields
from uuid import UUID

from feedback.choices import SignalType
from feedback.models import StoreClaim
from feedback.stores import attaching, event_store
from feedback.stores.attaching import EventFacts, SignalFacts
from feedback.stores.base import EventFilter, SignalChange, SignalFilter

_FACTS = tuple(field.name for field in fields(SignalChange) if field.name not in ("signal_id", "sign"))
COLUMNS = ("id", *_FACTS)


def live_signals(event_ids: Sequence[UUID | str]) -> list[SignalChange]:
    """What adds all live signals of these events.

    Under the lock of signals it is exactly what is counted, also where a process died between a store outside of the
    database and its counts.
    """
    store = event_store()
    if not event_ids:
        return []
    if not store.shares_transaction and (claimed := _claimed()):
        return _without(claimed, event_ids)
    rows = store.scan_signals(SignalFilter(event_ids=event_ids), COLUMNS).read_all().to_pylist()
    return [
        SignalChange(row["id"], sign=1, **{name: row[name] for name in _FACTS} | {"type": SignalType(row["type"])})
        for row in rows
    ]


def _claimed() -> frozenset[str]:
    """What is in the store and not counted yet, or subtracted and still there."""
    return frozenset(str(item_id) for item_id in StoreClaim.objects.values_list("item_id", flat=True))


def _without(claimed: frozenset[str], event_ids: Sequence[UUID | str]) -> list[SignalChange]:
    store = event_store()
    events = store.scan(EventFilter(ids=event_ids), attaching.EVENT_COLUMNS).read_all().to_pylist()
    where = SignalFilter(event_ids=event_ids, state=None)
    signals = store.scan_signals(where, attaching.SIGNAL_COLUMNS).read_all().to_pylist()
    attachments = attaching.attach(
        [EventFacts(**row) for row in events],
        [SignalFacts(**row) for row in signals if not row["waiting"]],
        event_ids={row["id"] for row in events},
        signal_ids=set(),
        uncounted=claimed,
    )
    return attachments.changes
