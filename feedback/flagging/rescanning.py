"""Scans stored events and edits, such as those from before flags were kept."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import transaction

from feedback.choices import SignalType
from feedback.flagging import keeping, scanning
from feedback.models import RaisedFlag
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging, SignalFilter

BATCH = 500


@dataclass
class Scanned:
    """What a scan read, and how many flags it added."""

    events: int = 0
    edits: int = 0
    added: int = 0


def rescan(deployment_id: str, *, tell: Callable[[Scanned], None] = lambda scanned: None) -> Scanned:
    """Scan all events and live edits of a deployment, batch by batch; what is flagged already stays as it is."""
    scanned = Scanned()
    before = _count(deployment_id)
    oldest = Paging(newest_first=False, batch_size=BATCH)
    for ids in _batches(event_store().scan(EventFilter(deployment_id=deployment_id), ["id"], oldest)):
        _scan_events(ids)
        scanned.events += len(ids)
        tell(scanned)
    edits = SignalFilter(deployment_id=deployment_id, types=[SignalType.EDIT])
    for ids in _batches(event_store().scan_signals(edits, ["id"], oldest)):
        _scan_edits(ids)
        scanned.edits += len(ids)
        tell(scanned)
    scanned.added = _count(deployment_id) - before
    return scanned


def _scan_events(ids: list[str]) -> None:
    with transaction.atomic():
        keeping.lock_flags()
        rows = event_store().scan(EventFilter(ids=ids), scanning.COLUMNS).read_all().to_pylist()
        found = {row["id"]: flags for row, flags in zip(rows, scanning.scan_events(rows), strict=True) if flags}
        keeping.keep(rows, found)


def _scan_edits(ids: list[str]) -> None:
    with transaction.atomic():
        keeping.lock_flags()
        columns = ["id", "event_id", "edited_response"]
        keeping.keep_of_edits(event_store().scan_signals(SignalFilter(ids=ids), columns).read_all().to_pylist())


def _batches(reader) -> Iterator[list[str]]:
    ids = (event_id for batch in reader for event_id in batch["id"].to_pylist())
    while some := list(islice(ids, BATCH)):
        yield some


def _count(deployment_id: str) -> int:
    return RaisedFlag.objects.of_deployment(deployment_id).count()
