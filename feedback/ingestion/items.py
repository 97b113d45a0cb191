"""Events and signals as the API takes them, and the validation of all items."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Raw

from feedback import exact_json
from feedback.choices import SignalType
from feedback.conversations import described
from feedback.conversations.intake import is_missing
from feedback.field_errors import FieldError
from feedback.identifiers import DEPLOYMENT_ID
from feedback.ingestion import score_items
from feedback.ingestion.item_types import (
    DEPLOYMENT_ID_SCHEMA,
    Amount,
    Count,
    ExternalId,
    Instant,
    Label,
    Person,
    SignalName,
    Text,
)
from feedback.ingestion.score_items import GivenScore, ScoreItem, ScoreValue
from feedback.masking.nested import MAX_DEPTH
from feedback.tools.described import TOOLS

MAX_METADATA_BYTES = 64 * 1024
MAX_METADATA_DEPTH = MAX_DEPTH  # Masking supports no deeper nesting.
MAX_FUTURE = timedelta(minutes=5)
MAX_MESSAGE_INDEX = 9_999
MAX_SCORES = 50
# A name is part of its slot, `type:name#index`.
_NOT_IN_NAMES = frozenset("#:")
_DOCUMENTS = ("metadata", "tool_choice", "response_format")
_NAMED_TYPES = (SignalType.RATING, SignalType.LABEL)
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)


class EventItem(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One inference. `prompt` or `messages` is required; from messages alone, prompt is the last user message.

    `response` is a text or a whole message of the assistant, and may be left out where the messages end with it.
    Conversations are read by `exchanges`, in whatever dialect they come.
    """

    id: Annotated[
        UUID | None, Meta(description="Chosen by the client, so that a resend is a duplicate; made here if left out.")
    ] = None
    external_id: Annotated[
        Label | None, Meta(description="The client's own name for the event; need not be unique.")
    ] = None
    deployment_id: Annotated[
        str,
        Meta(
            description="The deployment that answered. Its first event creates it.",
            extra_json_schema=DEPLOYMENT_ID_SCHEMA,
        ),
    ]
    model_version_id: Annotated[Label | None, Meta(description="The version of the model.")] = None
    model: Annotated[Label | None, Meta(description="Taken for a missing model_version_id.")] = None
    prompt_version: Annotated[Label | None, Meta(description="The version of the prompt template.")] = None
    session_id: Annotated[
        Person | None, Meta(description="Groups events of one conversation; stored as a keyed hash.")
    ] = None
    user_id: Annotated[Person | None, Meta(description="The user who asked; stored as a keyed hash.")] = None
    prompt: Annotated[
        Text | None, Meta(description="What was asked. Without it, the last user message is the prompt.")
    ] = None
    system: Annotated[
        Raw,
        Meta(
            description="The instructions, where the dialect keeps them apart from the messages.",
            extra_json_schema=described.SYSTEM,
        ),
    ] = msgspec.field(default_factory=Raw)
    messages: Annotated[
        Raw,
        Meta(
            description="The conversation in any dialect. It may end with the answer, if response is left out.",
            extra_json_schema=described.MESSAGES,
        ),
    ] = msgspec.field(default_factory=Raw)
    response: Annotated[
        Raw,
        Meta(
            description="The answer: a text, or a whole message of the assistant, content or items.",
            extra_json_schema=described.RESPONSE,
        ),
    ] = msgspec.field(default_factory=Raw)
    tools: Annotated[Raw, Meta(description="The tools that the model could call.", extra_json_schema=TOOLS)] = (
        msgspec.field(default_factory=Raw)
    )
    tool_choice: Annotated[Any, Meta(description="Which tool the model had to call, as it was sent to the model.")] = (
        None
    )
    response_format: Annotated[
        Any, Meta(description="The format that the answer should have, as it was sent to the model.")
    ] = None
    latency_ms: Annotated[Amount | None, Meta(description="From the request to the whole answer, in milliseconds.")] = (
        None
    )
    prompt_tokens: Annotated[Count | None, Meta(description="Tokens of the input.")] = None
    completion_tokens: Annotated[Count | None, Meta(description="Tokens of the answer.")] = None
    token_count: Annotated[Count | None, Meta(description="All tokens.")] = None
    cost_usd: Annotated[Amount | None, Meta(description="In US dollars.")] = None
    finish_reason: Annotated[
        Label | None, Meta(description="Why the model stopped, such as stop, length or tool_calls.")
    ] = None
    occurred_at: Annotated[Instant | None, Meta(description="With a zone; the time of arrival if left out.")] = None
    experiment: Annotated[Label | None, Meta(description="The arm of an experiment.")] = None
    tags: Annotated[Annotated[list[Label], Meta(max_length=100)] | None, Meta(description="Labels to filter by.")] = (
        None
    )
    trace_id: Annotated[Label | None, Meta(description="Of the trace that holds the call.")] = None
    span_id: Annotated[Label | None, Meta(description="Of the span of the call.")] = None
    feedback_shown: Annotated[bool | None, Meta(description="Whether the user could react.")] = None
    training_allowed: Annotated[bool | None, Meta(description="false keeps the event out of curated sets.")] = None
    scores: Annotated[
        Annotated[list[GivenScore], Meta(max_length=MAX_SCORES)] | None,
        Meta(description="The application's own scores of the answer."),
    ] = None
    quality_score: Annotated[
        ScoreValue | None, Meta(description="The application's own score of the name quality_score.")
    ] = None
    metadata: Annotated[dict[str, Any] | None, Meta(description="Anything else, as a JSON object.")] = None

    @property
    def given_scores(self) -> list[GivenScore]:
        """The application's own scores; the last one is quality_score, if there is one."""
        given = self.scores or []
        if self.quality_score is None:
            return given
        return [*given, GivenScore(name="quality_score", value=self.quality_score)]

    @property
    def score_paths(self) -> list[str]:
        """Where in the event each score stands, for the fields of errors."""
        paths = [f"scores[{index}]." for index in range(len(self.scores or ()))]
        return paths if self.quality_score is None else [*paths, "quality_score."]


