"""Maps the IR's Feedback.Event (thumbs, correction, rating, label, flag) to signals, and null to a retraction."""

from typing import Any

import msgspec
from msgspec import UNSET

from feedback.choices import SignalType
from feedback.field_errors import FieldError
from feedback.ingestion.items import InvalidItem, SignalItem

_UP, _DOWN = SignalType.THUMBS_UP, SignalType.THUMBS_DOWN
# Numbers and booleans are compared as such: True is 1 and False is 0.
THUMBS = {"up": _UP, "down": _DOWN, "thumbs_up": _UP, "thumbs_down": _DOWN, "positive": _UP, "negative": _DOWN}
_NUMBERS = {1: _UP, 0: _DOWN, -1: _DOWN}
_TAKEN_BACK_BY_NULL = ("thumbs", SignalType.RATING, SignalType.LABEL)


def as_signal(item: SignalItem, *, null_is_sent: bool = True) -> SignalItem:
    """The signal that this item means. Raises InvalidItem for a value that does not go with its type.

    null_is_sent: False where null may stand for a number that JSON does not have; such a rating takes nothing back.
    """
    retracted = item.retracted or null_is_sent and item.value is None and item.type in _TAKEN_BACK_BY_NULL
    item = msgspec.structs.replace(item, value=None if item.value is UNSET else item.value, retracted=retracted)
    if retracted:
        return _retraction(item)
    if item.type == "thumbs":
        return _thumbs(item)
    if item.type == "correction":
        return _edit(item)
    if item.type == "flag":
        return msgspec.structs.replace(item, type=SignalType.REPORT.value)
    return item


def _retraction(item: SignalItem) -> SignalItem:
    """Of what a retraction takes back, only its slot is told by it: up and down are one."""
    kinds = {"thumbs": _UP.value, "correction": SignalType.EDIT.value, "flag": SignalType.REPORT.value}
    return msgspec.structs.replace(item, type=kinds.get(item.type, item.type), value=None, edited_response=None)


def _thumbs(item: SignalItem) -> SignalItem:
    chosen = THUMBS.get(item.value) if isinstance(item.value, str) else None
    if isinstance(item.value, int | float):
        chosen = _NUMBERS.get(item.value)
    if chosen is None:
        message = (
            'the value of a signal of type thumbs must be "up" or "down", 1 or 0, true or false; null takes it back'
        )
        raise InvalidItem([FieldError("value", "invalid", message)])
    return msgspec.structs.replace(item, type=chosen.value, value=None)


def _edit(item: SignalItem) -> SignalItem:
    """A correction carries its text as edited_response, as value, or as {"original", "corrected"} in value."""
    value = item.value
    text = item.edited_response
    if text is None and isinstance(value, str):
        text, value = value, None
    elif text is None and isinstance(value, dict) and isinstance(value.get("corrected"), str):
        text = value["corrected"]
        if text == value.get("original"):
            raise InvalidItem([FieldError("value", "unchanged", "corrected is identical to original")])
        value = _rest(value)
    return msgspec.structs.replace(item, type=SignalType.EDIT.value, edited_response=text, value=value)


def _rest(value: dict[str, Any]) -> dict[str, Any] | None:
    return {name: inner for name, inner in value.items() if name not in ("original", "corrected")} or None
