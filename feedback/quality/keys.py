"""Keys of what was asked and answered: equal for texts that differ in case, punctuation and white space alone."""

from collections.abc import Iterable

from feedback.conversations import canonical
from feedback.conversations.messages import (
    Block,
    MediaBlock,
    RefusalBlock,
    TextBlock,
    ToolCallBlock,
    ToolResultBlock,
)
from feedback.quality.answers import Answer
from feedback.signatures import exact_key, normalised
from feedback.stores.schema import Row


def context_key(event: Row) -> bytes:
    """The key of the whole context of an event; one message of a user is the same as a prompt."""
    return exact_key(context_text(event))


def context_text(event: Row) -> str:
    """The normalised context: every message in a line, a user's only one without its role."""
    if not event["messages"]:
        return normalised(event["prompt"])
    messages = canonical.decode(event["messages"])
    texts = [(message.role, _text(message.blocks)) for message in messages]
    if len(texts) == 1 and texts[0][0] == "user":
        return texts[0][1]
    return "\n".join(f"{role} {text}" for role, text in texts)


def answer_key(answer: Answer) -> bytes:
    """The key of an answer with its calls."""
    return exact_key(answer_text(answer))


def answer_text(answer: Answer) -> str:
    """The normalised text of an answer, and its calls as they are."""
    calls = [f"\n{call.name} {call.arguments}" for call in answer.calls]
    return normalised(answer.text) + "".join(calls)


def free_characters(event: Row, answer: Answer) -> int:
    """How long the text of an answer is; 0 if a `response_format` prescribes its form, as that of a label."""
    return 0 if event["response_format"] else len(answer.text)


def _text(blocks: Iterable[Block]) -> str:
    return "\n".join(filter(None, map(_part, blocks)))


def _part(block: Block) -> str:
    if isinstance(block, TextBlock | RefusalBlock):
        return normalised(block.text)
    if isinstance(block, MediaBlock):
        return f"[{block.kind} {block.sha256 or block.url}]"
    if isinstance(block, ToolCallBlock):
        return f"{block.name} {block.arguments}"
    return _text(block.blocks) if isinstance(block, ToolResultBlock) else ""
