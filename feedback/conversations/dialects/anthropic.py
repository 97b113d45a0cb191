"""Messages of Anthropic's Messages API."""

from collections.abc import Iterable
from typing import Any

from msgspec import Raw
from msgspec.structs import replace

from feedback.conversations.dialects.openai import read_message as read_openai_message
from feedback.conversations.intake import Fields, Intake, object_or_text
from feedback.conversations.media import reference_url
from feedback.conversations.messages import (
    Block,
    MediaBlock,
    Message,
    OtherBlock,
    ReasoningBlock,
    RefusalBlock,
    TextBlock,
    ToolCallBlock,
    ToolResultBlock,
)

PART_TYPES = frozenset({"tool_use", "tool_result", "thinking", "redacted_thinking", "document", "search_result"})


def read_message(intake: Intake, fields: Fields, path: str) -> list[Message]:
    """Read one message; each tool result in it becomes a message of a tool, before the text beside it.

    Parameters
    ----------
    intake : Intake
        Bounds, notes and unknown keys of the event.
    fields : dict of str to msgspec.Raw
        The keys of the message.
    path : str
        Where the message is.

    Returns
    -------
    list of Message

    Raises
    ------
    ConversationError
        If the role is unknown or a known key has a value that cannot be read.

    Examples
    --------
    >>> parts = b'[{"type": "tool_result", "tool_use_id": "t1", "content": "3"}, {"type": "text", "text": "So?"}]'
    >>> [message.role for message in read_message(Intake(), {"role": Raw(b'"user"'), "content": Raw(parts)}, "[0]")]
    ['tool', 'user']
    """
    message = read_openai_message(intake, {name: raw for name, raw in fields.items() if name != "type"}, path)
    results = message.results
    if not results or message.role == "tool" and len(message.blocks) == 1:
        return [message]
    tools = [Message("tool", [block]) for block in results]
    rest = [block for block in message.blocks if not isinstance(block, ToolResultBlock)]
    if not rest:
        return [*tools[:-1], replace(tools[-1], extra=message.extra)]
    role = "user" if message.role == "tool" else message.role
    return [*tools, replace(message, role=role, blocks=rest)]


def to_anthropic(messages: Iterable[Message]) -> dict[str, Any]:
    """Write messages as Anthropic's Messages API has them.

    Parameters
    ----------
    messages : iterable of Message

    Returns
    -------
    dict
        messages, and system if the first message is one. Arguments that are JSON are msgspec.Raw, byte for byte.

    Examples
    --------
    >>> to_anthropic([Message("system", [TextBlock("Be brief.")]), Message("user", [TextBlock("Hi")])])
    ... # doctest: +NORMALIZE_WHITESPACE
    {'system': [{'type': 'text', 'text': 'Be brief.'}],
     'messages': [{'role': 'user', 'content': [{'type': 'text', 'text': 'Hi'}]}]}
    """
    turns: list[dict[str, Any]] = []
    system: list[dict[str, Any]] = []
    after_result = False
    for index, message in enumerate(messages):
        parts = [_part(block) for block in message.blocks]
        if message.role in {"system", "developer"} and index == 0:
            system = parts
            continue
        role = message.role if message.role in {"assistant", "system"} else "user"
        if after_result and role == "user" and parts:
            turns[-1]["content"] += parts
        else:
            turns.append({"role": role, "content": parts})
        after_result = message.role == "tool"
    return ({"system": system} if system else {}) | {"messages": turns}


def _part(block: Block) -> dict[str, Any]:
    extra = block.extra or {}
    if isinstance(block, TextBlock | RefusalBlock):
        return {"type": "text", "text": block.text} | extra
    if isinstance(block, ReasoningBlock):
        if not block.text and "data" in extra:
            return {"type": "redacted_thinking"} | extra
        return {"type": "thinking", "thinking": block.text} | extra
    if isinstance(block, ToolCallBlock):
        return {"type": "tool_use", "id": block.id, "name": block.name, "input": _input(block)} | extra
    if isinstance(block, ToolResultBlock):
        return _result(block) | extra
    if isinstance(block, MediaBlock):
        kind = "image" if block.kind == "image" else "document"
        titled = {"title": block.name} if block.name is not None else {}
        return {"type": kind, "source": {"type": "url", "url": reference_url(block)}} | titled | extra
    return {"type": block.kind if isinstance(block, OtherBlock) else ""} | extra


def _input(block: ToolCallBlock) -> Raw | dict[str, str]:
    sent = object_or_text(block.arguments)
    return sent if isinstance(sent, Raw) else {"input": sent}


def _result(block: ToolResultBlock) -> dict[str, Any]:
    written: dict[str, Any] = {"type": "tool_result", "tool_use_id": block.call_id}
    if block.blocks:
        written["content"] = [_part(inner) for inner in block.blocks]
    return written if block.is_error is None else written | {"is_error": block.is_error}
