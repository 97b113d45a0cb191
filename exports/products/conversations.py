"""Converts an example to training messages."""

from typing import Any

from exports.products.base import Example

ASKING_ROLES = ("user", "tool")
Message = dict[str, Any]


def context(example: Example) -> list[Message]:
    """Return the conversation up to and including the last turn of the user or a tool."""
    messages = example.messages or []
    last = max((index for index, message in enumerate(messages) if message["role"] in ASKING_ROLES), default=None)
    if last is None:
        return [*messages, {"role": "user", "content": example.prompt}]
    return messages[: last + 1]


def turn(content: str) -> Message:
    return {"role": "assistant", "content": content}


def answer(example: Example) -> Message | None:
    """Return the model's own answer as a turn, with its tool calls and without its reasoning; None if it is empty."""
    message = example.response_message or {}
    if calls := message.get("tool_calls"):
        return {"role": "assistant", "content": message.get("content"), "tool_calls": calls}
    return turn(example.response) if example.response.strip() else None
