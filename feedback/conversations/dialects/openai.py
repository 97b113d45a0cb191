"""Messages of OpenAI's Chat Completions, as SDKs and compatible servers dump them."""

from collections.abc import Iterable
from typing import Any, Literal

from msgspec import UNSET, Raw

from feedback.conversations.intake import Fields, Intake, is_missing, kind_of
from feedback.conversations.media import read_media, reference_url
from feedback.conversations.messages import (
    Block,
    ContentState,
    MediaBlock,
    Message,
    ReasoningBlock,
    RefusalBlock,
    TextBlock,
    ToolCallBlock,
    ToolResultBlock,
)
from feedback.conversations.parts import read_parts, read_result, state_of_blocks

_KNOWN = frozenset({"role", "content", "name", "tool_calls", "function_call", "refusal"})
_KNOWN_OF_CALLS = frozenset({"id", "type", "index", "function", "custom", "name", "arguments", "args", "parameters"})
_REASONING = ("reasoning_content", "reasoning", "thinking", "thinking_blocks", "reasoning_details")


def read_message(intake: Intake, fields: Fields, path: str) -> Message:
    """Read one message.

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
    Message

    Raises
    ------
    ConversationError
        If the role is unknown or a known key has a value that cannot be read.

    Examples
    --------
    >>> fields = {"role": Raw(b'"assistant"'), "content": Raw(b'"Paris"'), "refusal": Raw(b"null")}
    >>> read_message(Intake(), fields, "[0]").blocks
    [TextBlock(text='Paris', extra=None)]
    """
    role = intake.role(fields.get("role"), f"{path}.role")
    content = fields.get("content")
    read = read_result if role == "tool" else read_parts
    blocks = [] if content is None else read(intake, content, f"{path}.content")
    known = _KNOWN | {"tool_call_id", "is_error"} if role == "tool" else _KNOWN
    if role == "assistant":
        known |= {"audio"}
        blocks = [*_reasoning(intake, fields, path), *blocks, *_refusals(intake, fields, path)]
        blocks += _audio(intake, fields, path)
    blocks += _calls(intake, fields, path)
    name = intake.label(fields.get("name"), f"{path}.name")
    if role == "tool" and not any(isinstance(block, ToolResultBlock) for block in blocks):
        call_id = intake.label(fields.get("tool_call_id"), f"{path}.tool_call_id") or ""
        blocks, name = [ToolResultBlock(call_id, name, _is_error(fields), blocks)], None
    return Message(role, blocks, name, _state(content, blocks), intake.extra(fields, known, path))


def _is_error(fields: Fields) -> bool | None:
    """Whether a result reports an error, in the spelling of Anthropic or of LangChain."""
    if fields.get("status") == Raw(b'"error"'):
        return True
    return {b"true": True, b"false": False}.get(bytes(fields["is_error"])) if "is_error" in fields else None


def state_of(content: Raw | None) -> ContentState:
    """Name what was sent as content.

    Parameters
    ----------
    content : msgspec.Raw or None

    Returns
    -------
    {"present", "null", "absent"}

    Examples
    --------
    >>> state_of(None), state_of(Raw(b"null")), state_of(Raw(b'""'))
    ('absent', 'null', 'present')
    """
    if content is None:
        return "absent"
    return "null" if is_missing(content) else "present"


def _state(content: Raw | None, blocks: list[Block]) -> ContentState:
    """Parts without any text or medium are no content."""
    state = state_of(content)
    is_bare = content is not None and kind_of(content) == "array" and state_of_blocks(blocks) == "absent"
    return "null" if is_bare and not any(isinstance(block, ToolResultBlock) for block in blocks) else state


def _reasoning(intake: Intake, fields: Fields, path: str) -> list[Block]:
    """The reasoning of the first key that has some; servers repeat it in several."""
    for key in _REASONING:
        raw = fields.get(key)
        if raw is None or kind_of(raw) not in {"str", "array"}:
            continue
        read = read_parts(intake, raw, f"{path}.{key}") if kind_of(raw) == "str" else _details(intake, raw, path, key)
        texts = [block.text for block in read if isinstance(block, TextBlock | ReasoningBlock) and block.text]
        if texts:
            return [ReasoningBlock("\n\n".join(texts))]
    return []


def _details(intake: Intake, raw: Raw, path: str, key: str) -> list[Block]:
    blocks: list[Block] = []
    for index, item in enumerate(intake.items(raw, f"{path}.{key}")):
        inner = intake.fields(item, f"{path}.{key}[{index}]") if kind_of(item) == "object" else {}
        for name in ("thinking", "text", "summary"):
            if name in inner and kind_of(inner[name]) == "str":
                blocks.append(TextBlock(intake.text(inner[name], f"{path}.{key}[{index}].{name}")))
    return blocks


def _refusals(intake: Intake, fields: Fields, path: str) -> list[Block]:
    raw = fields.get("refusal")
    return [] if raw is None or is_missing(raw) else [RefusalBlock(intake.text(raw, f"{path}.refusal"))]


def _audio(intake: Intake, fields: Fields, path: str) -> list[Block]:
    """The sound, and what was said as text."""
    raw = fields.get("audio")
    if raw is None or kind_of(raw) != "object":
        return []
    inner = intake.fields(raw, f"{path}.audio")
    said = inner.pop("transcript", None)
    block = read_media(intake, inner, f"{path}.audio", "audio")
    return [block, *([] if said is None else read_parts(intake, said, f"{path}.audio.transcript"))]


