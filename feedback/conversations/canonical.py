"""The canonical form, as it is stored and read back."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from feedback import exact_json
from feedback.conversations.calls import joined
from feedback.conversations.dialects.openai import read_message
from feedback.conversations.intake import Fields, Intake
from feedback.conversations.messages import (
    Block,
    ContentState,
    Conversation,
    ConversationError,
    Dialect,
    MediaBlock,
    Message,
    Note,
    OtherBlock,
    ReasoningBlock,
    RefusalBlock,
    Role,
    TextBlock,
    ToolCallBlock,
    ToolResultBlock,
    without_reasoning,
)
from feedback.conversations.reasoning import separated

__all__ = [
    "Block",
    "Conversation",
    "ConversationError",
    "Dialect",
    "MediaBlock",
    "Message",
    "Note",
    "OtherBlock",
    "ReasoningBlock",
    "RefusalBlock",
    "Role",
    "TextBlock",
    "ToolCallBlock",
    "ToolResultBlock",
    "decode",
    "encode",
    "without_reasoning",
]


class _Stored(msgspec.Struct, omit_defaults=True):
    """A message of plain text has content alone; any other has blocks, and content only says null or present."""

    role: Role
    content: str | None | UnsetType = UNSET
    name: str | None = None
    blocks: list[Block] | None = None
    extra: dict[str, Any] = {}
    # Of rows from before blocks.
    tool_calls: Raw | UnsetType = UNSET
    tool_call_id: Raw | UnsetType = UNSET


_DECODER = exact_json.decoder(list[_Stored])
_CONTENT: dict[ContentState, str | None | UnsetType] = {"present": "", "null": None, "absent": UNSET}


def encode(messages: Iterable[Message]) -> str:
    """Write messages as the JSON that is stored.

    Parameters
    ----------
    messages : iterable of Message

    Returns
    -------
    str
        A message that is one text, or none, is stored as role and content.

    Examples
    --------
    >>> encode([Message("user", [TextBlock("Hi")])])
    '[{"role":"user","content":"Hi"}]'
    >>> encode([Message("assistant", [ToolCallBlock("c1", "add")], content_state="null")])
    '[{"role":"assistant","content":null,"blocks":[{"type":"tool_call","id":"c1","name":"add"}]}]'
    """
    return exact_json.encode([_stored(message) for message in messages]).decode()


def decode(text: str | bytes) -> list[Message]:
    """Read what `encode` wrote, and messages that were stored before there were blocks.

    Parameters
    ----------
    text : str or bytes
        A JSON array; the messages of before have role, content, name, tool_calls and tool_call_id.

    Returns
    -------
    list of Message

    Raises
    ------
    msgspec.MsgspecError
        If it is neither.

    Examples
    --------
    >>> decode('[{"role":"tool","content":"3","tool_call_id":"c1"}]')[0].tool_call_id
    'c1'
    """
    stored = _DECODER.decode(text)
    messages = [_message(one) for one in stored]
    is_older = any(one.tool_calls is not UNSET or one.role == "tool" and one.blocks is None for one in stored)
    return joined(messages, Intake()) if is_older else messages


def _stored(message: Message) -> _Stored:
    blocks, state = message.blocks, message.content_state
    if not blocks and message.role != "tool":
        return _Stored(message.role, _CONTENT[state], message.name, None, message.extra)
    first = blocks[0] if len(blocks) == 1 and state == "present" and message.role != "tool" else None
    if type(first) is TextBlock and first.text and first.extra is None and separated(message) is message:
        return _Stored(message.role, first.text, message.name, None, message.extra)
    return _Stored(message.role, _CONTENT[state], message.name, blocks, message.extra)


def _message(stored: _Stored) -> Message:
    content = stored.content
    state: ContentState = "absent" if content is UNSET else "null" if content is None else "present"
    if stored.blocks is not None:
        return Message(stored.role, stored.blocks, stored.name, state, stored.extra)
    if stored.tool_calls is UNSET and stored.tool_call_id is UNSET and stored.role != "tool":
        blocks: list[Block] = [TextBlock(content)] if isinstance(content, str) and content else []
        return separated(Message(stored.role, blocks, stored.name, state, stored.extra))
    return separated(read_message(Intake.of_stored(), _fields_of_before(stored), ""))


def _fields_of_before(stored: _Stored) -> Fields:
    sent = {name: getattr(stored, name) for name in ("role", "content", "name", "tool_calls", "tool_call_id")}
    return {name: _raw(value) for name, value in sent.items() if value is not UNSET}


def _raw(value: Any) -> Raw:
    return value if isinstance(value, Raw) else Raw(exact_json.encode(value))
