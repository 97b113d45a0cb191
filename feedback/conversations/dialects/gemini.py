"""Contents of Gemini, in the spelling of its JSON and of its Python SDK."""

from collections.abc import Iterable
from typing import Any

from msgspec import Raw
from msgspec.structs import replace

from feedback.conversations.intake import Fields, Intake, is_missing, json_text, kind_of, object_or_text
from feedback.conversations.media import read_media, reference_url
from feedback.conversations.messages import (
    Block,
    MediaBlock,
    MediaKind,
    Message,
    OtherBlock,
    ReasoningBlock,
    RefusalBlock,
    TextBlock,
    ToolCallBlock,
    ToolResultBlock,
)
from feedback.conversations.parts import read_parts, state_of_blocks

_SPELLINGS = {
    "inline_data": "inlineData",
    "file_data": "fileData",
    "function_call": "functionCall",
    "function_response": "functionResponse",
    "thought_signature": "thoughtSignature",
}
_MEDIA_KINDS: dict[str, MediaKind] = {"image": "image", "audio": "audio", "video": "video"}


def read_content(intake: Intake, fields: Fields, path: str) -> list[Message]:
    """Read one content; each function response in it becomes a message of a tool, before the text beside it.

    Parameters
    ----------
    intake : Intake
        Bounds, notes and unknown keys of the event.
    fields : dict of str to msgspec.Raw
        The keys of the content. Without a role it is the user's.
    path : str
        Where the content is.

    Returns
    -------
    list of Message

    Raises
    ------
    ConversationError
        If the role is unknown or a known key has a value that cannot be read.

    Examples
    --------
    >>> fields = {"role": Raw(b'"model"'), "parts": Raw(b'[{"text": "Hm.", "thought": true}, {"text": "Yes."}]')}
    >>> read_content(Intake(), fields, "[0]")[0].blocks
    [ReasoningBlock(text='Hm.', extra=None), TextBlock(text='Yes.', extra=None)]
    """
    role = "user" if is_missing(fields.get("role")) else intake.role(fields["role"], f"{path}.role")
    parts = fields["parts"]
    items = intake.items(parts, f"{path}.parts") if kind_of(parts) == "array" else [parts]
    message = of_parts(items, intake, f"{path}.parts")
    blocks, extra = message.blocks, intake.extra(fields, {"role", "parts"}, path)
    results = [Message("tool", [block]) for block in blocks if isinstance(block, ToolResultBlock)]
    rest: list[Block] = [block for block in blocks if not isinstance(block, ToolResultBlock)]
    if results and not rest:
        return [*results[:-1], replace(results[-1], extra=extra)]
    state = message.content_state if role == "assistant" else "present"
    return [*results, Message("user" if role == "tool" else role, rest, content_state=state, extra=extra)]


def of_parts(items: Iterable[Raw], intake: Intake, path: str) -> Message:
    """Read the parts of an answer without the content around them.

    Parameters
    ----------
    items : iterable of msgspec.Raw
    intake : Intake
    path : str
        Where the parts are.

    Returns
    -------
    Message
        Of the assistant.

    Examples
    --------
    >>> of_parts([Raw(b'{"text": "Hi"}')], Intake(), "parts").content
    'Hi'
    """
    blocks = [block for index, raw in enumerate(items) for block in _read(intake, raw, f"{path}[{index}]")]
    return Message("assistant", blocks, content_state=state_of_blocks(blocks))


def _read(intake: Intake, raw: Raw, path: str) -> list[Block]:
    if kind_of(raw) != "object":
        return read_parts(intake, raw, path)
    sent = {name: raw for name, raw in intake.fields(raw, path).items() if not is_missing(raw)}
    fields = {_SPELLINGS.get(name, name): raw for name, raw in sent.items()}
    if "type" in fields:
        return read_parts(intake, Raw(b"[%b]" % bytes(raw)), path)
    if "text" in fields:
        text = intake.text(fields["text"], f"{path}.text")
        extra = intake.extra(fields, {"text", "thought"}, path) or None
        is_thought = fields.get("thought") == Raw(b"true")
        return [ReasoningBlock(text, extra) if is_thought else TextBlock(text, extra)]
    if "functionCall" in fields and kind_of(fields["functionCall"]) == "object":
        return [_call(intake, fields, path)]
    if "functionResponse" in fields and kind_of(fields["functionResponse"]) == "object":
        return [_response(intake, fields, path)]
    if "inlineData" in fields or "fileData" in fields:
        block = read_media(intake, fields, path, "file")
        family = (getattr(block, "media_type", None) or "").partition("/")[0]
        return [replace(block, kind=_MEDIA_KINDS.get(family, "file"))]
    kind = next(iter(sent), "")
    return [OtherBlock(kind[:255], intake.extra(sent, (), path) or None)]


