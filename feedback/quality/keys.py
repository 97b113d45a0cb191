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
    """Return the key of the whole context of an event.

    Parameters
    ----------
    event : Row
        With its `prompt` and `messages`. One message of a user is the same as a prompt.

    Returns
    -------
    bytes
        16 bytes.

    Examples
    --------
    >>> sent = '[{"role":"user","content":"Where is it?"}]'
    >>> one = context_key({"prompt": "where is it", "messages": None})
    >>> one == context_key({"prompt": "Where is it?", "messages": sent})
    True
    """
    return exact_key(_context(event))


def _context(event: Row) -> str:
    if not event["messages"]:
        return normalised(event["prompt"])
    messages = canonical.decode(event["messages"])
    texts = [(message.role, _text(message.blocks)) for message in messages]
    if len(texts) == 1 and texts[0][0] == "user":
        return texts[0][1]
    return "\n".join(f"{role} {text}" for role, text in texts)


def answer_key(answer: Answer) -> bytes:
    """Return the key of an answer.

    Parameters
    ----------
    answer : Answer
        Its text is normalised; its calls count as they are.

    Returns
    -------
    bytes
        16 bytes.

    Examples
    --------
    >>> answer_key(Answer("It is here.")) == answer_key(Answer("it is HERE")), len(answer_key(Answer("")))
    (True, 16)
    """
    calls = [f"\n{call.name} {call.arguments}" for call in answer.calls]
    return exact_key(normalised(answer.text) + "".join(calls))


def free_characters(event: Row, answer: Answer) -> int:
    """Return how long the text of an answer is.

    Parameters
    ----------
    event : Row
        With its `response_format`.
    answer : Answer

    Returns
    -------
    int
        Characters; 0 if a `response_format` prescribes the form of the answer, as that of a label.

    Examples
    --------
    >>> [free_characters({"response_format": given}, Answer("Here.")) for given in (None, '{"type":"json_object"}')]
    [5, 0]
    """
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
