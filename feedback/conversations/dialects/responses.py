"""Items of OpenAI's Responses."""

from collections.abc import Iterable
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from feedback.conversations.dialects.openai import read_message, state_of
from feedback.conversations.intake import Fields, Intake
from feedback.conversations.media import reference_url
from feedback.conversations.messages import (
    Block,
    MediaBlock,
    Message,
    OtherBlock,
    ReasoningBlock,
    RefusalBlock,
    Role,
    TextBlock,
    ToolCallBlock,
    ToolResultBlock,
)
from feedback.conversations.parts import other, read_reasoning, read_result

PART_TYPES = frozenset({"input_text", "output_text", "input_image", "input_file", "summary_text", "reasoning_text"})
_CALLS = {"function_call": "arguments", "custom_tool_call": "input"}
_RESULTS = frozenset({"function_call_output", "custom_tool_call_output"})


def read_item(intake: Intake, fields: Fields, path: str) -> Message:
    """Read one item of the input or the output.

    Parameters
    ----------
    intake : Intake
        Bounds, notes and unknown keys of the event.
    fields : dict of str to msgspec.Raw
        The keys of the item.
    path : str
        Where the item is.

    Returns
    -------
    Message
        An item of an unknown type is an assistant's message, or a tool's if it is an output.

    Raises
    ------
    ConversationError
        If a known key has a value that cannot be read.

    Examples
    --------
    >>> from msgspec import Raw
    >>> fields = {"type": Raw(b'"function_call"'), "call_id": Raw(b'"c1"'), "name": Raw(b'"add"')}
    >>> read_item(Intake(), fields, "[0]").tool_calls
    [{'id': 'c1', 'type': 'function', 'function': {'name': 'add', 'arguments': '{}'}}]
    """
    kind = intake.unbounded_text(fields.get("type")) or "message"
    if kind == "message":
        return read_message(intake, {name: raw for name, raw in fields.items() if name != "type"}, path)
    if kind in _CALLS:
        return Message("assistant", [_call(intake, kind, fields, path)], content_state="absent")
    if kind in _RESULTS:
        known = {"type", "call_id", "output"}
        call_id = intake.label(fields.get("call_id"), f"{path}.call_id") or ""
        output = fields.get("output")
        blocks = [] if output is None else read_result(intake, output, f"{path}.output")
        result = ToolResultBlock(call_id, blocks=blocks, extra=intake.extra(fields, known, path) or None)
        return Message("tool", [result], content_state=state_of(output))
    if kind == "reasoning":
        return Message("assistant", read_reasoning(intake, fields, path), content_state="absent")
    role: Role = "tool" if kind.endswith("_output") else "assistant"
    return Message(role, [other(intake, kind, fields, path)], content_state="absent")


def merged(messages: Iterable[Message]) -> list[Message]:
    """Merge the items of one answer: reasoning, text and calls are one assistant's message.

    Parameters
    ----------
    messages : iterable of Message
        One for each item.

    Returns
    -------
    list of Message
        A second text begins a second message.

    Examples
    --------
    >>> said = Message("assistant", [TextBlock("I add.")])
    >>> call = Message("assistant", [ToolCallBlock("c1", "add")], content_state="absent")
    >>> [len(message.blocks) for message in merged([said, call, said])]
    [2, 1]
    """
    done: list[Message] = []
    blocks: list[Block] | None = None
    for message in messages:
        if message.role != "assistant":
            blocks = None
        elif blocks is not None and not (message.content_state == "present" == done[-1].content_state):
            blocks += message.blocks
            state = "present" if "present" in {message.content_state, done[-1].content_state} else "absent"
            done[-1] = replace(done[-1], content_state=state, extra=done[-1].extra | message.extra)
            continue
        else:
            blocks = list(message.blocks)
            message = replace(message, blocks=blocks)
        done.append(message)
    return done


def _call(intake: Intake, kind: str, fields: Fields, path: str) -> ToolCallBlock:
    sent = _CALLS[kind]
    call_id = intake.label(fields.get("call_id"), f"{path}.call_id") or ""
    name = intake.label(fields.get("name"), f"{path}.name") or ""
    extra = intake.extra(fields, {"type", "call_id", "name", sent}, path) or None
    if kind == "custom_tool_call":
        text = intake.text(fields[sent], f"{path}.{sent}") if sent in fields else ""
        return ToolCallBlock(call_id, name, text, "custom", extra)
    return ToolCallBlock(call_id, name, intake.json(fields.get(sent), f"{path}.{sent}"), extra=extra)


def to_responses(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """Write messages as items of Responses.

    Parameters
    ----------
    messages : iterable of Message

    Returns
    -------
    list of dict
        Of unknown keys, those of reasoning and of calls are written, since the API needs them.

    Examples
    --------
    >>> to_responses([Message("user", [TextBlock("Hi")])])
    [{'type': 'message', 'role': 'user', 'content': [{'type': 'input_text', 'text': 'Hi'}]}]
    """
    return [item for message in messages for item in _items(message)]


def _items(message: Message) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []
    for block in message.blocks:
        if isinstance(block, TextBlock | RefusalBlock | MediaBlock):
            parts.append(_part(block, "output" if message.role == "assistant" else "input"))
            if len(parts) == 1:
                items.append({"type": "message", "role": message.role, "content": parts} | message.extra)
        else:
            items.append(_item(block, message))
    if not items or not parts and message.content_state != "absent" and not message.results:
        content = None if message.content_state == "null" else ""
        items.append({"type": "message", "role": message.role, "content": content} | message.extra)
    return items


def _item(block: Block, message: Message) -> dict[str, Any]:
    extra = getattr(block, "extra", None) or {}
    if isinstance(block, ToolCallBlock):
        kind = "custom_tool_call" if block.kind == "custom" else "function_call"
        return {"type": kind, "call_id": block.id, "name": block.name, _CALLS[kind]: block.arguments} | extra
    if isinstance(block, ToolResultBlock):
        return {"type": "function_call_output", "call_id": block.call_id} | _output(block, message) | extra
    if isinstance(block, ReasoningBlock):
        summary = [{"type": "summary_text", "text": block.text}] if block.text else []
        return {"type": "reasoning", "summary": summary} | extra
    return {"type": block.kind if isinstance(block, OtherBlock) else ""} | extra


def _output(block: ToolResultBlock, message: Message) -> dict[str, Any]:
    if any(isinstance(inner, MediaBlock) for inner in block.blocks):
        kept = [inner for inner in block.blocks if isinstance(inner, TextBlock | MediaBlock)]
        return {"output": [_part(inner, "input") for inner in kept]}
    content = message.content
    return {} if content is UNSET else {"output": content}


def _part(block: TextBlock | RefusalBlock | MediaBlock, direction: str) -> dict[str, Any]:
    if isinstance(block, RefusalBlock):
        return {"type": "refusal", "refusal": block.text}
    if isinstance(block, TextBlock):
        return {"type": f"{direction}_text", "text": block.text}
    named = {"filename": block.name} if block.name is not None else {}
    if block.kind == "file":
        return {"type": "input_file", "file_url": reference_url(block)} | named
    key = "image_url" if block.kind == "image" else "url"
    return {"type": f"input_{block.kind}", key: reference_url(block)} | named
