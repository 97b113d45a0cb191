"""What is judged: the text of an answer, its tool calls, and what it was asked to be."""

from dataclasses import dataclass

from feedback.conversations.messages import MediaBlock, Message, ToolCallBlock
from feedback.conversations.reasoning import separate


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answered.

    text: without lone surrogates; tools: what `tools.sets.encode` wrote; tool_choice, response_format: JSON text as it
    was sent. None and "" mean that it was not sent.
    """

    text: str = ""
    calls: tuple[ToolCallBlock, ...] = ()
    is_refusal: bool = False
    has_media: bool = False
    tools: str | None = None
    tool_choice: str | None = None
    response_format: str | None = None
    finish_reason: str | None = None

    @property
    def is_prose(self) -> bool:
        """Whether checks of text apply: not to calls or media without text."""
        return bool(self.text.strip()) or not (self.calls or self.has_media)


def answer_of(
    response: str | Message,
    *,
    tools: str | None = None,
    tool_choice: str | None = None,
    response_format: str | None = None,
    finish_reason: str | None = None,
) -> Answer:
    """Take the answer out of a response.

    Parameters
    ----------
    response : str or Message
        A text may have reasoning written into it; a message has it in blocks.
    tools, tool_choice, response_format, finish_reason
        As of `Answer`.

    Returns
    -------
    Answer
        Without reasoning.

    Examples
    --------
    >>> answer_of("<think>Two and two.</think>Four.").text
    'Four.'
    >>> answer_of(Message("assistant", [ToolCallBlock("1", "add")])).is_prose
    False
    """
    if isinstance(response, str):
        text, calls, is_refusal, has_media = separate(response)[1], [], False, False
    else:
        text, calls, is_refusal = response.answer, response.calls, response.refusal is not None
        has_media = any(isinstance(block, MediaBlock) for block in response.blocks)
    return Answer(
        readable(text), tuple(calls), is_refusal, has_media, tools, tool_choice, response_format, finish_reason
    )


def readable(text: str) -> str:
    r"""Replace what UTF-8, which RE2 reads, cannot hold.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The text, with a question mark for each lone surrogate.

    Examples
    --------
    >>> readable("a\ud800é")
    'a?é'
    """
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
