"""A FeedbackEvent as an event and a signal, as the API takes them, and a stored event as FeedbackEvents."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from feedback.choices import FEEDBACK_TYPE_OF, FeedbackType, SignalType
from feedback.field_errors import FieldError, printable
from feedback.ir.feedback import FeedbackEvent
from feedback.ir.validation import validate

# What neither an event nor a signal has a field for, in their metadata and in that of FeedbackEvents.
KEPT = "crucible_ir"
MAX_ID_CHARACTERS = 255
_NAMESPACE = uuid5(NAMESPACE_URL, "crucible-feedback/feedback-events")
_ASKED = ("prompt", "messages", "system", "tools", "tool_choice", "response_format")
# The first that is there is the answer.
_ANSWERED = ("message", "text", "response")
_OF_REACTIONS = ("name", "comment", "message_index", "prompted", "occurred_at")
_KNOWN = tuple(dict.fromkeys([*map(str, FeedbackType), *map(str, SignalType)]))
# They say something without a value; of the others, null says nothing.
_NEEDS_NO_VALUE = {
    *(FeedbackType.FLAG, FeedbackType.REGENERATE, FeedbackType.COPY, FeedbackType.SHARE),
    *(SignalType.THUMBS_UP, SignalType.THUMBS_DOWN, SignalType.REPORT),
}
_UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
# The fields of a FeedbackEvent by those of the items that are made of it.
FIELDS = {
    "external_id": "id",
    "event_id": "id",
    "model_version_id": "model_version",
    "occurred_at": "timestamp",
    "type": "feedback_type",
    "value": "feedback_value",
    "edited_response": "feedback_value",
    "response": "output",
    **{name: f"input.{name}" for name in _ASKED},
}

_canonical = msgspec.json.Encoder(decimal_format="number", order="sorted").encode

Item = dict[str, Any]


class NoItems(ValueError):
    """A FeedbackEvent that is no event and no signal, with its errors by field."""

    def __init__(self, errors: list[FieldError]):
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


@dataclass(frozen=True)
class Items:
    """The event and the signal of a FeedbackEvent, each if there is one; event_id: of the event that both are about."""

    event_id: str
    event: Item | None
    signal: Item | None


def to_items(given: FeedbackEvent) -> Items:
    """The event and the signal that a FeedbackEvent says.

    Without input and output there is no event, only a signal about the event of this id. Without a value there is no
    signal, except of types that need none. Equal FeedbackEvents give equal ids, so that a resend is a duplicate.

    Parameters
    ----------
    given : FeedbackEvent
        As it was sent.

    Returns
    -------
    Items
        An EventItem and a SignalItem, as the API takes them.

    Raises
    ------
    NoItems
        With every error by field of the FeedbackEvent.

    Examples
    --------
    >>> items = to_items(FeedbackEvent(id="evt_1", deployment_id="helpdesk", feedback_value="up"))
    >>> items.event, items.signal["type"], items.signal["external_id"]
    (None, 'thumbs', 'evt_1')
    """
    if errors := list(_errors(given)):
        raise NoItems(errors)
    event_id = _event_id(str(given.deployment_id), str(given.id))
    event = None if given.input is None else _event(given, event_id)
    signal = _signal(given, event_id, has_event=event is not None) if _is_reaction(given) else None
    return Items(event_id, event, signal)


def from_event(row: Mapping[str, Any]) -> list[FeedbackEvent]:
    """A stored event as FeedbackEvents: one for each live signal, the oldest first, or one without a value.

    They share the event's id, input and output. Users and sessions are named by their hashes.

    Parameters
    ----------
    row : mapping
        The event with its signals, as `feedback.stores.pages.find` returns it.

    Returns
    -------
    list of FeedbackEvent
        to_items makes the same event and signals of them.

    Examples
    --------
    >>> row = {"id": "e", "deployment_id": "d", "prompt": "Where?", "response": "Here.", "signals": []}
    >>> [(one.input, one.output, one.feedback_value) for one in from_event(row)]
    [({'prompt': 'Where?'}, {'text': 'Here.'}, None)]
    """
    live = [signal for signal in reversed(row["signals"]) if signal["live"] and not signal["retracted"]]
    return [_feedback_event(row, signal) for signal in live or [None]]


def _errors(given: FeedbackEvent) -> Iterator[FieldError]:
    yield from (FieldError("id", "required", message) for message in validate(given))
    if given.id and len(given.id) > MAX_ID_CHARACTERS:
        yield FieldError("id", "too_long", f"id has more than {MAX_ID_CHARACTERS} characters")
    if given.deployment_id is None:
        yield FieldError("deployment_id", "required", "deployment_id is required")
    if (given.input is None) != (given.output is None):
        missing = "output" if given.output is None else "input"
        yield FieldError(missing, "required", "input and output are sent together, or neither is for feedback alone")
    if given.input is not None and given.input.get("prompt") is None and given.input.get("messages") is None:
        yield FieldError("input", "required", "input needs a prompt or messages")
    if given.output is not None and _answer(given.output) is None:
        yield FieldError("output", "required", f"output needs one of {', '.join(_ANSWERED)}")
    if given.feedback_type not in _KNOWN:
        name = printable(str(given.feedback_type))
        yield FieldError("feedback_type", "invalid_choice", f"feedback_type {name} is not one of {', '.join(_KNOWN)}")
    elif given.input is None and given.output is None and not _is_reaction(given):
        yield FieldError("feedback_value", "required", "feedback_value is required where input and output are not sent")
    kept = (given.metadata or {}).get(KEPT)
    if kept is not None and not (isinstance(kept, dict) and all(isinstance(one, dict) for one in kept.values())):
        yield FieldError("metadata", "invalid", f"{KEPT} in metadata must be an object of objects")


def _is_reaction(given: FeedbackEvent) -> bool:
    return given.feedback_value is not None or given.feedback_type in _NEEDS_NO_VALUE


def _event_id(deployment_id: str, given: str) -> str:
    return str(UUID(given)) if _UUID.fullmatch(given) else str(uuid5(_NAMESPACE, f"{deployment_id}\0{given}"))


def _event(given: FeedbackEvent, event_id: str) -> Item:
    asked, answered = given.input or {}, given.output or {}
    used = next(name for name in _ANSWERED if answered.get(name) is not None)
    rest = {
        "input": {name: value for name, value in asked.items() if name not in _ASKED},
        "output": {name: value for name, value in answered.items() if name != used},
    }
    metadata = {name: value for name, value in (given.metadata or {}).items() if name != KEPT}
    if kept := {name: values for name, values in rest.items() if values}:
        metadata[KEPT] = kept
    event = {
        "id": event_id,
        "external_id": None if _UUID.fullmatch(str(given.id)) else given.id,
        "deployment_id": given.deployment_id,
        "model_version_id": given.model_version,
        "response": answered[used],
        "user_id": given.user_id,
        "session_id": given.session_id,
        "latency_ms": given.latency_ms,
        "occurred_at": given.timestamp,
        "metadata": metadata or None,
        **{name: asked.get(name) for name in _ASKED},
    }
    return {name: value for name, value in event.items() if value is not None}


def _answer(output: Mapping[str, Any]) -> Any:
    return next((output[name] for name in _ANSWERED if output.get(name) is not None), None)


def _signal(given: FeedbackEvent, event_id: str, *, has_event: bool) -> Item:
    is_named = not has_event and not _UUID.fullmatch(str(given.id))
    kept = ((given.metadata or {}).get(KEPT) or {}).get("feedback", {})
    said = {
        "deployment_id": given.deployment_id,
        "external_id" if is_named else "event_id": given.id if is_named else event_id,
        "type": FeedbackType.CORRECTION if given.feedback_type == SignalType.EDIT else given.feedback_type,
        "value": given.feedback_value,
        "user_id": given.user_id,
        "occurred_at": given.timestamp,
        **{name: kept[name] for name in _OF_REACTIONS if name in kept},
    }
    said = {name: value for name, value in said.items() if value is not None}
    return {"id": str(uuid5(UUID(event_id), _canonical(said).decode())), **said}


def _feedback_event(row: Mapping[str, Any], signal: Mapping[str, Any] | None) -> FeedbackEvent:
    metadata = dict(row.get("metadata") or {})
    kept = dict(metadata.pop(KEPT, None) or {})
    asked = {name: row.get(name) for name in _ASKED}
    message = row.get("response_message")
    is_plain = message is None or message == {"role": "assistant", "content": row["response"]}
    answered = {"text": row["response"]} if is_plain else {"message": message}
    if signal and (reaction := _reaction(row, signal)):
        metadata[KEPT] = {"feedback": reaction}
    external_id, deployment_id = row.get("external_id") or "", row["deployment_id"]
    was_sent_so = external_id and _event_id(deployment_id, external_id) == row["id"]
    return FeedbackEvent(
        id=external_id if was_sent_so else row["id"],
        deployment_id=deployment_id,
        model_version=row.get("model_version_id") or None,
        input={name: value for name, value in asked.items() if value is not None} | kept.get("input", {}),
        output=answered | kept.get("output", {}),
        feedback_type=(FEEDBACK_TYPE_OF[SignalType(signal["type"])] if signal else FeedbackType.THUMBS).value,
        feedback_value=_said(row, signal) if signal else None,
        user_id=row.get("user_hash") or None,
        session_id=row.get("session_hash") or None,
        latency_ms=row.get("latency_ms"),
        timestamp=row.get("occurred_at"),
        metadata=metadata or None,
    )


def _said(row: Mapping[str, Any], signal: Mapping[str, Any]) -> Any:
    if signal["type"] in (SignalType.THUMBS_UP, SignalType.THUMBS_DOWN):
        return "up" if signal["type"] == SignalType.THUMBS_UP else "down"
    if signal["type"] == SignalType.EDIT:
        rest = signal["value"] if isinstance(signal["value"], dict) else {}
        return {"original": row["response"], "corrected": signal["edited_response"]} | rest
    return signal["value"]


def _reaction(row: Mapping[str, Any], signal: Mapping[str, Any]) -> Item:
    """What a FeedbackEvent has no field for."""
    found = {name: signal[name] for name in ("name", "comment") if signal.get(name)}
    found |= {name: signal[name] for name in ("message_index", "prompted") if signal.get(name) is not None}
    at = signal["occurred_at"]
    if isinstance(at, datetime) and at != row.get("occurred_at"):
        found["occurred_at"] = at.isoformat()
    return found
