"""From a valid item to the row that is stored: masked, hashed, with every default filled in."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from feedback import exact_json
from feedback.choices import ContentPolicy, SignalType
from feedback.conversations import canonical
from feedback.deployments.policies import Policy
from feedback.hashing import hash_person, hash_session
from feedback.ingestion.admitting import declared_tools
from feedback.ingestion.admitting.declared_tools import TOOLS, DeclaredTools
from feedback.ingestion.admitting.exchanges import Exchange
from feedback.ingestion.admitting.mask import Mask
from feedback.ingestion.items import EventItem, SignalItem
from feedback.ingestion.score_items import GivenScore, ScoreItem
from feedback.quality import assessment
from feedback.scores.waiting import SCORES
from feedback.stores.schema import Row

# Identifiers, read as such.
_EVENT_LABELS = ("model_version_id", "prompt_version", "experiment", "trace_id", "span_id")
_EVENT_NUMBERS = ("latency_ms", "prompt_tokens", "completion_tokens", "token_count", "cost_usd")
_NO_CONTENT = {
    "prompt": "",
    "messages": None,
    "response": "",
    "response_message": None,
    "tool_choice": None,
    "response_format": None,
    "tags": [],
    "metadata": "{}",
}
_NO_SIGNAL_CONTENT = {"value": None, "edited_response": "", "comment": "", "metadata": "{}"}
_THUMBS = {SignalType.THUMBS_UP, SignalType.THUMBS_DOWN}


def slot_of(signal_type: str, name: str = "", message_index: int | None = None) -> str:
    """`type[:name][#message index]`: signals of one slot replace each other. Up and down are one choice."""
    slot = "thumbs" if signal_type in _THUMBS else signal_type
    if name:
        slot += f":{name}"
    return slot if message_index is None else f"{slot}#{message_index}"


def event_row(
    item: EventItem, event_id: str, *, exchange: Exchange, tools: DeclaredTools, received_at: datetime, policy: Policy
) -> Row:
    """The row of a valid event. Raises any error of masking, so that nothing unmasked is stored."""
    labels = [getattr(item, name) for name in _EVENT_LABELS]
    labels[0] = labels[0] or item.model
    if not policy.keeps_reasoning:
        exchange = exchange.without_reasoning()
    given = item.given_scores
    texts = exchange.prompt, item.external_id, item.finish_reason, *(score.name for score in given)
    values = item.tags, item.metadata, item.tool_choice, item.response_format
    mask = Mask.of(policy, texts, values, [*(exchange.messages or ()), exchange.response])
    row = {name: mask.label(label) for name, label in zip(_EVENT_LABELS, labels, strict=True)}
    row |= {name: getattr(item, name) for name in _EVENT_NUMBERS}
    row |= {
        "id": event_id,
        "external_id": mask.name(item.external_id),
        "deployment_id": item.deployment_id,
        "session_hash": hash_session(item.session_id),
        "user_hash": hash_person(item.user_id),
        "hash_key_id": settings.HASH_KEY_ID,
        "prompt": mask.text(exchange.prompt),
        "messages": exchange.messages and canonical.encode(map(mask.message, exchange.messages)),
        "dialect": exchange.dialect,
        "tools_hash": tools.digest,
        "tool_choice": mask.json(item.tool_choice),
        "response_format": mask.json(item.response_format),
        "content_dropped": False,
        "finish_reason": mask.text(item.finish_reason),
        "feedback_shown": item.feedback_shown,
        "training_allowed": item.training_allowed is not False,
        "occurred_at": (item.occurred_at or received_at).astimezone(UTC),
        "received_at": received_at,
        "tags": mask.value(item.tags or []),
        "metadata": mask.json(item.metadata or {}),
    }
    row |= _response(exchange, mask)
    if given:
        row[SCORES] = [_score(score, mask) for score in given]
    if tools.text:
        row[TOOLS] = tools.text
        mask.counts.update(dict(tools.masked))
    row["masked"] = _json(mask.counts)
    row["prompt_length"], row["response_length"] = len(row["prompt"]), len(row["response"])
    return _without_content(row) if policy.content_policy == ContentPolicy.DROP else row


def _response(exchange: Exchange, mask: Mask) -> Row:
    """The answer as text, and as a message where it is more than a text."""
    message = mask.message(exchange.response)
    return {
        "response": message.answer,
        "response_message": None if exchange.is_plain else canonical.encode([message]),
        "tools_called": list(dict.fromkeys(call.name for call in message.calls)),
    }


def _without_content(row: Row) -> Row:
    """The row of an event without its texts, which are measured and scored before they are discarded."""
    row = row | {"assessment": assessment.score_row(row), "content_dropped": True} | _NO_CONTENT
    if TOOLS in row:
        tools = declared_tools.names_only(row[TOOLS])
        row |= {TOOLS: tools.text, "tools_hash": tools.digest}
    return row


def signal_row(item: SignalItem, signal_id: str, *, received_at: datetime, policy: Policy) -> Row:
    """The row of a valid signal. Raises any error of masking, so that nothing unmasked is stored."""
    values = item.value, item.metadata
    mask = Mask.of(policy, (item.external_id, item.edited_response, item.comment, item.name), values)
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


def score_row(item: ScoreItem, score_id: str, *, received_at: datetime, policy: Policy) -> Row:
    """The row of a valid score. Raises any error of masking, so that nothing unmasked is stored."""
    mask = Mask.of(policy, (item.external_id, item.name), ())
    return {
        "id": score_id,
        "event_id": str(item.event_id) if item.event_id else None,
        "external_id": mask.name(item.external_id),
        "deployment_id": item.deployment_id,
        "user_hash": "",
        "occurred_at": (item.occurred_at or received_at).astimezone(UTC),
        "received_at": received_at,
        **_score(item, mask),
    }


def _score(score: GivenScore | ScoreItem, mask: Mask) -> Row:
    return {"name": mask.name(score.name), "value": score.value, "version": mask.label(score.version)}


def _json(value: Any) -> str:
    return exact_json.encode(value).decode()
