"""Maps the IR's Feedback.Event (thumbs, correction, rating, label, flag) to signals."""

from typing import Any

import msgspec

from feedback.choices import SignalType
from feedback.field_errors import FieldError
from feedback.ingestion.items import InvalidItem, SignalItem

THUMBS = {"up": SignalType.THUMBS_UP, "down": SignalType.THUMBS_DOWN}


def as_signal(item: SignalItem) -> SignalItem:
    """The signal that this item means. Raises InvalidItem for a value that does not go with its type."""
    if item.type == "thumbs":
        return _thumbs(item)
    if item.type == "correction":
        return _edit(item)
    if item.type == "flag":
        return msgspec.structs.replace(item, type=SignalType.REPORT.value)
    return item


def _thumbs(item: SignalItem) -> SignalItem:
    chosen = THUMBS.get(item.value) if isinstance(item.value, str) else None
    if chosen is None:
        raise InvalidItem(
            [FieldError("value", "invalid", 'the value of a signal of type thumbs must be "up" or "down"')]
        )
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
