"""The one way in: validate, mask, hash, then make durable. HTTP and files come through here alike."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import structlog

from feedback import deployments
from feedback.choices import ItemKind
from feedback.errors import FieldError
from feedback.ingestion import stream, writing
from feedback.ingestion.identifiers import time_ordered_uuid
from feedback.ingestion.items import EventItem, InvalidItem, SignalItem, check
from feedback.ingestion.parsing import RawItem, decode, known_id
from feedback.ingestion.rows import Row, to_row

log = structlog.get_logger(__name__)
KINDS = {ItemKind.EVENT: EventItem, ItemKind.SIGNAL: SignalItem}


@dataclass(frozen=True)
class Rejection:
    """One refused item: its place in the request, counted from 0, and everything wrong with it."""

    index: int
    id: str | None
    errors: list[FieldError]


@dataclass(frozen=True)
class Receipt:
    """What became of a request: ids of accepted items in request order, ids repeated within it, refusals."""

    batch_id: UUID
    ids: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)


def accept(raw_items: Sequence[RawItem], kind: ItemKind) -> Receipt:
    """Take what is valid, durable before this returns; refuse the rest item by item.

    Raises stream.BacklogFull when writers are too far behind, and the database's error when neither the stream nor
    the database can be reached. Then nothing was accepted.
    """
    received_at = datetime.now(UTC)
    receipt = Receipt(batch_id=time_ordered_uuid())
    rows: dict[str, Row] = {}
    invalid: Counter[str] = Counter()
    for place, raw in enumerate(raw_items):
        try:
            # A microsecond apart, so that of two signals in one request the later one is the last.
            row = _row(raw, kind, received_at + timedelta(microseconds=place))
        except InvalidItem as error:
            receipt.rejected.append(Rejection(raw.index, known_id(raw), error.errors))
            invalid[_claimed_deployment(raw)] += 1
            continue
        if row["id"] in rows:
            receipt.duplicates.append(row["id"])
        else:
            rows[row["id"]] = row
            receipt.ids.append(row["id"])
    if invalid:
        log.info("ingestion_invalid", kind=kind.value, count=invalid.total())
    if rows:
        _make_durable(stream.Entry(receipt.batch_id, kind, list(rows.values()), invalid, received_at.timestamp()))
    return receipt


def _row(raw: RawItem, kind: ItemKind, received_at: datetime) -> Row:
    item = decode(raw, KINDS[kind])
    check(item, received_at=received_at)
    if item.deployment_id is not None and deployments.is_disabled(item.deployment_id):
        message = f"The deployment {item.deployment_id} is disabled"
        raise InvalidItem([FieldError("deployment_id", "deployment_disabled", message)])
    return to_row(item, received_at=received_at)


def _claimed_deployment(raw: RawItem) -> str:
    """The deployment that a refused item named, as far as it can be believed."""
    try:
        claimed = msgspec.json.decode(raw.data).get("deployment_id")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, AttributeError):
        return ""
    return claimed if isinstance(claimed, str) and deployments.is_valid_id(claimed) else ""


def _make_durable(entry: stream.Entry) -> None:
    try:
        stream.append(entry)
    except stream.StreamUnavailable as error:
        log.warning("stream_unavailable", batch=str(entry.batch_id), error=str(error))
        writing.write([entry])
