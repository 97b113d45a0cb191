"""Turns of ShareGPT: `from` and `value`, as data sets and trainers have them."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Raw

from feedback.conversations.dialects.openai import state_of
from feedback.conversations.intake import Fields, Intake, is_missing, json_text, kind_of, object_or_text
from feedback.conversations.messages import (
    Block,
    ConversationError,
    MediaBlock,
    Message,
    Role,
    TextBlock,
    ToolCallBlock,
    ToolResultBlock,
)
from feedback.conversations.parts import read_parts, read_result

SPEAKERS: dict[str, Role] = {
    "system": "system",
    "developer": "developer",
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "chatgpt": "assistant",
    "model": "assistant",
    "bot": "assistant",
    "ai": "assistant",
    "function_call": "assistant",
    "tool_call": "assistant",
    "observation": "tool",
    "tool": "tool",
    "tool_response": "tool",
    "function_response": "tool",
}
_WRITTEN = {"system": "system", "developer": "system", "user": "human", "assistant": "gpt", "tool": "observation"}


def read_turn(intake: Intake, fields: Fields, path: str) -> Message:
    """Read one turn.

    Parameters
    ----------
    intake : Intake
        Bounds, notes and unknown keys of the event.
    fields : dict of str to msgspec.Raw
        The keys of the turn.
    path : str
        Where the turn is.

    Returns
    -------
    Message
        A function_call has its calls as blocks if its value is JSON, and else as text.

    Raises
    ------
    ConversationError
        If the speaker is unknown or the value cannot be read.

    Examples
    --------
    >>> read_turn(Intake(), {"from": Raw(b'"gpt"'), "value": Raw(b'"Hi"')}, "[0]").role
    'assistant'
    """
    speaker = intake.text(fields["from"], f"{path}.from", most=255).lower()
    if speaker not in SPEAKERS:
        raise ConversationError(f"{path}.from", "invalid", f"from is one of {', '.join(SPEAKERS)}")
    role, value = SPEAKERS[speaker], fields.get("value")
    extra = intake.extra(fields, {"from", "value"}, path)
    if speaker in {"function_call", "tool_call"} and value is not None and (calls := _calls(intake, value, path)):
        return Message(role, calls, content_state="absent", extra=extra)
    read = read_result if role == "tool" else read_parts
    blocks = [] if value is None else read(intake, value, f"{path}.value")
    if role == "tool":
        blocks = [ToolResultBlock("", blocks=blocks)]
    return Message(role, blocks, content_state=state_of(value), extra=extra)


def _calls(intake: Intake, value: Raw, path: str) -> list[Block]:
    """The calls of a value, or none if it is not JSON with names."""
    raw = Raw(intake.text(value, f"{path}.value").strip().encode()) if kind_of(value) == "str" else value
    try:
        items = msgspec.json.decode(raw, type=list[dict[str, Raw]] | dict[str, Raw])
    except (msgspec.MsgspecError, RecursionError):
        return []
    calls: list[Block] = []
    for item in items if isinstance(items, list) else [items]:
        name = item.get("name")
        if name is None or kind_of(name) != "str":
            return []
        arguments = item.get("arguments", item.get("parameters"))
        calls.append(
            ToolCallBlock(
                intake.label(item.get("id"), f"{path}.value") or "",
                intake.text(name, f"{path}.value", most=255),
                intake.json(arguments, f"{path}.value") if not is_missing(arguments) else "{}",
            )
        )
    return calls


def to_sharegpt(messages: Iterable[Message], *, reasoning: bool = True) -> list[dict[str, Any]]:
    """Write messages as turns.

    Parameters
    ----------
    messages : iterable of Message
    reasoning : bool
        Whether to write reasoning, between <think> tags before the answer.

    Returns
    -------
    list of dict
        Calls are a turn of their own after the text. Media are marks such as <image> in the text.

    Examples
    --------
    >>> to_sharegpt([Message("user", [TextBlock("Hi")]), Message("assistant", [ToolCallBlock("c", "add", '{"a":1}')])])
    [{'from': 'human', 'value': 'Hi'}, {'from': 'function_call', 'value': '{"name": "add", "arguments": {"a":1}}'}]
    """
    return [turn for message in messages for turn in _turns(message, reasoning=reasoning)]


def _turns(message: Message, *, reasoning: bool) -> list[dict[str, Any]]:
    speaker = _WRITTEN[message.role]
    if message.results:
        return [{"from": speaker, "value": _text(block.blocks)} for block in message.results]
    turns = []
    text = _text(message.blocks) or message.refusal or ""
    if reasoning and message.reasoning:
        text = f"<think>\n{message.reasoning}\n</think>\n\n{text}"
    calls = message.calls
    if text or not calls:
        turns.append({"from": speaker, "value": text})
    if calls:
        written = [_call(block) for block in calls]
        turns.append({"from": "function_call", "value": written[0] if len(written) == 1 else f"[{', '.join(written)}]"})
    return turns


def _text(blocks: Iterable[Block]) -> str:
    pieces = []
    for block in blocks:
        if isinstance(block, TextBlock):
            pieces.append(block.text)
        elif isinstance(block, MediaBlock):
            pieces.append(f"<{block.kind}>")
    return "".join(pieces)


def _call(block: ToolCallBlock) -> str:
    sent = object_or_text(block.arguments)
    arguments = json_text(sent) if isinstance(sent, Raw) else msgspec.json.encode(sent).decode()
    return f'{{"name": {msgspec.json.encode(block.name).decode()}, "arguments": {arguments}}}'