def _call(intake: Intake, fields: Fields, path: str) -> ToolCallBlock:
    inner = intake.fields(fields["functionCall"], f"{path}.functionCall")
    return ToolCallBlock(
        intake.label(inner.get("id"), f"{path}.functionCall.id") or "",
        intake.label(inner.get("name"), f"{path}.functionCall.name") or "",
        intake.json(inner.get("args"), f"{path}.functionCall.args"),
        extra=intake.extra(fields, {"functionCall"}, path) or None,
    )


def _response(intake: Intake, fields: Fields, path: str) -> ToolResultBlock:
    where = f"{path}.functionResponse"
    inner = intake.fields(fields["functionResponse"], where)
    answer = inner.get("response")
    blocks: list[Block] = []
    if answer is not None and not is_missing(answer):
        blocks.append(TextBlock(intake.text(answer, where) if kind_of(answer) == "str" else json_text(answer)))
    for index, raw in enumerate(intake.items(inner["parts"], where) if "parts" in inner else ()):
        blocks += _read(intake, raw, f"{where}.parts[{index}]")
    return ToolResultBlock(
        intake.label(inner.get("id"), f"{where}.id") or "",
        intake.label(inner.get("name"), f"{where}.name"),
        blocks=blocks,
        extra=intake.extra(inner, {"id", "name", "response", "parts"}, where) or None,
    )


def to_gemini(messages: Iterable[Message]) -> dict[str, Any]:
    """Write messages as Gemini has them.

    Parameters
    ----------
    messages : iterable of Message

    Returns
    -------
    dict
        contents, and systemInstruction if the first message is one. Objects that were sent are msgspec.Raw, byte for
        byte.

    Examples
    --------
    >>> to_gemini([Message("user", [TextBlock("Hi")])])
    {'contents': [{'role': 'user', 'parts': [{'text': 'Hi'}]}]}
    """
    contents: list[dict[str, Any]] = []
    instruction: dict[str, Any] = {}
    names: dict[str, str] = {}
    after_result = False
    for index, message in enumerate(messages):
        names |= {block.id: block.name for block in message.calls}
        parts = [_part(block, names) for block in message.blocks]
        if message.role in {"system", "developer"} and index == 0:
            instruction = {"systemInstruction": {"parts": parts}}
            continue
        role = "model" if message.role == "assistant" else "user"
        if after_result and role == "user" and parts:
            contents[-1]["parts"] += parts
        else:
            contents.append({"role": role, "parts": parts})
        after_result = message.role == "tool"
    return instruction | {"contents": contents}


def _part(block: Block, names: dict[str, str]) -> dict[str, Any]:
    extra = block.extra or {}
    if isinstance(block, TextBlock | RefusalBlock):
        return {"text": block.text} | extra
    if isinstance(block, ReasoningBlock):
        return {"text": block.text, "thought": True} | extra
    if isinstance(block, ToolCallBlock):
        return {"functionCall": {"id": block.id, "name": block.name, "args": _object(block.arguments)}} | extra
    if isinstance(block, ToolResultBlock):
        return {"functionResponse": _written(block, names) | extra}
    if isinstance(block, MediaBlock):
        typed = {"mimeType": block.media_type} if block.media_type is not None else {}
        named = {"displayName": block.name} if block.name is not None else {}
        return {"fileData": {"fileUri": reference_url(block)} | typed | named} | extra
    return dict(extra)


def _written(block: ToolResultBlock, names: dict[str, str]) -> dict[str, Any]:
    texts = [inner.text for inner in block.blocks if isinstance(inner, TextBlock)]
    media = [_part(inner, names) for inner in block.blocks if not isinstance(inner, TextBlock)]
    written: dict[str, Any] = {"id": block.call_id}
    if (name := block.name or names.get(block.call_id)) is not None:
        written["name"] = name
    if texts:
        written["response"] = _object("".join(texts))
    return written | ({"parts": media} if media else {})


def _object(text: str) -> Raw | dict[str, str]:
    sent = object_or_text(text)
    return sent if isinstance(sent, Raw) else {"output": sent}