class SignalItem(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A user's reaction to a response, named by `event_id`, or by `external_id` with `deployment_id`; or to a whole
    session, named by `session_id` with `deployment_id`.

    The types thumbs, correction and flag are the IR's names; `feedback_events` turns them into ours.
    """

    id: Annotated[
        UUID | None, Meta(description="Chosen by the client, so that a resend is a duplicate; made here if left out.")
    ] = None
    event_id: Annotated[UUID | None, Meta(description="The event that the signal is about.")] = None
    external_id: Annotated[
        ExternalId | None, Meta(description="Names the event instead of event_id, with deployment_id.")
    ] = None
    session_id: Annotated[
        Person | None, Meta(description="Names a whole session instead of an event, with deployment_id.")
    ] = None
    deployment_id: Annotated[
        str | None, Meta(description="The deployment of the event.", extra_json_schema=DEPLOYMENT_ID_SCHEMA)
    ] = None
    message_index: Annotated[
        Annotated[int, Meta(ge=0, le=MAX_MESSAGE_INDEX)] | None,
        Meta(description="The message that the signal is about, from 0."),
    ] = None
    type: Annotated[
        Literal[(*SignalType.values, "thumbs", "correction", "flag")],
        Meta(description="thumbs, correction and flag are other names of thumbs_up or thumbs_down, edit and report."),
    ]
    name: Annotated[
        SignalName | None, Meta(description="What is rated or labelled, such as tone; each name is kept apart.")
    ] = None
    # Left out or null are two things: null takes back thumbs, a rating or a label.
    value: Annotated[
        Any,
        Meta(description="A rating's number, a label's value, or what thumbs say. null takes the three back."),
    ] = UNSET
    retracted: Annotated[bool, Meta(description="Takes back the user's signal of this type.")] = False
    prompted: Annotated[bool | None, Meta(description="Whether the user was asked for it.")] = None
    edited_response: Annotated[Text | None, Meta(description="The answer as the user changed it; for edits.")] = None
    comment: Annotated[Text | None, Meta(description="What the user wrote.")] = None
    user_id: Annotated[Person | None, Meta(description="The user who reacted; stored as a keyed hash.")] = None
    occurred_at: Annotated[Instant | None, Meta(description="With a zone; the time of arrival if left out.")] = None
    metadata: Annotated[dict[str, Any] | None, Meta(description="Anything else, as a JSON object.")] = None


Item = EventItem | SignalItem | ScoreItem


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
    errors = list(_errors_of(item))
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


def _errors_of(item: Item):
    if isinstance(item, EventItem):
        return _event_errors(item)
    return _signal_errors(item) if isinstance(item, SignalItem) else score_items.errors_of(item)


def _event_errors(item: EventItem):
    if item.prompt is None and is_left_out(item.messages):
        yield FieldError("prompt", "required", "prompt or messages is required")
    if item.prompt is not None and not item.prompt.strip():
        yield FieldError("prompt", "blank", "prompt is blank")
    for index, score in enumerate(item.scores or ()):
        yield from score_items.name_errors(score.name, f"scores[{index}].name")


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
