"""Reads the parts of a message's content, of all dialects whose parts have a type."""

from collections.abc import Callable, Sequence

from msgspec import Raw

from feedback.conversations.intake import Fields, Intake, is_missing, json_text, kind_of
from feedback.conversations.media import MEDIA, read_media
from feedback.conversations.messages import (
    Block,
    ContentState,
    MediaKind,
    OtherBlock,
    ReasoningBlock,
    RefusalBlock,
    TextBlock,
    ToolCallBlock,
    ToolResultBlock,
)

MAX_PART_DEPTH = 8
# Parts of the Vercel AI SDK and of OpenTelemetry as those of Anthropic.
_SPELLINGS = {
    "tool-call": ("tool_use", {"toolCallId": "id", "toolName": "name", "args": "input"}),
    "tool_call": ("tool_use", {"arguments": "input", "args": "input"}),
    "tool-result": (
        "tool_result",
        {
            "toolCallId": "tool_use_id",
            "toolName": "name",
            "output": "content",
            "result": "content",
            "isError": "is_error",
        },
    ),
    "tool_call_response": ("tool_result", {"id": "tool_use_id", "response": "content", "result": "content"}),
}


def read_parts(intake: Intake, raw: Raw, path: str, depth: int = 0) -> list[Block]:
    """Read content: text, a list of parts, or one part.

    Parameters
    ----------
    intake : Intake
        Bounds, notes and unknown keys of the event.
    raw : msgspec.Raw
        A string, an array or an object.
    path : str
        Where it is in what was sent.
    depth : int
        How many tool results are around it.

    Returns
    -------
    list of Block
        In the order of the parts; none for "".

    Raises
    ------
    ConversationError
        If it is a number or a boolean, or a text is too long.

    Examples
    --------
    >>> read_parts(Intake(), Raw(b'[{"type": "text", "text": "Hi"}, {"type": "sticker", "id": 7}]'), "content")
    [TextBlock(text='Hi', extra=None), OtherBlock(kind='sticker', extra={'id': 7})]
    """
    kind = kind_of(raw)
    if kind == "str":
        text = intake.text(raw, path)
        return [TextBlock(text)] if text else []
    if kind == "object":
        return _part(intake, raw, path, depth)
    if kind == "null":
        return []
    items = intake.items(raw, path) if kind == "array" else None
    if items is None:
        intake.text(raw, path)
        return []
    return [block for index, item in enumerate(items) for block in _part(intake, item, f"{path}[{index}]", depth)]


def read_result(intake: Intake, raw: Raw, path: str, depth: int = 0) -> list[Block]:
    """Read what a tool returned: text or parts, and as JSON text whatever else it is.

    Parameters
    ----------
    intake : Intake
    raw : msgspec.Raw
        Any value.
    path : str
    depth : int
        How many tool results are around it.

    Returns
    -------
    list of Block

    Raises
    ------
    ConversationError
        If a text is too long.

    Examples
    --------
    >>> read_result(Intake(), Raw(b'{"sum": 3.0}'), "content")
    [TextBlock(text='{"sum": 3.0}', extra=None)]
    """
    kind = kind_of(raw)
    if kind == "object" and (value := _wrapped(intake, raw)) is not None:
        return read_result(intake, value, f"{path}.value", depth)
    items = intake.items(raw, path) if kind == "array" else [raw]
    if kind in {"str", "null"} or all(_is_part(intake, item) for item in items):
        return read_parts(intake, raw, path, depth)
    return [TextBlock(intake.json(raw, path))]


def _is_part(intake: Intake, raw: Raw) -> bool:
    if kind_of(raw) != "object":
        return kind_of(raw) == "str"
    fields = intake.fields(raw, "")
    kind = intake.unbounded_text(fields.get("type"))
    return kind in PART_TYPES or kind in _SPELLINGS or fields.keys() == {"text"}


def _wrapped(intake: Intake, raw: Raw) -> Raw | None:
    """The value of a result of the Vercel AI SDK."""
    fields = intake.fields(raw, "")
    return fields["value"] if fields.get("type") in _WRAPPERS and fields.keys() == {"type", "value"} else None


def _part(intake: Intake, raw: Raw, path: str, depth: int) -> list[Block]:
    if kind_of(raw) != "object":
        return read_parts(intake, raw, path, depth) if kind_of(raw) in {"str", "null"} else [_json_part(raw)]
    fields = intake.fields(raw, path)
    kind = intake.unbounded_text(fields.get("type")) or ("text" if "text" in fields else "")
    if kind in _SPELLINGS:
        kind, names = _SPELLINGS[kind]
        fields = {names.get(name, name): raw for name, raw in fields.items()}
    if kind in MEDIA:
        return _media(intake, fields, path, MEDIA[kind], depth)
    read = _READERS.get(kind)
    blocks = read(intake, fields, path, depth) if read and depth < MAX_PART_DEPTH else None
    return [other(intake, kind, fields, path)] if blocks is None else blocks


def other(intake: Intake, kind: str, fields: Fields, path: str) -> OtherBlock:
    """Keep a part of an unknown type.

    Parameters
    ----------
    intake : Intake
    kind : str
        Its type as it was sent; '' if it has none.
    fields : dict
        Its keys.
    path : str

    Returns
    -------
    OtherBlock

    Examples
    --------
    >>> other(Intake(), "sticker", {"type": Raw(b'"sticker"'), "id": Raw(b"7")}, "[0]")
    OtherBlock(kind='sticker', extra={'id': 7})
    """
    return OtherBlock(kind[:255], intake.extra(fields, {"type"}, path) or None)


