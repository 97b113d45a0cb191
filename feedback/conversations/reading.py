"""From the JSON of a conversation in any dialect to the canonical form."""

from collections.abc import Callable
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType
from msgspec.structs import replace

from feedback.conversations.calls import joined
from feedback.conversations.data_urls import without_bytes
from feedback.conversations.dialects import gemini
from feedback.conversations.dialects.detection import read_elements, read_fields
from feedback.conversations.dialects.openai import read_call
from feedback.conversations.intake import (
    MAX_LABEL_CHARACTERS,
    MAX_TEXT_CHARACTERS,
    HashPerson,
    Intake,
    is_missing,
    kind_of,
)
from feedback.conversations.messages import (
    Block,
    ContentState,
    Conversation,
    ConversationError,
    Dialect,
    Message,
    OtherBlock,
    ReasoningBlock,
    TextBlock,
    ToolCallBlock,
    ToolResultBlock,
)
from feedback.conversations.parts import PART_TYPES, read_parts, state_of_blocks
from feedback.conversations.reasoning import separated

MAX_MESSAGES = 10_000
# Where the bodies of completions, of candidates and of Responses have the answer.
_WRAPPINGS = ("choices", "candidates", "message", "output", "content")
_ANSWERS = frozenset({"content", "tool_calls", "text", "functionCall", "function_call", "inlineData", "fileData"})
_ARGUMENTS = frozenset({"arguments", "args", "parameters"})
_EMPTY = frozenset({b"null", b'""', b"[]", b"{}"})
_NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError)
_Read = TypeVar("_Read")


_Text = Annotated[str, Meta(max_length=MAX_TEXT_CHARACTERS)]
_Label = Annotated[str, Meta(max_length=MAX_LABEL_CHARACTERS)]


