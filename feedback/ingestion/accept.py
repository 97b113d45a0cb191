"""Ingestion of items: validate, mask, hash, then make durable. HTTP and files use the same path."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from uuid import UUID

import msgspec
import structlog
from django.db import Error as DatabaseError

from feedback.choices import ItemKind
from feedback.deployments import policies
from feedback.field_errors import FieldError
from feedback.identifiers import time_ordered_uuid
from feedback.ingestion import stream
from feedback.ingestion.admitting import declared_tools
from feedback.ingestion.admitting.admission import Admission, admission_of
from feedback.ingestion.budgets import Budget
from feedback.ingestion.items import InvalidItem
from feedback.ingestion.parsing import reasons
from feedback.ingestion.parsing.bodies import RawItem, without_nul
from feedback.ingestion.parsing.decoding import known_id
from feedback.ingestion.writing import entries
from feedback.models import ApiKey
from feedback.stores.schema import Row

log = structlog.get_logger(__name__)
LONGEST_WAIT_SECONDS = 0.1
_lock = Lock()


@dataclass(frozen=True)
class Rejection:
    """One rejected item: its index in the request, from 0, and its errors."""

    index: int
    id: str | None
    errors: list[FieldError]


@dataclass(frozen=True)
class ItemWarning:
    """A replacement made in an accepted item so that it can be stored."""

    index: int
    id: str
    notes: tuple[FieldError, ...]


@dataclass(frozen=True)
class Receipt:
    """The outcome of a request: ids of accepted items in request order, ids repeated within it, rejected items.

    signals_batch_id: of the signals of feedback events, which are a request of their own.
    """

    batch_id: UUID
    ids: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    warnings: list[ItemWarning] = field(default_factory=list)
    signals_batch_id: UUID | None = None


def accept(raw_items: Sequence[RawItem], kind: ItemKind, *, key: ApiKey | None = None) -> Receipt:
    """Accept valid items, durable before this returns; reject the others item by item.

    key: limits what may be sent to the deployments it names; None may send to all.
    Raises stream.BacklogFull when writers are too far behind, and the database's error when neither the stream nor
    the database can be reached. Then nothing was accepted.
    """
    received_at = datetime.now(UTC)
    receipt = Receipt(batch_id=time_ordered_uuid())
    allowed = frozenset(key.deployments) if key and key.deployments else None
    budget = Budget.of(key)
    admission = admission_of(kind, raw_items, allowed=allowed, key=key)
    with _masking_lock():
        found = _admit(raw_items, admission, budget, receipt, received_at)
    if kind == ItemKind.SIGNAL and key is not None:
        _note_sender(found.rows, key)
    declared_tools.leave_with_the_first(found.rows)
    if found.invalid:
        codes = Counter(error.code for _, error in found.errors)
        log.info("ingestion_invalid", kind=kind.value, count=found.invalid.total(), errors=dict(codes))
    entry = stream.Entry(
        receipt.batch_id,
        kind,
        found.rows,
        found.invalid,
        received_at.timestamp(),
        sampled_out=found.sampled_out,
        reasons=reasons.gathered(found.errors),
        key_id=key.pk if key else None,
    )
    if receipt.ids:
        _make_durable(entry)
    elif found.invalid:
        _count_rejections(entry)
    return receipt


@contextmanager
def _masking_lock() -> Iterator[None]:
    """Hold a lock that saves CPU time; no thread waits long for it.

    Every search of RE2 releases the interpreter's lock. Several threads that search pass it back and forth between
    the cores, and an event costs twice as much.
    """
    is_ours = _lock.acquire(timeout=LONGEST_WAIT_SECONDS)
    try:
        yield
    finally:
        if is_ours:
            _lock.release()


@dataclass(frozen=True)
class _Admitted:
    """The rows of a request, how many items of each deployment were rejected or sampled out, and all errors."""

    rows: list[Row] = field(default_factory=list)
    invalid: Counter[str] = field(default_factory=Counter)
    errors: list[tuple[str, FieldError]] = field(default_factory=list)
    sampled_out: Counter[str] = field(default_factory=Counter)


def _admit(
    raw_items: Sequence[RawItem], admission: Admission, budget: Budget, receipt: Receipt, received_at: datetime
) -> _Admitted:
    """Admit items one by one and record each outcome in the receipt."""
    found = _Admitted()
    seen: set[str] = set()
    for place, raw in enumerate(map(without_nul, raw_items)):
        try:
            budget.check(raw)
            admitted = admission.admit(raw)
            budget.check_texts(admitted.item)
            if admitted.id in seen:
                receipt.duplicates.append(admitted.id)
                continue
            if admitted.is_sampled_out:
                found.sampled_out[admitted.item.deployment_id] += 1
            else:
                # A microsecond apart, so that of two signals in one request the later one is the last.
                at = received_at + timedelta(microseconds=place)
                found.rows.append(admission.row(admitted, received_at=at))
        except InvalidItem as error:
            receipt.rejected.append(Rejection(raw.index, known_id(raw), error.errors))
            deployment_id = _claimed_deployment(raw, admission.allowed)
            found.invalid[deployment_id] += 1
            found.errors.extend((deployment_id, one) for one in error.errors)
            continue
        seen.add(admitted.id)
        receipt.ids.append(admitted.id)
        if notes := raw.notes + admitted.notes:
            receipt.warnings.append(ItemWarning(raw.index, admitted.id, notes))
    return found


def _note_sender(signals: Sequence[Row], key: ApiKey) -> None:
    for row in signals:
        row |= {"key_prefix": key.prefix, "through_public_key": key.is_public}


def _claimed_deployment(raw: RawItem, allowed: frozenset[str] | None) -> str:
    """The deployment that a rejected item named, if it is plausible."""
    try:
        claimed = msgspec.json.decode(raw.data).get("deployment_id")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, AttributeError):
        return ""
    believed = isinstance(claimed, str) and policies.is_valid_id(claimed) and (not allowed or claimed in allowed)
    return claimed if believed else ""


def _make_durable(entry: stream.Entry) -> None:
    try:
        stream.append(entry)
    except stream.StreamUnavailable as error:
        log.warning("stream_unavailable", batch=str(entry.batch_id), error=str(error))
        entries.write([entry])


def _count_rejections(entry: stream.Entry) -> None:
    """Record the count of a fully rejected request in the ledger; the response does not depend on that."""
    try:
        _make_durable(entry)
    except (stream.BacklogFull, DatabaseError) as error:
        log.warning("refusals_not_counted", batch=str(entry.batch_id), error=type(error).__name__)
