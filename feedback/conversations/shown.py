"""Messages as they are read back: the form of Chat Completions, with what that form has no place for."""

from typing import Any

import msgspec

from feedback.conversations import canonical
from feedback.conversations.dialects import openai
from feedback.conversations.messages import (
    Block,
    Message,
    ReasoningBlock,
    RefusalBlock,
    TextBlock,
    ToolCallBlock,
    ToolResultBlock,
)

_HELD_BY_CHAT = (TextBlock, ToolCallBlock, ReasoningBlock, RefusalBlock)


def shown(messages: list[Message]) -> list[dict[str, Any]]:
    """Return messages in the form of Chat Completions.

    Parameters
    ----------
    messages : list of Message

    Returns
    -------
    list of dict
        `blocks` stands beside content that is more than text, calls, reasoning and a refusal; `is_error` on the result
        of a tool whose dialect says it; `extra` holds the keys that are not known.

    Examples
    --------
    >>> shown([Message("user", [TextBlock("Hi")])])
    [{'role': 'user', 'content': 'Hi'}]
    """
    return [written for message in messages for written in _shown(message)]


def shown_text(text: str) -> list[dict[str, Any]]:
    """Return stored messages in the form of Chat Completions.

    Parameters
    ----------
    text : str
        The JSON that `canonical.encode` wrote, or messages that were stored before.

    Returns
    -------
    list of dict

    Raises
    ------
    msgspec.MsgspecError
        If it is neither.

    Examples
    --------
    >>> shown_text('[{"role":"user","content":"Hi"}]')
    [{'role': 'user', 'content': 'Hi'}]
    """
    return shown(canonical.decode(text))


def _shown(message: Message) -> list[dict[str, Any]]:
    written = openai.to_openai([message])
    if message.results:
        for one, result in zip(written, message.results, strict=True):
            _add_result(one, result)
    elif not all(_fits(block) for block in message.blocks):
        written[0]["blocks"] = msgspec.to_builtins(message.blocks)
    if message.extra and written:
        written[0]["extra"] = message.extra
    return written


def _add_result(written: dict[str, Any], result: ToolResultBlock) -> None:
    if result.is_error is not None:
        written["is_error"] = result.is_error
    if result.extra or not all(_fits(block) for block in result.blocks):
        written["blocks"] = [msgspec.to_builtins(result)]


def _fits(block: Block) -> bool:
    return isinstance(block, _HELD_BY_CHAT) and not block.extra
