"""From a valid item to the row that is stored: masked, hashed, with every default filled in."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.conf import settings

from feedback import exact_json
from feedback.choices import ContentPolicy, SignalType
from feedback.deployments.policies import Policy, masking_options
from feedback.hashing import hash_external_id, hash_person, hash_session
from feedback.ingestion.items import EventItem, Message, SignalItem, last_user_message
from feedback.masking import DEFAULTS, CustomPattern, Options, are_clear, mask_text, mask_value, texts_of
from feedback.quality import assessment
from feedback.stores.schema import Row

_EVENT_LABELS = ("model_version_id", "prompt_version", "finish_reason", "experiment", "trace_id", "span_id")
_EVENT_NUMBERS = ("latency_ms", "prompt_tokens", "completion_tokens", "token_count", "cost_usd")
_NO_CONTENT = {"prompt": "", "messages": None, "response": "", "tags": [], "metadata": "{}"}
_NO_SIGNAL_CONTENT = {"value": None, "edited_response": "", "comment": "", "metadata": "{}"}
_THUMBS = {SignalType.THUMBS_UP, SignalType.THUMBS_DOWN}


def slot_of(signal_type: str, name: str = "", message_index: int | None = None) -> str:
    """`type[:name][#message index]`: signals of one slot replace each other. Up and down are one choice."""
    slot = "thumbs" if signal_type in _THUMBS else signal_type
    if name:
        slot += f":{name}"
    return slot if message_index is None else f"{slot}#{message_index}"


@dataclass
class _Mask:
    """Masks what one item holds, unless its deployment wants it as it is, and counts by kind."""

    is_on: bool
    patterns: Sequence[CustomPattern]
    options: Options = DEFAULTS
    counts: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, policy: Policy, texts: Iterable[str | None], values: Iterable[Any]) -> "_Mask":
        """The mask for an item with these texts and JSON values; one search clears most items."""
        if policy.content_policy == ContentPolicy.OFF:
            return cls(False, ())
        gathered = [*filter(None, texts), *(text for value in values if value for text in texts_of(value))]
        options = masking_options()
        return cls(bool(policy.patterns) or not are_clear(gathered, options=options), policy.patterns, options)

    def text(self, text: str | None) -> str:
        if not text or not self.is_on:
            return text or ""
        masked = mask_text(text, patterns=self.patterns, options=self.options)
        if masked.spans:
            self.counts.update(span.kind for span in masked.spans)
        return masked.text

    def value(self, value: Any) -> Any:
        if not value or not self.is_on:
            return value
        masked = mask_value(value, patterns=self.patterns, options=self.options)
        if masked.counts:
            self.counts.update(masked.counts)
        return masked.value

    def json(self, value: Any) -> str | None:
        return _json_or_none(self.value(value))

    def messages(self, messages: list[Message] | None) -> str | None:
        if not self.is_on or not messages:
            return _json_or_none(messages)
        return self.json(msgspec.to_builtins(messages, builtin_types=(Decimal,)))

    def name(self, name: str | None) -> str:
        """A name used for lookups; one that contains personal data is replaced by its keyed hash."""
        return hash_external_id(name) if name and self.text(name) != name else name or ""


def event_row(item: EventItem, event_id: str, *, received_at: datetime, policy: Policy) -> Row:
    """The row of a valid event. Raises any error of masking, so that nothing unmasked is stored."""
    prompt = item.prompt if item.prompt is not None else last_user_message(item.messages)
    labels = [getattr(item, name) for name in _EVENT_LABELS]
    values = item.tags, item.metadata, *_calls(item.messages)
    mask = _Mask.of(policy, (prompt, item.response, item.external_id, *labels, *_texts_in(item.messages)), values)
    row = {name: label and mask.text(label) or "" for name, label in zip(_EVENT_LABELS, labels, strict=True)}
    row |= {name: getattr(item, name) for name in _EVENT_NUMBERS}
    row |= {
        "id": event_id,
        "external_id": mask.name(item.external_id),
        "deployment_id": item.deployment_id,
        "session_hash": hash_session(item.session_id),
        "user_hash": hash_person(item.user_id),
        "hash_key_id": settings.HASH_KEY_ID,
        "prompt": mask.text(prompt),
        "messages": mask.messages(item.messages),
        "response": mask.text(item.response),
        "content_dropped": False,
        "occurred_at": (item.occurred_at or received_at).astimezone(UTC),
        "received_at": received_at,
        "tags": mask.value(item.tags or []),
        "metadata": mask.json(item.metadata or {}),
        "masked": _json(mask.counts),
    }
    row["prompt_length"], row["response_length"] = len(row["prompt"]), len(row["response"])
    return _without_content(row) if policy.content_policy == ContentPolicy.DROP else row


def _without_content(row: Row) -> Row:
    """The row of an event without its texts, which are measured and scored before they are discarded."""
    return row | {"assessment": assessment.score_row(row), "content_dropped": True} | _NO_CONTENT


def signal_row(item: SignalItem, signal_id: str, *, received_at: datetime, policy: Policy) -> Row:
    """The row of a valid signal. Raises any error of masking, so that nothing unmasked is stored."""
    values = item.value, item.metadata
    mask = _Mask.of(policy, (item.external_id, item.edited_response, item.comment, item.name), values)
    name = mask.name(item.name)
    row = {
        "id": signal_id,
        "event_id": str(item.event_id) if item.event_id else None,
        "external_id": mask.name(item.external_id),
        "deployment_id": item.deployment_id or "",
        "session_hash": hash_session(item.session_id),
        "type": item.type,
        "name": name,
        "message_index": item.message_index,
        "slot": slot_of(item.type, name, item.message_index),
        "retracted": item.retracted,
        "prompted": item.prompted,
        "value": mask.json(item.value),
        "edited_response": mask.text(item.edited_response),
        "comment": mask.text(item.comment),
        "user_hash": hash_person(item.user_id),
        "hash_key_id": settings.HASH_KEY_ID,
        "content_dropped": False,
        "metadata": mask.json(item.metadata or {}),
        "key_prefix": "",
        "through_public_key": False,
        "occurred_at": (item.occurred_at or received_at).astimezone(UTC),
        "received_at": received_at,
        "masked": _json(mask.counts),
    }
    if policy.content_policy == ContentPolicy.DROP:
        row |= {"content_dropped": True} | _NO_SIGNAL_CONTENT
        # The number is the rating itself and identifies no one.
        row["value"] = _json(item.value) if item.type == SignalType.RATING else None
    return row


def _texts_in(messages: list[Message] | None) -> Iterator[str | None]:
    for message in messages or ():
        yield from (message.content, message.name, message.tool_call_id)


def _calls(messages: list[Message] | None) -> Iterator[list[dict[str, Any]]]:
    return (message.tool_calls for message in messages or () if message.tool_calls)


def _json_or_none(value: Any) -> str | None:
    return None if value is None else _json(value)


def _json(value: Any) -> str:
    return exact_json.encode(value).decode()
