"""Admission of items, and the deployment policy that applies to each item."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import msgspec
import structlog
import xxhash

from feedback.choices import ItemKind, SignalType
from feedback.deployments import policies, signal_names
from feedback.deployments.creation import CreationRejected, Creator
from feedback.deployments.policies import Policy
from feedback.deployments.score_names import Range
from feedback.field_errors import FieldError
from feedback.identifiers import time_ordered_uuid
from feedback.ingestion.admitting import declared_tools, exchanges, rows, scores
from feedback.ingestion.admitting.declared_tools import DeclaredTools
from feedback.ingestion.admitting.exchanges import Exchange
from feedback.ingestion.admitting.feedback_events import as_signal
from feedback.ingestion.admitting.targets import Targets
from feedback.ingestion.items import EventItem, InvalidItem, Item, ScoreItem, SignalItem, check
from feedback.ingestion.parsing.bodies import NOT_A_NUMBER, RawItem
from feedback.ingestion.parsing.decoding import decode
from feedback.ingestion.writing import rejections
from feedback.models import ApiKey
from feedback.scores.waiting import SCORES
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
    # Of scores, and of those that come with an event.
    ranges: tuple[Range, ...] = ()

    @property
    def notes(self) -> tuple[FieldError, ...]:
        """What was changed in it so that it can be stored."""
        return self.exchange.notes if self.exchange else ()


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
        policy = open_policy(item.deployment_id, self.allowed)
        if self.creator:
            _check_new(self.creator, item.deployment_id)
        event_id = str(item.id or time_ordered_uuid())
        sampled_out = is_sampled_out(event_id, policy.sampling_rate)
        tools = declared_tools.read(item.tools, policy)
        ranges = scores.ranges_of(item.deployment_id, item.given_scores, item.score_paths)
        return Admitted(event_id, item, policy, sampled_out, exchanges.read(item), tools, ranges)

    def row(self, admitted: Admitted, *, received_at: datetime) -> Row:
        build = partial(rows.event_row, exchange=admitted.exchange, tools=admitted.tools)
        row = row_or_rejection(build, admitted, received_at)
        if SCORES in row:
            item = admitted.item
            scores.check_masked(row["deployment_id"], row[SCORES], item.given_scores, item.score_paths)
            row[SCORES] = scores.ranged(row[SCORES], admitted.ranges)
        return row


class SignalAdmission:
    """Admits signals. Their deployment is the one they name, or that of their event if it is already stored."""

    def __init__(self, allowed: frozenset[str] | None, raw_items: Sequence[RawItem]):
        self.allowed = allowed
        self.targets = Targets(allowed, raw_items)

    def admit(self, raw: RawItem) -> Admitted:
        """Raises InvalidItem, and the database's error if the outcome depends on an event that cannot be read."""
        item = as_signal(decode(raw, SignalItem), null_is_sent=NOT_A_NUMBER not in raw.notes)
        check(item, received_at=datetime.now(UTC))
        signal_id = str(item.id or time_ordered_uuid())
        if self.targets.is_unplaced(item) and not _has_content(item):
            return Admitted(signal_id, item, policies.DEFAULT)
        item.deployment_id = self.targets.deployment_of(item)
        policy = open_policy(item.deployment_id, self.allowed)
        if not policy.collects(item.type):
            message = f"Deployment {item.deployment_id} collects no signals of type {item.type} (feedback_types)"
            raise InvalidItem([FieldError("type", "not_collected", message)])
        return Admitted(signal_id, item, policy)

    def row(self, admitted: Admitted, *, received_at: datetime) -> Row:
        row = row_or_rejection(rows.signal_row, admitted, received_at)
        event = self.targets.events.get(row["event_id"])
        if event and row["edited_response"] and row["edited_response"] == event.response:
            message = "edited_response is identical to the response"
            raise InvalidItem([FieldError("edited_response", "unchanged", message)])
        if row["name"] and not signal_names.is_admitted(row["deployment_id"], row["name"]):
            message = (
                f"A deployment has at most {signal_names.MOST_NAMES} names of ratings and labels, and all are used"
            )
            raise InvalidItem([FieldError("name", "too_many", message)])
        return row


class ScoreAdmission:
    """Admits scores of the application. Each needs its deployment, whose patterns apply to its name and version."""

    def __init__(self, allowed: frozenset[str] | None, raw_items: Sequence[RawItem]):
        self.allowed = allowed
        self.targets = Targets(allowed, raw_items)

    def admit(self, raw: RawItem) -> Admitted:
        """Raises InvalidItem, and the database's error if the outcome depends on what cannot be read."""
        item = decode(raw, ScoreItem)
        check(item, received_at=datetime.now(UTC))
        item.deployment_id = self.targets.deployment_of(item)
        policy = open_policy(item.deployment_id, self.allowed)
        ranges = scores.ranges_of(item.deployment_id, [item])
        return Admitted(str(time_ordered_uuid()), item, policy, ranges=ranges)

    def row(self, admitted: Admitted, *, received_at: datetime) -> Row:
        row = row_or_rejection(rows.score_row, admitted, received_at)
        scores.check_masked(row["deployment_id"], [row], [admitted.item], scores.ALONE)
        [row] = scores.ranged([row], admitted.ranges)
        return row


Admission = EventAdmission | SignalAdmission | ScoreAdmission


def admission_of(
    kind: ItemKind, raw_items: Sequence[RawItem], *, allowed: frozenset[str] | None = None, key: ApiKey | None = None
) -> Admission:
    """Admits the items of one request, of this kind; the arguments are those of `EventAdmission`."""
    if kind == ItemKind.EVENT:
        return EventAdmission(allowed, raw_items, key)
    return SignalAdmission(allowed, raw_items) if kind == ItemKind.SIGNAL else ScoreAdmission(allowed, raw_items)


def _has_content(item: SignalItem) -> bool:
    """Whether a signal has texts, which only its deployment's patterns may mask; the number of a rating is none."""
    has_value = item.value is not None and item.type != SignalType.RATING
    return any((has_value, item.edited_response, item.comment, item.name, item.external_id, item.metadata))


def open_policy(deployment_id: str, allowed: frozenset[str] | None) -> Policy:
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


def row_or_rejection(build: Callable[..., Row], admitted: Admitted, received_at: datetime) -> Row:
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
