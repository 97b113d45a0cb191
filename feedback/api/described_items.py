"""The OpenAPI description of events, signals and scores, generated from the types that validate them."""

from inspect import cleandoc
from typing import Any

import msgspec

from feedback.conversations import described as conversations
from feedback.ingestion.items import EventItem, SignalItem
from feedback.ingestion.score_items import GivenScore, ScoreItem
from feedback.ir import FeedbackEvent
from feedback.tools import described as tools

Schema = dict[str, Any]

_ITEMS = (EventItem, SignalItem, ScoreItem, GivenScore, FeedbackEvent)
# What an item needs beside what its type requires, as `items.check` and `exchanges.read` have it.
_NEEDS = {
    "EventItem": [{"required": ["prompt", "response"]}, {"required": ["messages"]}],
    "SignalItem": [
        {"required": ["event_id"]},
        {"required": ["external_id", "deployment_id"]},
        {"required": ["session_id", "deployment_id"]},
    ],
    "FeedbackEvent": [
        {"required": ["deployment_id", "input", "output"]},
        {"required": ["deployment_id", "feedback_value"]},
    ],
    "ScoreItem": [{"required": ["event_id"]}, {"required": ["external_id", "deployment_id"]}],
}


def _body(name: str, list_name: str) -> Schema:
    """One item, or a list under its name."""
    item = {"$ref": conversations.REFERENCE.format(name=name)}
    items = {"type": "array", "items": item, "minItems": 1}
    return {
        "anyOf": [
            item,
            {
                "type": "object",
                "required": [list_name],
                "properties": {list_name: items},
                "additionalProperties": False,
            },
        ]
    }


EVENTS, SIGNALS = _body("EventItem", "events"), _body("SignalItem", "signals")
SCORES = _body("ScoreItem", "scores")
FEEDBACK_EVENTS = _body("FeedbackEvent", "feedback_events")


def add_components(result: Schema, generator: Any, request: Any, public: bool) -> Schema:
    """Add the schemas that the bodies of events, signals and scores refer to."""
    result["components"]["schemas"] |= components()
    return result


def components() -> dict[str, Schema]:
    _, generated = msgspec.json.schema_components(_ITEMS, ref_template=conversations.REFERENCE)
    items = {name: _openapi(schema) | _needs(name) for name, schema in generated.items()}
    for item in _ITEMS:
        items[item.__name__]["description"] = cleandoc(item.__doc__ or "")
    return items | conversations.COMPONENTS | tools.COMPONENTS


def _needs(name: str) -> Schema:
    return {"anyOf": _NEEDS[name]} if name in _NEEDS else {}


def _openapi(schema: Any) -> Any:
    """JSON Schema as OpenAPI 3.0 writes it: null is no type there, and a default of null says nothing."""
    if isinstance(schema, list):
        return [_openapi(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    read = {name: _openapi(value) for name, value in schema.items() if name != "default" or value is not None}
    choices = read.get("anyOf")
    if not choices or {"type": "null"} not in choices:
        return read
    others = _one_number([choice for choice in choices if choice != {"type": "null"}])
    del read["anyOf"]
    return read | ({"anyOf": others} if len(others) > 1 else others[0]) | {"nullable": True}


def _one_number(choices: list[Schema]) -> list[Schema]:
    """Of any number, number says all. 12.0 is an integer in JSON Schema, so a count needs no number beside it."""
    if {"type": "number"} in choices:
        return [choice for choice in choices if choice != {"type": "integer"}]
    is_count = any(choice.get("type") == "integer" for choice in choices)
    return [choice for choice in choices if not (is_count and choice.get("type") == "number")]
