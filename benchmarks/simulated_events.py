"""Bodies of requests for the ingestion benchmark, made of the project's own simulation."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain, cycle, islice
from typing import Any

import msgspec

from feedback.simulation.scenarios import Scenario, two_versions
from feedback.simulation.traffic import simulate

SIMULATED = 6_000
CHARACTERS = range(500, 901)
_TEXT, _NUMBER = {"type": "string"}, {"type": "integer", "minimum": 1}
_TOOLS = {
    "reply": ({"text": _TEXT, "language": _TEXT}, ["text"]),
    "find_articles": (
        {"query": _TEXT, "section": {"enum": ["billing", "account", "orders"]}, "most": _NUMBER},
        ["query"],
    ),
    "open_ticket": ({"title": _TEXT, "details": _TEXT, "priority": _NUMBER, "tags": {"type": "array"}}, ["title"]),
}


class Bodies:
    """Some two thousand different events of about 700 characters, again and again under new ids.

    tool_calls: the answer is a call that holds the same text, and each event declares three tools.
    """

    def __init__(self, *, tool_calls: bool = False):
        events = [*chain.from_iterable(zip(_events("support"), _events("sql"), strict=False))]
        self.mean_characters = sum(map(_characters, events)) / len(events)
        events = list(map(_with_call, events)) if tool_calls else events
        self._events = cycle([msgspec.json.encode(event).removeprefix(b"{") for event in events])

    def make(self, count: int) -> bytes:
        """One request of `count` events that happen now."""
        time = f'","occurred_at":"{datetime.now(UTC).isoformat()}",'.encode()
        events = [b'{"id":"%s%s%s' % (str(uuid.uuid4()).encode(), time, rest) for rest in islice(self._events, count)]
        return b'{"events":[%s]}' % b",".join(events)


def _events(texts: str) -> Iterator[dict[str, Any]]:
    scenario = Scenario(texts, texts, SIMULATED, days=30, seed=1, versions=two_versions(texts, switch=0.5))
    for exchange in simulate(scenario, start=datetime(2026, 1, 1, tzinfo=UTC)):
        if _characters(exchange.event) in CHARACTERS:
            yield {name: value for name, value in exchange.event.items() if name != "id"}


def _with_call(event: dict[str, Any]) -> dict[str, Any]:
    arguments = msgspec.json.encode({"text": event["response"], "language": "en"}).decode()
    call = {"id": "call_1", "type": "function", "function": {"name": "reply", "arguments": arguments}}
    messages = event.get("messages") or [{"role": "user", "content": event["prompt"]}]
    others = {name: value for name, value in event.items() if name not in ("prompt", "messages")}
    return others | {
        "messages": messages,
        "response": {"role": "assistant", "content": None, "tool_calls": [call]},
        "tools": [_declared(name, *schema) for name, schema in _TOOLS.items()],
    }


def _declared(name: str, properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": required}
    description = f"Use {name} when the user needs it. Ask back if an argument is not known."
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


def _characters(event: dict[str, Any]) -> int:
    contents = [message["content"] for message in event.get("messages", [])]
    return sum(map(len, (event.get("prompt", ""), event["response"], *contents)))
