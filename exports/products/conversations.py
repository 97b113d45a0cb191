"""Converts an example to training messages."""

from typing import Any

from curation.choices import Strategy
from exports.products.base import Example, Pair

ASKING_ROLES = ("user", "tool")
Message = dict[str, Any]


def context(example: Example | Pair) -> list[Message]:
    """Return the conversation up to and including the last turn of the user or a tool."""
    messages = example.messages or []
    last = max((index for index, message in enumerate(messages) if message["role"] in ASKING_ROLES), default=None)
    if last is None:
        return [*messages, {"role": "user", "content": example.prompt}]
    return messages[: last + 1]


def turn(content: str) -> Message:
    return {"role": "assistant", "content": content}


def imitated(example: Example) -> Message | None:
    """Return the answer that is worth imitating: the edited answer of an edit, else the model's own."""
    return turn(example.edited_response) if example.strategy == Strategy.USER_EDIT else answer(example)


def answer(example: Example) -> Message | None:
    """Return the model's own answer as a turn, with its tool calls and without its reasoning; None if it is empty."""
    return answer_of(example.response, example.response_message)


def answer_of(text: str, message: Message | None) -> Message | None:
    """Return an answer, likewise: its message if it has calls, else its text."""
    if calls := (message or {}).get("tool_calls"):
        return {"role": "assistant", "content": (message or {}).get("content"), "tool_calls": calls}
    return turn(text) if text.strip() else None
