"""Tells the dialect of each message of a conversation, and reads it as that."""

from collections.abc import Sequence

import msgspec
from msgspec import UNSET, Raw, UnsetType

from feedback.conversations.dialects import anthropic, gemini, openai, responses, sharegpt
from feedback.conversations.intake import ROLES, Fields, Intake, is_missing, kind_of
from feedback.conversations.messages import Dialect, Message
from feedback.conversations.parts import PART_TYPES

_CHAT_PARTS = ("image_url", "input_audio", "file", "refusal", "video_url", "audio_url")
_CHAT_KEYS = ("tool_calls", "tool_call_id", "function_call", "reasoning_content", "refusal")
# A part without a message around it is no item; reasoning is both.
_BARE_PARTS = PART_TYPES - {"reasoning"}
_DIALECTS: dict[str, Dialect] = {
    **dict.fromkeys(anthropic.PART_TYPES, "anthropic"),
    **dict.fromkeys(responses.PART_TYPES, "openai_responses"),
    **dict.fromkeys(_CHAT_PARTS, "openai_chat"),
}


class _Typed(msgspec.Struct):
    type: str | None = None
    source: Raw | UnsetType = UNSET


_TYPED = msgspec.json.Decoder(list[_Typed])


def read_elements(intake: Intake, items: Sequence[Raw], path: str = "") -> tuple[list[Message], set[Dialect]]:
    """Read the elements of a list, each in its own dialect.

    Parameters
    ----------
    intake : Intake
        Bounds, notes and unknown keys of the event.
    items : sequence of msgspec.Raw
        Messages, items, contents or turns.
    path : str
        Where the list is.

    Returns
    -------
    messages : list of Message
    dialects : set of str
        Those that were recognised; messages of plain text have none.

    Raises
    ------
    ConversationError
        If an element is no object or cannot be read.

    Examples
    --------
    >>> messages, dialects = read_elements(Intake(), [Raw(b'{"role": "model", "parts": [{"text": "Hi"}]}')])
    >>> messages[0].content, dialects
    ('Hi', {'gemini'})
    """
    messages: list[Message] = []
    dialects: set[Dialect] = set()
    run: list[Message] = []
    for index, raw in enumerate(items):
        where = f"{path}[{index}]"
        read, dialect = read_fields(intake, intake.fields(raw, where), where)
        if dialect is not None:
            dialects.add(dialect)
        if dialect == "openai_responses":
            run += read
            continue
        messages += responses.merged(run)
        messages += read
        run = []
    return messages + responses.merged(run), dialects


def dialect_of(intake: Intake, fields: Fields) -> Dialect | None:
    """Name the dialect of one element.

    Parameters
    ----------
    intake : Intake
    fields : dict of str to msgspec.Raw
        The keys of the element.

    Returns
    -------
    str or None
        None for a role and plain text, which several dialects have.

    Examples
    --------
    >>> dialect_of(Intake(), {"from": Raw(b'"human"'), "value": Raw(b'"Hi"')})
    'sharegpt'
    """
    if _has_parts(fields):
        return None if _is_typed(fields["parts"]) else "gemini"
    if "from" in fields and "role" not in fields:
        return "sharegpt"
    kind = intake.unbounded_text(fields.get("type"))
    if kind is not None and "role" not in fields:
        return None if kind in _BARE_PARTS else "openai_responses"
    parted = _dialect_of_parts(fields.get("content"))
    if parted in {None, "openai_chat"} and kind == "message":
        return "anthropic" if "stop_reason" in fields else "openai_responses"
    if parted is not None:
        return parted
    return "openai_chat" if any(not is_missing(fields.get(key)) for key in _CHAT_KEYS) else None


def _has_parts(fields: Fields) -> bool:
    return "parts" in fields and kind_of(fields["parts"]) in {"array", "object"}


def _is_typed(parts: Raw) -> bool:
    """Whether the parts have a type, as those of OpenTelemetry; those of Gemini have none."""
    try:
        return any(part.type is not None for part in _TYPED.decode(parts))
    except msgspec.ValidationError:
        return False


def _dialect_of_parts(content: Raw | None) -> Dialect | None:
    if content is None or kind_of(content) != "array":
        return None
    try:
        parts = _TYPED.decode(content)
    except msgspec.ValidationError:
        return None
    for part in parts:
        if part.source is not UNSET:
            return "anthropic"
        if dialect := _DIALECTS.get(part.type or ""):
            return dialect
    return None


def read_fields(intake: Intake, fields: Fields, path: str) -> tuple[list[Message], Dialect | None]:
    """Read one element in its own dialect.

    Parameters
    ----------
    intake : Intake
    fields : dict of str to msgspec.Raw
        The keys of the element.
    path : str
        Where it is.

    Returns
    -------
    messages : list of Message
        Several if tool results are in it.
    dialect : str or None

    Raises
    ------
    ConversationError
        If it cannot be read.

    Examples
    --------
    >>> read_fields(Intake(), {"role": Raw(b'"user"'), "content": Raw(b'"Hi"')}, "[0]")[0][0].content
    'Hi'
    """
    kind = intake.unbounded_text(fields.get("type"))
    if kind in ROLES and "role" not in fields:
        inner = intake.fields(fields["data"], path) if kind_of(fields.get("data", Raw(b"0"))) == "object" else fields
        fields = {name: raw for name, raw in inner.items() if name != "type"} | {"role": fields["type"]}
    dialect = dialect_of(intake, fields)
    if _has_parts(fields):
        return gemini.read_content(intake, fields, path), dialect
    if dialect == "sharegpt":
        return [sharegpt.read_turn(intake, fields, path)], dialect
    if dialect == "anthropic":
        return anthropic.read_message(intake, fields, path), dialect
    if dialect == "openai_responses":
        return [responses.read_item(intake, fields, path)], dialect
    return [openai.read_message(intake, fields, path)], dialect
