"""Admission of items, and the deployment policy that applies to each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import msgspec
import structlog
import xxhash
from django.db import DatabaseError, InterfaceError, OperationalError

from feedback.choices import SignalType
from feedback.deployments import policies, signal_names
from feedback.deployments.creation import CreationRejected, Creator
from feedback.deployments.policies import Policy
from feedback.field_errors import FieldError
from feedback.identifiers import time_ordered_uuid
from feedback.ingestion.admitting import declared_tools, exchanges, rows
from feedback.ingestion.admitting.declared_tools import DeclaredTools
from feedback.ingestion.admitting.exchanges import Exchange
from feedback.ingestion.admitting.feedback_events import as_signal
from feedback.ingestion.items import EventItem, InvalidItem, Item, SignalItem, check
from feedback.ingestion.parsing.bodies import NOT_A_NUMBER, RawItem
from feedback.ingestion.parsing.decoding import decode
from feedback.ingestion.writing import rejections
from feedback.models import ApiKey
from feedback.stores import event_store
from feedback.stores.base import EventFilter
from feedback.stores.schema import Row

log = structlog.get_logger(__name__)
_SAMPLING_SEED = 1


@dataclass(frozen=True)
class Admitted:
    """A valid item with its id and its policy."""

    id: str
    item: Item
    policy: Policy
    is_sampled_out: bool = False
    # Of events.
    exchange: Exchange | None = None
    tools: DeclaredTools = declared_tools.NONE

    @property
    def notes(self) -> tuple[FieldError, ...]:
        """What was changed in it so that it can be stored."""
        return self.exchange.notes if self.exchange else ()


@dataclass(frozen=True)
class KnownEvent:
    """The facts of an event that a signal needs."""

    deployment_id: str
    response: str | None


def is_sampled_out(event_id: str, sampling_rate: float) -> bool:
    """Whether an event is outside its deployment's sample. Decided by the id alone, so retries get the same result."""
    return sampling_rate < 1 and xxhash.xxh64_intdigest(event_id.encode(), _SAMPLING_SEED) >= sampling_rate * 2**64


class EventAdmission:
    """Admits events; `allowed` limits them to these deployments, and a key to those that it may create."""

    def __init__(self, allowed: frozenset[str] | None, raw_items: Sequence[RawItem] = (), key: ApiKey | None = None):
        self.allowed = allowed
        self.creator = Creator(key, lambda: _deployments_named(raw_items)) if key else None

    def admit(self, raw: RawItem) -> Admitted:
        """Raises InvalidItem."""
        item = decode(raw, EventItem)
        check(item, received_at=datetime.now(UTC))
        policy = _open_policy(item.deployment_id, self.allowed)
        if self.creator:
            _check_new(self.creator, item.deployment_id)
        event_id = str(item.id or time_ordered_uuid())
        sampled_out = is_sampled_out(event_id, policy.sampling_rate)
        tools = declared_tools.read(item.tools, policy)
        return Admitted(event_id, item, policy, sampled_out, exchanges.read(item), tools)

    def row(self, admitted: Admitted, *, received_at: datetime) -> Row:
        build = partial(rows.event_row, exchange=admitted.exchange, tools=admitted.tools)
        return _row_or_rejection(build, admitted, received_at)


class SignalAdmission:
    """Admits signals. Their deployment is the one they name, or that of their event if it is already stored."""

    def __init__(self, allowed: frozenset[str] | None, raw_items: Sequence[RawItem]):
        self.allowed = allowed
        self.events: dict[str, KnownEvent] = {}
        self.outage: DatabaseError | None = None
        try:
            self.events = _known_events(raw_items, allowed)
        except (OperationalError, InterfaceError) as error:
            self.outage = error

    def admit(self, raw: RawItem) -> Admitted:
        """Raises InvalidItem, and the database's error if the outcome depends on an event that cannot be read."""
        item = as_signal(decode(raw, SignalItem), null_is_sent=NOT_A_NUMBER not in raw.notes)
        check(item, received_at=datetime.now(UTC))
        signal_id = str(item.id or time_ordered_uuid())
        item.deployment_id = self._deployment_of(item)
        if item.deployment_id is None:
            return Admitted(signal_id, item, policies.DEFAULT)
        policy = _open_policy(item.deployment_id, self.allowed)
        if not policy.collects(item.type):
            message = f"Deployment {item.deployment_id} collects no signals of type {item.type} (feedback_types)"
            raise InvalidItem([FieldError("type", "not_collected", message)])
        return Admitted(signal_id, item, policy)

    def _deployment_of(self, item: SignalItem) -> str | None:
        event = self.events.get(str(item.event_id))
        if event and item.deployment_id not in (None, event.deployment_id):
            message = f"This event belongs to deployment {event.deployment_id}"
            raise InvalidItem([FieldError("deployment_id", "mismatch", message)])
        if item.deployment_id is None and event is None:
            return self._deployment_of_unknown(item)
        return event.deployment_id if event else item.deployment_id

    def _deployment_of_unknown(self, item: SignalItem) -> str | None:
        if self.allowed is not None and len(self.allowed) == 1:
            return next(iter(self.allowed))
        if self.allowed is None and not _has_content(item):
            return None
        if self.outage is not None:
            raise self.outage
        message = "deployment_id is required because this event is not stored yet"
        raise InvalidItem([FieldError("deployment_id", "required", message)])

    def row(self, admitted: Admitted, *, received_at: datetime) -> Row:
        row = _row_or_rejection(rows.signal_row, admitted, received_at)
        event = self.events.get(row["event_id"])
        if event and row["edited_response"] and row["edited_response"] == event.response:
            message = "edited_response is identical to the response"
            raise InvalidItem([FieldError("edited_response", "unchanged", message)])
        if row["name"] and not signal_names.is_admitted(row["deployment_id"], row["name"]):
            message = (
                f"A deployment has at most {signal_names.MOST_NAMES} names of ratings and labels, and all are used"
            )
            raise InvalidItem([FieldError("name", "too_many", message)])
        return row