def _calls(intake: Intake, fields: Fields, path: str) -> list[Block]:
    calls: list[Block] = []
    raw = fields.get("tool_calls")
    if raw is not None and not is_missing(raw):
        for index, item in enumerate(intake.items(raw, f"{path}.tool_calls")):
            calls.append(read_call(intake, item, f"{path}.tool_calls[{index}]"))
    legacy = fields.get("function_call")
    if legacy is not None and not is_missing(legacy):
        calls.append(read_call(intake, legacy, f"{path}.function_call"))
    return calls


def read_call(intake: Intake, raw: Raw, path: str) -> ToolCallBlock:
    """Read one tool call. Names, ids and arguments that are no text are read as their JSON text.

    Parameters
    ----------
    intake : Intake
    raw : msgspec.Raw
        A function or custom call, or name and arguments alone.
    path : str

    Returns
    -------
    ToolCallBlock

    Raises
    ------
    ConversationError
        If it is no object, or a text is too long.

    Examples
    --------
    >>> read_call(Intake(), Raw(b'{"id": 7, "name": "add", "args": {"a": 1.0}}'), "[0]")
    ToolCallBlock(id='7', name='add', arguments='{"a": 1.0}', kind='function', extra=None)
    """
    fields = intake.fields(raw, path)
    call_id = intake.loose_text(fields.get("id"), f"{path}.id")
    extra = intake.extra(fields, _KNOWN_OF_CALLS, path) or None
    kind: Literal["function", "custom"] = "function" if is_missing(fields.get("custom")) else "custom"
    inner, where = fields, path
    if (sent := fields.get(kind)) is not None and not is_missing(sent):
        where = f"{path}.{kind}"
        inner = intake.fields(sent, where) if kind_of(sent) == "object" else {"name": sent}
    name = intake.loose_text(inner.get("name"), f"{where}.name")
    if kind == "custom":
        return ToolCallBlock(call_id, name, intake.loose_text(inner.get("input"), f"{where}.input"), kind, extra)
    arguments = next((inner[key] for key in ("arguments", "args", "parameters") if key in inner), None)
    return ToolCallBlock(call_id, name, intake.json(arguments, f"{where}.arguments"), kind, extra)


def to_openai(
    messages: Iterable[Message], *, reasoning: bool = True, fill_content: bool = False
) -> list[dict[str, Any]]:
    """Write messages as Chat Completions has them.

    Parameters
    ----------
    messages : iterable of Message
    reasoning : bool
        Whether to write reasoning, as `reasoning_content`.
    fill_content : bool
        Whether content that was absent becomes null.

    Returns
    -------
    list of dict
        Unknown keys are not written. Content without media is a string.

    Examples
    --------
    >>> to_openai([Message("assistant", [ToolCallBlock("call_1", "add", '{"a": 1}')], content_state="null")])
    ... # doctest: +NORMALIZE_WHITESPACE
    [{'role': 'assistant', 'content': None, 'tool_calls': [{'id': 'call_1', 'type': 'function',
      'function': {'name': 'add', 'arguments': '{"a": 1}'}}]}]
    """
    return [
        written for message in messages for written in _written(message, reasoning=reasoning, fill_content=fill_content)
    ]


def _written(message: Message, *, reasoning: bool, fill_content: bool) -> list[dict[str, Any]]:
    if message.results:
        return [_result(block, message) for block in message.results]
    written: dict[str, Any] = {"role": message.role}
    content = _content(message.blocks, message)
    if content is UNSET and fill_content:
        content = None
    if content is not UNSET:
        written["content"] = content
    if message.name is not None:
        written["name"] = message.name
    if reasoning and message.reasoning:
        written["reasoning_content"] = message.reasoning
    if message.refusal is not None:
        written["refusal"] = message.refusal
    if calls := message.tool_calls:
        written["tool_calls"] = calls
    return [written]


def _result(block: ToolResultBlock, message: Message) -> dict[str, Any]:
    written: dict[str, Any] = {"role": "tool", "tool_call_id": block.call_id}
    if block.name is not None:
        written["name"] = block.name
    content = _content(block.blocks, message)
    return written if content is UNSET else written | {"content": content}


def _content(blocks: list[Block], message: Message) -> Any:
    parts = [block for block in blocks if isinstance(block, TextBlock | MediaBlock)]
    if any(isinstance(block, MediaBlock) for block in parts):
        return [_part(block) for block in parts]
    return message.content if blocks is message.blocks else _joined(parts, message)


def _joined(parts: list[TextBlock | MediaBlock], message: Message) -> Any:
    if parts or message.content_state == "present":
        return "".join(block.text for block in parts if isinstance(block, TextBlock))
    return None if message.content_state == "null" else UNSET


def _part(block: TextBlock | MediaBlock) -> dict[str, Any]:
    if isinstance(block, TextBlock):
        return {"type": "text", "text": block.text}
    key = {"image": "image_url", "audio": "audio_url", "video": "video_url", "file": "file"}[block.kind]
    named = {"filename": block.name} if block.name is not None else {}
    if block.kind == "file":
        return {"type": key, key: {"file_data": reference_url(block)} | named}
    return {"type": key, key: {"url": reference_url(block)} | named}
