"""Events and signals as the API takes them, and their validation."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from feedback import exact_json
from feedback.choices import SignalType
from feedback.field_errors import FieldError
from feedback.identifiers import DEPLOYMENT_ID
from feedback.masking.nested import MAX_DEPTH

MAX_TEXT_CHARACTERS = 1_000_000
MAX_METADATA_BYTES = 64 * 1024
MAX_METADATA_DEPTH = MAX_DEPTH  # Masking supports no deeper nesting.
MAX_FUTURE = timedelta(minutes=5)
MAX_MESSAGES = 1_000
# A name is part of its slot, `type:name#index`.
SIGNAL_NAME_FORM = r"^\w[\w ./-]{0,63}$"
_NAMED_TYPES = (SignalType.RATING, SignalType.LABEL)
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)

Text = Annotated[str, Meta(max_length=MAX_TEXT_CHARACTERS)]
Label = Annotated[str, Meta(max_length=255)]
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Amount = Annotated[float, Meta(ge=0, le=1e12)]
Instant = Annotated[datetime, Meta(tz=True)]
SignalName = Annotated[str, Meta(pattern=SIGNAL_NAME_FORM)]
# An empty id means none: clients send it for anonymous users.
Person = Annotated[str, Meta(max_length=1_000)] | int


class Message(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    # Left out, null and empty are three things, and a trainer may need the one that was sent.
    content: Text | None | UnsetType = UNSET
    name: Label | None = None
    tool_calls: list[dict[str, Any]] | None = None
    tool_call_id: Label | None = None


class EventItem(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One inference. `prompt` or `messages` is required; from messages alone, prompt is the last user message."""

    id: UUID | None = None
    external_id: Label | None = None
    deployment_id: str
    model_version_id: Label | None = None
    prompt_version: Label | None = None
    session_id: Person | None = None
    user_id: Person | None = None
    prompt: Text | None = None
    messages: Annotated[list[Message], Meta(min_length=1, max_length=MAX_MESSAGES)] | None = None
    response: Text
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
    message_index: Annotated[int, Meta(ge=0, lt=MAX_MESSAGES)] | None = None
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
    if item.metadata is not None and len(exact_json.encode(item.metadata)) > MAX_METADATA_BYTES:
        errors.append(FieldError("metadata", "too_long", f"metadata has more than {MAX_METADATA_BYTES} bytes as JSON"))
    if errors:
        raise InvalidItem(errors)


def _event_errors(item: EventItem):
    if item.prompt is None and item.messages is None:
        yield FieldError("prompt", "required", "prompt or messages is required")
    elif item.prompt is None and last_user_message(item.messages) is None:
        yield FieldError("messages", "invalid", "messages without a prompt need a user message with content")
    if item.prompt is not None and not item.prompt.strip():
        yield FieldError("prompt", "blank", "prompt is blank")


def _signal_errors(item: SignalItem):
    yield from _target_errors(item)
    if item.type not in _NAMED_TYPES and item.name is not None:
        yield FieldError("name", "invalid", "name belongs to signals of type rating and label")
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


def last_user_message(messages: list[Message]) -> str | None:
    """The content of the last user message that has some, or None."""
    return next((m.content for m in reversed(messages) if m.role == "user" and (m.content or "").strip()), None)
