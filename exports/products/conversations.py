"""Converts an example to training messages."""

from typing import Any

from curation.choices import Strategy
from exports.choices import Reasoning
from exports.products.base import Example, Options, Pair

ASKING_ROLES = ("user", "tool")
# The key of reasoning in stored messages, and the one that TRL's data for Harmony has.
REASONING, THINKING = "reasoning_content", "thinking"
TOOLS = "tools"
Message = dict[str, Any]


def context(example: Example | Pair, options: Options) -> list[Message]:
    """Return the conversation up to and including the last turn of the user or a tool."""
    messages = example.messages or []
    last = max((index for index, message in enumerate(messages) if message["role"] in ASKING_ROLES), default=None)
    if last is None:
        return [*messages, {"role": "user", "content": example.prompt}]
    return [_with_reasoning(message, message.get(REASONING), options) for message in messages[: last + 1]]


def declared(row: Example | Pair) -> dict[str, Any]:
    """Return the tools that a row declares as a key of its records; without any, records have no such key."""
    return {TOOLS: row.tools} if row.tools else {}


def turn(content: str) -> Message:
    return {"role": "assistant", "content": content}


def imitated(example: Example, options: Options) -> Message | None:
    """Return the answer that is worth imitating, None if it is empty: that of a reviewer, else of an edit, which both
    have no reasoning, else the model's own.
    """
    if example.reviewed_response:
        return turn(example.reviewed_response)
    if example.strategy == Strategy.USER_EDIT:
        return turn(example.edited_response) if example.edited_response.strip() else None
    return answer_of(example.response, example.response_message, options)


def answer_of(text: str, message: Message | None, options: Options) -> Message | None:
    """Return an answer as a turn: its message if it has calls, else its text; None if it has neither."""
    message = message or {}
    if calls := message.get("tool_calls"):
        found = {"role": "assistant", "content": message.get("content"), "tool_calls": calls}
    elif text.strip():
        found = turn(text)
    else:
        return None
    return _with_reasoning(found, message.get(REASONING), options)


def without_reasoning(message: Message) -> Message:
    return {key: value for key, value in message.items() if key not in (REASONING, THINKING)}


def _with_reasoning(message: Message, reasoning: str | None, options: Options) -> Message:
    found = without_reasoning(message)
    if reasoning and options.reasoning != Reasoning.DROP:
        found[REASONING if options.reasoning == Reasoning.KEEP else THINKING] = reasoning
    return found
