"""Sends rejected items again, after the cause of the rejection is fixed."""

from collections.abc import Collection
from datetime import UTC, datetime

import structlog
from django.conf import settings
from django.db import transaction

from feedback.choices import ItemKind
from feedback.identifiers import time_ordered_uuid
from feedback.ingestion import formats, stream
from feedback.ingestion.formats import ASSESSMENT
from feedback.models import RejectedItem
from feedback.stores.schema import Row

log = structlog.get_logger(__name__)


def replay(item_ids: Collection[int]) -> int:
    """Append these items to the stream as new requests and return how many; already replayed ones are skipped.

    Raises stream.BacklogFull or stream.StreamUnavailable; the items that were not sent can then be replayed again.
    """
    replayed = 0
    for kind in ItemKind:
        wanted = RejectedItem.objects.not_replayed().filter(pk__in=item_ids, kind=kind).order_by("pk")
        ids = [item_id for item_id, number in wanted.values_list("pk", "payload__format") if _is_known(item_id, number)]
        for start in range(0, len(ids), settings.INGEST_MAX_BATCH):
            replayed += _replay(kind, ids[start : start + settings.INGEST_MAX_BATCH])
    return replayed


def _replay(kind: ItemKind, item_ids: list[int]) -> int:
    batch_id, now = time_ordered_uuid(), datetime.now(UTC)
    # The append is inside the transaction, so that a failure anywhere leaves no item marked that is not in the
    # stream. An item in the stream that is not marked does no harm: sent again, its id makes it a duplicate.
    with transaction.atomic():
        marked = RejectedItem.objects.not_replayed().filter(pk__in=item_ids)
        marked.update(replayed_at=now, replay_batch_id=batch_id)
        payloads = (
            RejectedItem.objects.filter(replay_batch_id=batch_id).order_by("pk").values_list("payload", flat=True)
        )
        rows = [formats.filled(kind, _row(payload)) for payload in payloads]
        if rows:
            stream.append(stream.Entry(batch_id, kind, rows, {}, now.timestamp()))
    return len(rows)


def _is_known(item_id: int, number: int | None) -> bool:
    """Whether this version can read the item; one of a later version is kept for that version."""
    try:
        formats.require_known(number or formats.FIRST_FORMAT)
    except formats.NewerFormat:
        log.error("rejected_item_too_new", item=item_id, format=number)
        return False
    return True


def _row(payload: dict) -> Row:
    """The row as it was when the database rejected it; times, which JSON lacks, are parsed from text."""
    row = _with_times(payload, "occurred_at", "received_at")
    return row | {ASSESSMENT: _with_times(row[ASSESSMENT], "assessed_at")} if ASSESSMENT in row else row


def _with_times(facts: dict, *names: str) -> dict:
    return facts | {name: datetime.fromisoformat(facts[name]) for name in names}
