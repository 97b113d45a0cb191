"""Events and signals as the API takes them, and their validation."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Raw

from feedback import exact_json
from feedback.choices import SignalType
from feedback.conversations.intake import is_missing
from feedback.field_errors import FieldError
from feedback.identifiers import DEPLOYMENT_ID
from feedback.masking.nested import MAX_DEPTH

MAX_TEXT_CHARACTERS = 1_000_000
MAX_METADATA_BYTES = 64 * 1024
MAX_METADATA_DEPTH = MAX_DEPTH  # Masking supports no deeper nesting.
MAX_FUTURE = timedelta(minutes=5)
MAX_MESSAGE_INDEX = 9_999
# A name is part of its slot, `type:name#index`.
_NOT_IN_NAMES = frozenset("#:")
_DOCUMENTS = ("metadata", "tool_choice", "response_format")
_NAMED_TYPES = (SignalType.RATING, SignalType.LABEL)
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)

Text = Annotated[str, Meta(max_length=MAX_TEXT_CHARACTERS)]
Label = Annotated[str, Meta(max_length=255)]
# 12.0 is 12, as data frames with gaps write it; `decoding` makes a whole number of it.
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)] | Annotated[float, Meta(ge=0, le=2**31 - 1)]
Amount = Annotated[float, Meta(ge=0, le=1e12)]
Instant = Annotated[datetime, Meta(tz=True)]
SignalName = Annotated[str, Meta(min_length=1, max_length=64)]
# An empty id means none: clients send it for anonymous users.
Person = Annotated[str, Meta(max_length=1_000)] | int


class EventItem(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One inference. `prompt` or `messages` is required; from messages alone, prompt is the last user message.

    `response` is a text or a whole message of the assistant, and may be left out where the messages end with it.
    Conversations are read by `exchanges`, in whatever dialect they come.
    """

    id: UUID | None = None
    external_id: Label | None = None
    deployment_id: str
    model_version_id: Label | None = None
    model: Label | None = None
    prompt_version: Label | None = None
    session_id: Person | None = None
    user_id: Person | None = None
    prompt: Text | None = None
    system: Raw = msgspec.field(default_factory=Raw)
    messages: Raw = msgspec.field(default_factory=Raw)
    response: Raw = msgspec.field(default_factory=Raw)
    tools: Raw = msgspec.field(default_factory=Raw)
    tool_choice: Any = None
    response_format: Any = None
    latency_ms: Amount | None = None
    prompt_tokens: Count | None = None
    completion_tokens: Count | None = None
    token_count: Count | None = None
    cost_usd: Amount | None = None
    finish_reason: Label | None = None
    occurred_at: Instant | None = None
    experiment: Label | None = None
    tags: Annotated[list[Label], Meta(max_length=100)] | None = None
    trace_id: Label | None = None
    span_id: Label | None = None
    feedback_shown: bool | None = None
    training_allowed: bool | None = None
    metadata: dict[str, Any] | None = None