def state_of_blocks(blocks: Sequence[Block]) -> ContentState:
    """Tell whether parts of an answer have content, where the dialect has no key for it.

    Parameters
    ----------
    blocks : sequence of Block

    Returns
    -------
    {"present", "absent"}
        Reasoning and calls alone are no content.

    Examples
    --------
    >>> state_of_blocks([ToolCallBlock("c1", "add")]), state_of_blocks([TextBlock("Hi")])
    ('absent', 'present')
    """
    without = (ToolCallBlock, ToolResultBlock, ReasoningBlock, OtherBlock)
    return "absent" if blocks and all(isinstance(block, without) for block in blocks) else "present"


def _json_part(raw: Raw) -> Block:
    return TextBlock(json_text(raw))


def _text(intake: Intake, fields: Fields, path: str, depth: int) -> list[Block] | None:
    name = "text" if "text" in fields else "content"
    if is_missing(fields.get(name)):
        return []
    if kind_of(fields[name]) != "str":
        return None
    text = intake.text(fields[name], f"{path}.{name}")
    return [TextBlock(text, intake.extra(fields, {"type", name}, path) or None)]


def _refusal(intake: Intake, fields: Fields, path: str, depth: int) -> list[Block] | None:
    if "refusal" not in fields or kind_of(fields["refusal"]) != "str":
        return None
    text = intake.text(fields["refusal"], f"{path}.refusal")
    return [RefusalBlock(text, intake.extra(fields, {"type", "refusal"}, path) or None)]


def read_reasoning(intake: Intake, fields: Fields, path: str, depth: int = 0) -> list[Block]:
    """Read thinking of Anthropic and Mistral, redacted thinking, and reasoning items and parts.

    Parameters
    ----------
    intake : Intake
    fields : dict
        The keys of the part or item.
    path : str
    depth : int
        How many parts are around it.

    Returns
    -------
    list of Block
        One ReasoningBlock.

    Examples
    --------
    >>> read_reasoning(Intake(), {"thinking": Raw(b'"Hm."'), "signature": Raw(b'"c2ln"')}, "[0]")
    [ReasoningBlock(text='Hm.', extra={'signature': 'c2ln'})]
    """
    known = {"type", "thinking", "text", "reasoning", "summary", "content"}
    texts = [
        block.text
        for name in ("thinking", "reasoning", "text", "content", "summary")
        if name in fields and kind_of(fields[name]) in {"str", "array"}
        for block in read_parts(intake, fields[name], f"{path}.{name}", depth + 1)
        if isinstance(block, TextBlock | ReasoningBlock)
    ]
    return [ReasoningBlock("\n\n".join(texts), intake.extra(fields, known, path) or None)]


def _tool_use(intake: Intake, fields: Fields, path: str, depth: int) -> list[Block] | None:
    return [
        ToolCallBlock(
            intake.label(fields.get("id"), f"{path}.id") or "",
            intake.label(fields.get("name"), f"{path}.name") or "",
            intake.json(fields.get("input"), f"{path}.input"),
            extra=intake.extra(fields, {"type", "id", "name", "input"}, path) or None,
        )
    ]


def _tool_result(intake: Intake, fields: Fields, path: str, depth: int) -> list[Block] | None:
    content, is_error = fields.get("content"), fields.get("is_error")
    return [
        ToolResultBlock(
            intake.label(fields.get("tool_use_id"), f"{path}.tool_use_id") or "",
            intake.label(fields.get("name"), f"{path}.name"),
            None if is_error is None else {b"true": True, b"false": False}.get(bytes(is_error)),
            [] if content is None else read_result(intake, content, f"{path}.content", depth + 1),
            intake.extra(fields, {"type", "tool_use_id", "name", "content", "is_error"}, path) or None,
        )
    ]


_READERS: dict[str, Callable[[Intake, Fields, str, int], list[Block] | None]] = {
    **dict.fromkeys(("text", "input_text", "output_text", "summary_text", "reasoning_text"), _text),
    "refusal": _refusal,
    **dict.fromkeys(("thinking", "redacted_thinking", "reasoning"), read_reasoning),
    "tool_use": _tool_use,
    "tool_result": _tool_result,
}
_WRAPPERS = [Raw(f'"{name}"'.encode()) for name in ("text", "json", "content", "error-text", "error-json")]
PART_TYPES = frozenset({*_READERS, *MEDIA})


def _media(intake: Intake, fields: Fields, path: str, kind: MediaKind, depth: int) -> list[Block]:
    source = (
        intake.fields(fields["source"], path) if "source" in fields and kind_of(fields["source"]) == "object" else {}
    )
    if kind == "file" and "content" in source and depth < MAX_PART_DEPTH:
        return read_parts(intake, source["content"], f"{path}.source.content", depth + 1)
    if kind == "file" and source.get("type") == Raw(b'"text"') and "data" in source:
        return read_parts(intake, source["data"], f"{path}.source.data", depth + 1)
    return [read_media(intake, fields, path, kind)]