def _has_content(item: SignalItem) -> bool:
    """Whether a signal has texts, which only its deployment's patterns may mask; the number of a rating is none."""
    has_value = item.value is not None and item.type != SignalType.RATING
    return any((has_value, item.edited_response, item.comment, item.name, item.external_id, item.metadata))


Admission = EventAdmission | SignalAdmission


def _open_policy(deployment_id: str, allowed: frozenset[str] | None) -> Policy:
    if allowed is not None and deployment_id not in allowed:
        message = f"This API key may not send to deployment {deployment_id}"
        raise InvalidItem([FieldError("deployment_id", "deployment_forbidden", message)])
    policy = policies.policy_of(deployment_id)
    if policy.archived:
        message = f"Deployment {deployment_id} is archived"
        raise InvalidItem([FieldError("deployment_id", "deployment_archived", message)])
    if not policy.enabled:
        message = f"Deployment {deployment_id} is disabled"
        raise InvalidItem([FieldError("deployment_id", "deployment_disabled", message)])
    if not policy.is_maskable:
        names = ", ".join(policy.unusable_patterns)
        message = f"Deployment {deployment_id} rejects all items until these masking patterns are fixed: {names}"
        raise InvalidItem([FieldError("deployment_id", "masking_unusable", message)])
    return policy


def _check_new(creator: Creator, deployment_id: str) -> None:
    try:
        creator.check(deployment_id)
    except CreationRejected as error:
        raise InvalidItem([FieldError("deployment_id", error.code, str(error))]) from error


def _row_or_rejection(build: Callable[..., Row], admitted: Admitted, received_at: datetime) -> Row:
    """Any error of masking rejects the item; the error's text is not passed on, as it may quote the item."""
    try:
        return build(admitted.item, admitted.id, received_at=received_at, policy=admitted.policy)
    except Exception as error:  # noqa: BLE001 - nothing unmasked may go on, and one item must not stop the others
        log.error("masking_failed", item=admitted.id, error=rejections.reason_of(error))
        message = "This item cannot be masked, so it is not stored"
        raise InvalidItem([FieldError("", "masking_failed", message)]) from None


class _OfDeployment(msgspec.Struct):
    deployment_id: str = ""


_OF_DEPLOYMENT = msgspec.json.Decoder(_OfDeployment)


def _deployments_named(raw_items: Sequence[RawItem]) -> Iterator[str]:
    for raw in raw_items:
        try:
            yield _OF_DEPLOYMENT.decode(raw.data).deployment_id
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue


class _Named(msgspec.Struct):
    event_id: UUID | None = None
    type: str = ""


_NAMED = msgspec.json.Decoder(_Named)


def _known_events(raw_items: Sequence[RawItem], allowed: frozenset[str] | None) -> dict[str, KnownEvent]:
    """The stored events that these signals name; those of other deployments than the allowed ones are unknown."""
    named = list(filter(None, map(_named, raw_items)))
    edited = {str(signal.event_id) for signal in named if signal.type in (SignalType.EDIT, "correction")}
    others = {str(signal.event_id) for signal in named} - edited
    known = _scan(others, ["id", "deployment_id"], allowed)
    return known | _scan(edited, ["id", "deployment_id", "response"], allowed)


def _named(raw: RawItem) -> _Named | None:
    try:
        signal = _NAMED.decode(raw.data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return signal if signal.event_id else None


def _scan(ids: set[str], columns: list[str], allowed: frozenset[str] | None) -> dict[str, KnownEvent]:
    if not ids:
        return {}
    where = EventFilter(ids=[UUID(event_id) for event_id in ids], deployment_ids=allowed and sorted(allowed))
    found = event_store().scan(where, columns).read_all().to_pylist()
    return {row["id"]: KnownEvent(row["deployment_id"], row.get("response")) for row in found}
