"""Stores the flags of events and edits, and removes them with what they are in."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction

from feedback.advisory_locks import AdvisoryLock
from feedback.choices import SignalType
from feedback.flagging import scanning
from feedback.flagging.scanning import Found
from feedback.models import RaisedFlag
from feedback.stores import event_store
from feedback.stores.base import EventFilter, SignalChange, SignalFilter
from feedback.stores.schema import Row

_BATCH = 1_000


def lock_flags() -> None:
    """Keep others from scanning or removing until the transaction ends; take it after the locks of evidence.

    So flags of a removed event never come back.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.FLAGS])


def keep(events: Iterable[Row], found: Mapping[str, Sequence[Found]]) -> int:
    """Store the flags of events, given by id; those that are known stay as they are. Return how many were found.

    Call it in the transaction that stores the events or edits, or with the lock of flags.
    """
    rows = [_row(event, one) for event in events for one in found.get(event["id"], ())]
    RaisedFlag.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)
    return len(rows)


def _row(event: Row, found: Found) -> RaisedFlag:
    flag = found.flag
    return RaisedFlag(
        event_id=event["id"],
        deployment_id=event["deployment_id"],
        occurred_at=event["occurred_at"],
        kind=flag.kind,
        name=flag.name,
        field=found.field,
        message_index=found.message_index,
        signal_id=found.signal_id,
        start=flag.span[0],
        end=flag.span[1],
    )


def follow_edits(changes: Iterable[SignalChange]) -> None:
    """Store the flags of edits that became live and remove those of edits that no longer are.

    Call it in the transaction that changes the signals.
    """
    edits = [change for change in changes if change.type == SignalType.EDIT]
    if former := [change.signal_id for change in edits if change.sign < 0]:
        RaisedFlag.objects.of_signals(former).delete()
    if new := [change.signal_id for change in edits if change.sign > 0]:
        rows = event_store().scan_signals(SignalFilter(ids=new, state=None), ["id", "event_id", "edited_response"])
        keep_of_edits(rows.read_all().to_pylist())


def keep_of_edits(signals: Sequence[Row]) -> int:
    """Store the flags of edits, given with id, event_id and edited_response; return how many were found."""
    edits = [row for row in signals if row["edited_response"]]
    found: dict[str, list[Found]] = {}
    scanned = scanning.scan_edits([row["edited_response"] for row in edits], [row["id"] for row in edits])
    for row, flags in zip(edits, scanned, strict=True):
        if flags:
            found.setdefault(row["event_id"], []).extend(flags)
    if not found:
        return 0
    columns = ["id", "deployment_id", "occurred_at"]
    return keep(event_store().scan(EventFilter(ids=sorted(found)), columns).read_all().to_pylist(), found)


def forget_events(event_ids: Collection[str]) -> None:
    """Remove the flags of these events; call it in a transaction."""
    lock_flags()
    RaisedFlag.objects.of_events(event_ids).delete()


def forget_events_before(deployment_id: str, moment: datetime) -> None:
    """Remove the flags of a deployment's events that occurred before this time."""
    expired = RaisedFlag.objects.of_deployment(deployment_id).occurred_before(moment).newest_first()
    while keys := list(expired.values_list("pk", flat=True)[:_BATCH]):
        with transaction.atomic():
            lock_flags()
            RaisedFlag.objects.filter(pk__in=keys).delete()
