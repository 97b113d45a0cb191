"""From a valid item to the row that is stored: masked, hashed, with every default filled in."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import msgspec

from feedback.choices import SignalType
from feedback.ingestion.hashing import hash_person
from feedback.ingestion.identifiers import time_ordered_uuid
from feedback.ingestion.items import EventItem, Item, SignalItem, last_user_message
from feedback.masking import mask_text, mask_value

# Columns by name; JSON columns are JSON text, as in `feedback.schema`.
Row = dict[str, Any]

_EVENT_LABELS = (
    "external_id",
    "model_version_id",
    "prompt_version",
    "finish_reason",
    "experiment",
    "trace_id",
    "span_id",
)
_EVENT_NUMBERS = ("latency_ms", "prompt_tokens", "completion_tokens", "token_count", "cost_usd")
_THUMBS = {SignalType.THUMBS_UP, SignalType.THUMBS_DOWN}


def slot_of(signal_type: str) -> str:
    """Signals of one slot replace each other: up and down are one choice, every other type is its own."""
    return "thumbs" if signal_type in _THUMBS else signal_type


def to_row(item: Item, *, received_at: datetime) -> Row:
    """The row of one valid item. Raises whatever masking raises, so that nothing unmasked goes on."""
    return _event_row(item, received_at) if isinstance(item, EventItem) else _signal_row(item, received_at)


def _event_row(item: EventItem, received_at: datetime) -> Row:
    counts: Counter[str] = Counter()
    messages = msgspec.to_builtins(item.messages)
    prompt = item.prompt if item.prompt is not None else last_user_message(item.messages)
    row = {name: getattr(item, name) or "" for name in _EVENT_LABELS}
    row |= {name: getattr(item, name) for name in _EVENT_NUMBERS}
    return row | {
        "id": str(item.id or time_ordered_uuid()),
        "deployment_id": item.deployment_id,
        "session_hash": hash_person(item.session_id),
        "user_hash": hash_person(item.user_id),
        "hash_key_id": "",
        "prompt": _mask(prompt, counts),
        "messages": _mask_json(messages, counts),
        "response": _mask(item.response, counts),
        "prompt_length": len(prompt),
        "response_length": len(item.response),
        "content_dropped": False,
        "occurred_at": (item.occurred_at or received_at).astimezone(UTC),
        "received_at": received_at,
        "tags": _mask_value(item.tags or [], counts),
        "metadata": _mask_json(item.metadata or {}, counts),
        "masked": _json(counts),
    }


def _signal_row(item: SignalItem, received_at: datetime) -> Row:
    counts: Counter[str] = Counter()
    return {
        "id": str(item.id or time_ordered_uuid()),
        "event_id": str(item.event_id) if item.event_id else None,
        "external_id": item.external_id or "",
        "deployment_id": item.deployment_id or "",
        "type": item.type,
        "slot": slot_of(item.type),
        "value": _mask_json(item.value, counts),
        "edited_response": _mask(item.edited_response or "", counts),
        "comment": _mask(item.comment or "", counts),
        "user_hash": hash_person(item.user_id),
        "hash_key_id": "",
        "content_dropped": False,
        "metadata": _mask_json(item.metadata or {}, counts),
        "occurred_at": (item.occurred_at or received_at).astimezone(UTC),
        "received_at": received_at,
        "masked": _json(counts),
    }


def _mask(text: str, counts: Counter) -> str:
    masked = mask_text(text)
    counts.update(span.kind for span in masked.spans)
    return masked.text


def _mask_json(value: Any, counts: Counter) -> str | None:
    return None if value is None else _json(_mask_value(value, counts))


def _mask_value(value: Any, counts: Counter) -> Any:
    masked = mask_value(value)
    counts.update(masked.counts)
    return masked.value


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