class SignalItem(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A user's reaction to a response, named by `event_id`, or by `external_id` with `deployment_id`; or to a whole
    session, named by `session_id` with `deployment_id`.

    The types thumbs, correction and flag are the IR's names; `feedback_events` turns them into ours.
    """

    id: UUID | None = None
    event_id: UUID | None = None
    external_id: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    session_id: Person | None = None
    deployment_id: str | None = None
    message_index: Annotated[int, Meta(ge=0, le=MAX_MESSAGE_INDEX)] | None = None
    type: Literal[(*SignalType.values, "thumbs", "correction", "flag")]
    name: SignalName | None = None
    # Left out or null are two things: null takes back thumbs, a rating or a label.
    value: Any = UNSET
    retracted: bool = False
    prompted: bool | None = None
    edited_response: Text | None = None
    comment: Text | None = None
    user_id: Person | None = None
    occurred_at: Instant | None = None
    metadata: dict[str, Any] | None = None


Item = EventItem | SignalItem


def is_left_out(raw: Raw) -> bool:
    """Whether a field that is read later was left out or is null."""
    return not raw or is_missing(raw)


class InvalidItem(Exception):
    """An invalid item, with all its errors."""

    def __init__(self, errors: list[FieldError]):
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


def check(item: Item, *, received_at: datetime) -> None:
    """Raise InvalidItem with every rule that this well-typed item breaks."""
    errors = list(_event_errors(item) if isinstance(item, EventItem) else _signal_errors(item))
    if item.deployment_id is not None and not DEPLOYMENT_ID.fullmatch(item.deployment_id):
        errors.append(
            FieldError("deployment_id", "invalid", "deployment_id has 1 to 255 characters of A-Z a-z 0-9 . _ : -")
        )
    if item.occurred_at is not None and item.occurred_at > received_at + MAX_FUTURE:
        errors.append(FieldError("occurred_at", "in_future", "occurred_at is more than 5 minutes ahead of this server"))
    if item.occurred_at is not None and item.occurred_at < EARLIEST:
        errors.append(FieldError("occurred_at", "out_of_range", f"occurred_at is before {EARLIEST:%Y-%m-%d}"))
    for name in _DOCUMENTS:
        value = getattr(item, name, None)
        if value is not None and len(exact_json.encode(value)) > MAX_METADATA_BYTES:
            errors.append(FieldError(name, "too_long", f"{name} has more than {MAX_METADATA_BYTES} bytes as JSON"))
    if errors:
        raise InvalidItem(errors)


def _event_errors(item: EventItem):
    if item.prompt is None and is_left_out(item.messages):
        yield FieldError("prompt", "required", "prompt or messages is required")
    if item.prompt is not None and not item.prompt.strip():
        yield FieldError("prompt", "blank", "prompt is blank")


def _signal_errors(item: SignalItem):
    yield from _target_errors(item)
    if item.type not in _NAMED_TYPES and item.name is not None:
        yield FieldError("name", "invalid", "name belongs to signals of type rating and label")
    elif item.name and not (item.name.isprintable() and _NOT_IN_NAMES.isdisjoint(item.name)):
        yield FieldError("name", "invalid", "name has printable characters, and no # or :")
    if item.type != SignalType.EDIT and item.edited_response is not None:
        yield FieldError("edited_response", "invalid", "edited_response belongs to signals of type edit")
    if not item.retracted:
        yield from _value_errors(item)
    if len(exact_json.encode(item.value)) > MAX_METADATA_BYTES:
        yield FieldError("value", "too_long", f"value has more than {MAX_METADATA_BYTES} bytes as JSON")


def _target_errors(item: SignalItem):
    if item.event_id is not None:
        return
    if (item.external_id is None and item.session_id in (None, "")) or item.deployment_id is None:
        message = "event_id, or external_id or session_id with deployment_id, is required"
        yield FieldError("event_id", "required", message)
    elif item.external_id is None and item.type == SignalType.EDIT:
        yield FieldError("event_id", "required", "an edit names the event whose response it changes")


def _value_errors(item: SignalItem):
    if item.type == SignalType.EDIT and not (item.edited_response or "").strip():
        yield FieldError("edited_response", "required", "a signal of type edit needs a non-empty edited_response")
    if item.type == SignalType.RATING and not _is_number(item.value):
        yield FieldError("value", "invalid", "the value of a signal of type rating must be a number")
    if item.type == SignalType.LABEL and item.value in (None, "", {}, []):
        yield FieldError("value", "required", "a signal of type label needs a value")
    if item.type == SignalType.LABEL and not _is_outcome(item.value):
        yield FieldError("value", "invalid", 'an outcome with a unit is {"value": a number, "unit": its name}')


def _is_outcome(value: Any) -> bool:
    """Whether a label that names a unit has a number to it; any other label is fine."""
    if not isinstance(value, dict) or "unit" not in value:
        return True
    return _is_number(value.get("value")) and isinstance(value["unit"], str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