class _Function(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    name: _Label
    arguments: _Text


class _Call(msgspec.Struct, forbid_unknown_fields=True):
    id: Annotated[_Label, Meta(min_length=1)]
    function: _Function
    type: Literal["function"]


class _Usual(msgspec.Struct, forbid_unknown_fields=True):
    """A message of most conversations: text and calls of Chat Completions, with what SDKs dump beside them."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: _Text | None | UnsetType = UNSET
    name: _Label | None = None
    tool_calls: list[_Call] | None = None
    tool_call_id: _Label | None = None
    reasoning_content: _Text | None = None
    refusal: None = None
    audio: None = None
    function_call: None = None
    annotations: Annotated[list[None], Meta(max_length=0)] | None = None


_VALUE = msgspec.json.Decoder(Raw)
_USUAL = msgspec.json.Decoder(Annotated[list[_Usual], Meta(min_length=1, max_length=MAX_MESSAGES)])


def read(
    raw: bytes | Raw,
    *,
    system: bytes | Raw | None = None,
    hash_person: HashPerson | None = None,
    intake: Intake | None = None,
) -> Conversation:
    """Read a conversation in any dialect.

    Parameters
    ----------
    raw : bytes or msgspec.Raw
        A JSON array of messages, items, contents or turns.
    system : bytes or msgspec.Raw, optional
        The instructions that Anthropic, Gemini and Responses keep apart: a string, parts or a content.
    hash_person : callable, optional
        Replaces the value of user, user_id and safety_identifier in unknown keys; without it they are dropped.
    intake : Intake, optional
        Shared by the parts of one event, instead of hash_person, so that all unknown keys have one bound. The notes
        are its notes.

    Returns
    -------
    Conversation

    Raises
    ------
    ConversationError
        If it is no JSON array of 1 to MAX_MESSAGES objects, a role is unknown, or a known key cannot be read. Unknown
        keys and parts are kept.

    Examples
    --------
    >>> read(b'[{"role": "user", "content": "Hi"}]').messages[0].content
    'Hi'
    >>> items = b'[{"type": "function_call", "call_id": "c1", "name": "add", "arguments": "{}"}]'
    >>> read(items).dialect
    'openai_responses'
    """
    if system is None:
        try:
            usual = _USUAL.decode(raw)
        except (*_NOT_JSON, RecursionError):
            pass  # What is unusual or wrong with it is found below.
        else:
            intake = intake or Intake(hash_person)
            return Conversation(joined(list(map(_from_usual, usual)), intake), "openai_chat", intake.notes)
    return _guarded(lambda: _conversation(raw, system, intake or Intake(hash_person)))


def read_response(raw: bytes | Raw, *, hash_person: HashPerson | None = None, intake: Intake | None = None) -> Message:
    """Read the answer of a model in any dialect.

    Parameters
    ----------
    raw : bytes or msgspec.Raw
        A JSON string; a message, content or turn of the assistant; a list of parts or of Responses items; or a whole
        body of a completion, a response or a candidate.
    hash_person : callable, optional
        As in `read`.
    intake : Intake, optional
        As in `read`.

    Returns
    -------
    Message
        Several messages, such as items of Responses, are one.

    Raises
    ------
    ConversationError
        If it is none of these, or not the assistant's.

    Examples
    --------
    >>> read_response(b'"<think>Hm.</think>Paris"').answer
    'Paris'
    >>> read_response(b'[{"type": "tool_use", "id": "t1", "name": "add", "input": {"a": 1.0}}]').calls[0].arguments
    '{"a": 1.0}'
    """
    return _guarded(lambda: _response(_value(raw), intake or Intake(hash_person)))


def _from_usual(sent: _Usual) -> Message:
    content, role = sent.content, sent.role
    state: ContentState = "present" if isinstance(content, str) else "null" if content is None else "absent"
    blocks: list[Block] = [TextBlock(without_bytes(content))] if content else []
    if sent.tool_calls:
        blocks += [
            ToolCallBlock(call.id, call.function.name, without_bytes(call.function.arguments))
            for call in sent.tool_calls
        ]
    if role == "tool":
        return Message(role, [ToolResultBlock(sent.tool_call_id or "", sent.name, None, blocks)], None, state)
    if sent.reasoning_content and role == "assistant":
        blocks.insert(0, ReasoningBlock(sent.reasoning_content))
    extra = {} if sent.tool_call_id is None else {"tool_call_id": sent.tool_call_id}
    return separated(Message(role, blocks, sent.name, state, extra))


def _conversation(raw: bytes | Raw, system: bytes | Raw | None, intake: Intake) -> Conversation:
    items = intake.items(_value(raw), "")
    if not 1 <= len(items) <= MAX_MESSAGES:
        raise ConversationError("", "invalid", f"a conversation has 1 to {MAX_MESSAGES} messages")
    messages, dialects = read_elements(intake, items)
    instructions = None if system is None else _value(system)
    if instructions is not None and bytes(instructions) not in _EMPTY:
        messages = [_system(instructions, intake), *messages]
        dialects = dialects or {"gemini" if kind_of(instructions) == "object" else "anthropic"}
    dialect: Dialect = "openai_chat" if not dialects else dialects.pop() if len(dialects) == 1 else "mixed"
    return Conversation([separated(message) for message in joined(messages, intake)], dialect, intake.notes)


def _system(raw: Raw, intake: Intake) -> Message:
    if kind_of(raw) == "object" and "parts" in (fields := intake.fields(raw, "system")):
        return replace(gemini.read_content(intake, fields, "system")[-1], role="system")
    return Message("system", read_parts(intake, raw, "system"))


def _response(raw: Raw, intake: Intake) -> Message:
    if kind_of(raw) == "str":
        text = intake.text(raw, "")
        return separated(Message("assistant", [TextBlock(text)] if text else []))
    raw, path = _unwrapped(intake, raw)
    if is_missing(raw):
        return Message("assistant", content_state="null")
    if kind_of(raw) == "array":
        messages = [_answered(item, intake, f"{path}[{index}]") for index, item in enumerate(intake.items(raw, path))]
    else:
        messages = [_answered(raw, intake, path)]
    return separated(joined([_as_one(messages)], intake)[0])


def _unwrapped(intake: Intake, raw: Raw) -> tuple[Raw, str]:
    """The answer in the body of a completion, of candidates, of Responses, or the value itself."""
    path = ""
    while kind_of(raw) == "object":
        fields = intake.fields(raw, path)
        key = next(
            (name for name in _WRAPPINGS if name in fields and not {"role", "from", "type"} & fields.keys()), None
        )
        if key is None:
            break
        if key == "content" and kind_of(fields[key]) != "object":
            break
        raw, path = fields[key], f"{path}.{key}".lstrip(".")
        if key in {"choices", "candidates"}:
            raw, path = next(iter(intake.items(raw, path)), Raw(b"null")), f"{path}[0]"
    return raw, path


def _answered(raw: Raw, intake: Intake, path: str) -> Message:
    """One message, item, part or turn of an answer as a message."""
    if kind_of(raw) != "object":
        return Message("assistant", read_parts(intake, raw, path))
    fields = intake.fields(raw, path)
    kind = intake.unbounded_text(fields.get("type"))
    if kind == "function" or "name" in fields and fields.keys() & _ARGUMENTS and kind is None and "role" not in fields:
        return Message("assistant", [read_call(intake, raw, path)], content_state="absent")
    if "parts" in fields and "role" not in fields:
        fields["role"] = Raw(b'"model"')
    if kind is None and not {"role", "from"} & fields.keys():
        if not fields.keys() & _ANSWERS:
            raise ConversationError(path, "invalid", "expected text, a message of the assistant or parts of one")
        if "content" not in fields and "tool_calls" not in fields:
            return gemini.of_parts([raw], intake, path)
        fields["role"] = Raw(b'"assistant"')
    if kind in PART_TYPES and "role" not in fields:
        blocks = read_parts(intake, raw, path)
        return Message("assistant", blocks, content_state=state_of_blocks(blocks))
    read, _ = read_fields(intake, fields, path)
    if len(read) != 1 or read[0].role != "assistant" and not all(isinstance(b, OtherBlock) for b in read[0].blocks):
        raise ConversationError(f"{path}.role".lstrip("."), "invalid", "a response is a message of the assistant")
    return read[0]


def _as_one(messages: list[Message]) -> Message:
    states = {message.content_state for message in messages}
    state: ContentState = "present" if "present" in states or not states else "null" if "null" in states else "absent"
    extra = {name: value for message in messages for name, value in message.extra.items()}
    name = next((message.name for message in messages if message.name), None)
    return Message("assistant", [block for message in messages for block in message.blocks], name, state, extra)


def _value(raw: bytes | Raw) -> Raw:
    return raw if isinstance(raw, Raw) else _VALUE.decode(raw)


def _guarded(read: Callable[[], _Read]) -> _Read:
    try:
        return read()
    except _NOT_JSON as error:
        raise ConversationError("", "malformed", f"not JSON in UTF-8: {error}") from error
    except RecursionError as error:
        raise ConversationError("", "too_deep", "nested too deeply") from error
