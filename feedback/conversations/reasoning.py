"""Separates reasoning that is written into the text from the answer."""

import re
from itertools import islice

from msgspec.structs import replace

from feedback.conversations.messages import Block, Message, ReasoningBlock, TextBlock

_NAMES = r"(?:seed:)?(?:think|thinking|thoughts?|reasoning|scratchpad)"
_OPENING = re.compile(
    rf"(?:<(?P<name>{_NAMES})>|(?P<bracket>\[THINK\])|(?P<triangle>◁think▷)|(?P<thought><\|begin_of_thought\|>))",
    re.IGNORECASE,
)
_CLOSING = rf"</{_NAMES}>|\[/THINK\]|◁/think▷|<\|end_of_thought\|>"
_CLOSING_OR_FENCE = re.compile(rf"```|~~~|{_CLOSING}", re.IGNORECASE)
_CLOSED_BY = {
    "bracket": re.compile(r"\[/THINK\]", re.IGNORECASE),
    "triangle": re.compile("◁/think▷", re.IGNORECASE),
    "thought": re.compile(r"<\|end_of_thought\|>", re.IGNORECASE),
}
# In lower case; a text without any of them holds no reasoning.
_SIGNS = ("think", "thought", "reasoning>", "scratchpad>", "<|message|>")
_MOST_QUOTED = 100
_MOST_STEPS = 8
_BEFORE_ANSWER = re.compile(r"(?:\s|<\|begin_of_solution\|>)*")
_AFTER_ANSWER = re.compile(r"\s*<\|end_of_solution\|>\s*\Z")
_QUOTES = frozenset("`'\"“”‘’«»")
_SENTENCE_END = frozenset(".!?…:;)]}\"'`*>。！？")
_CONNECTING = re.compile(r"\s*(?:and|or|to|und|oder|bis|et|ou|y|o|e|,|/|&|\+|-|–|…|\.\.\.)\s*", re.IGNORECASE)
_MENTIONED = re.compile(
    r"[ \t]*(?:[.,;:)]|(?:is|are|was|means|marks|opens|starts|tags?|tokens?|elements?|blocks?|ist|sind|est)\b)",
    re.IGNORECASE,
)
_CHANNEL = re.compile(
    r"(?:<\|start\|>\s*assistant[^<]*)?<\|channel\|>\s*(?P<name>[a-z]+)[^<]*(?:<\|constrain\|>[^<]*)?<\|message\|>"
)
_FIRST_CHANNEL = re.compile(
    r"\s*(?:(?:<\|start\|>\s*assistant[^<]*)?<\|channel\|>\s*)?(?:analysis|commentary|final)\b[^<]*"
    r"<\|(?:constrain\|>[^<]*<\|)?message\|>"
)
_CHANNEL_END = re.compile(r"<\|(?:end|return|call)\|>")
_BARE_CHANNELS = re.compile(r"\s*analysis(?=[^\s,.;:()])")


def separate(text: str) -> tuple[str | None, str]:
    """Separate reasoning from the answer.

    Parameters
    ----------
    text : str
        The answer of a model as it was written.

    Returns
    -------
    reasoning : str or None
        What was between tags, before a closing tag alone, or in another channel than the final one. None if nothing
        was found; '' for empty tags.
    answer : str
        The rest without the whitespace at the seam; the text itself if nothing was found.

    Notes
    -----
    Only reasoning at the beginning counts, so an answer that writes about the tags keeps them. A text that begins with
    a tag and never closes it was cut off: all of it is reasoning. A closing tag alone counts outside code and quotes.

    References
    ----------
    The response format of gpt-oss: https://cookbook.openai.com/articles/openai-harmony

    Examples
    --------
    >>> separate("<think>Two and two.</think>\\n\\nFour.")
    ('Two and two.', 'Four.')
    >>> separate("Two and two.</think>Four.")
    ('Two and two.', 'Four.')
    >>> separate("<think>Two and")
    ('Two and', '')
    >>> separate("<|channel|>analysis<|message|>2 + 2<|end|><|start|>assistant<|channel|>final<|message|>Four.")
    ('2 + 2', 'Four.')
    >>> separate("Models write `<think>` and `</think>`.")
    (None, 'Models write `<think>` and `</think>`.')
    """
    pieces: list[str] = []
    answer = text
    for _ in range(_MOST_STEPS):
        step = _step(answer) if may_hold_reasoning(answer) else None
        if step is None:
            break
        pieces += step[0]
        answer = step[1]
    return ("\n\n".join(filter(None, pieces)) if pieces else None), answer


def may_hold_reasoning(text: str) -> bool:
    """Whether a text has any sign that reasoning is written into it; most have none.

    Parameters
    ----------
    text : str

    Returns
    -------
    bool
        False if `separate` certainly finds nothing.

    Examples
    --------
    >>> may_hold_reasoning("Paris."), may_hold_reasoning("<think>Hm.</think>Paris.")
    (False, True)
    """
    if "<" in text:
        lower = text.lower()
        for sign in _SIGNS:
            if sign in lower:
                return True
    return "THINK]" in text or "think▷" in text or "assistantfinal" in text


def separated(message: Message) -> Message:
    """Turn reasoning that is written into the text of an assistant's message into blocks.

    Parameters
    ----------
    message : Message

    Returns
    -------
    Message
        The message itself if there is none.

    Examples
    --------
    >>> separated(Message("assistant", [TextBlock("<think>Hm.</think>Yes.")])).blocks
    [ReasoningBlock(text='Hm.', extra=None), TextBlock(text='Yes.', extra=None)]
    """
    if message.role == "assistant":
        for block in message.blocks:
            if isinstance(block, TextBlock) and may_hold_reasoning(block.text):
                return replace(message, blocks=[part for block in message.blocks for part in _separated(block)])
    return message


def _separated(block: Block) -> list[Block]:
    if not isinstance(block, TextBlock):
        return [block]
    reasoning, answer = separate(block.text)
    if reasoning is None and answer == block.text:
        return [block]
    before = [] if reasoning is None else [ReasoningBlock(reasoning)]
    return [*before, *([TextBlock(answer, block.extra)] if answer else [])]


def _step(text: str) -> tuple[list[str], str] | None:
    """The reasoning in one notation at the beginning of the text, and the rest."""
    if "<|message|>" in text and (first := _FIRST_CHANNEL.match(text)):
        return _by_channel(text if "<|channel|>" in first.group() else f"<|channel|>{text.lstrip()}")
    if bare := _BARE_CHANNELS.match(text):
        before, seam, after = text[bare.end() :].partition("assistantfinal")
        return ([before.strip()], after.strip()) if seam else None
    pieces: list[str] = []
    position = _skipped(text, 0)
    while found := _next(text, position):
        start, end, rest = found
        pieces.append(text[start:end].strip())
        position = _skipped(text, rest)
    return (pieces, _AFTER_ANSWER.sub("", text[position:])) if pieces else None


def _skipped(text: str, position: int) -> int:
    skipped = _BEFORE_ANSWER.match(text, position)
    return skipped.end() if skipped else position


def _next(text: str, position: int) -> tuple[int, int, int] | None:
    """Start and end of the next piece of reasoning, and where the rest begins."""
    opening = _OPENING.match(text, position)
    if opening is None:
        closing = _closing_alone(text, position)
        return (position, closing.start(), closing.end()) if closing else None
    closing = _first_unquoted(_closing_of(opening), text, opening.end())
    if closing is None:
        return None if _MENTIONED.match(text, opening.end()) else (opening.end(), len(text), len(text))
    if _CONNECTING.fullmatch(text, opening.end(), closing.start()):
        return None
    return opening.end(), closing.start(), closing.end()


def _closing_of(opening: re.Match[str]) -> re.Pattern[str]:
    if name := opening.group("name"):
        return re.compile(rf"</{re.escape(name)}>", re.IGNORECASE)
    return _CLOSED_BY[opening.lastgroup or ""]


def _first_unquoted(closes: re.Pattern[str], text: str, position: int) -> re.Match[str] | None:
    """The first closing tag outside quotes; if all are quoted, the first."""
    first = None
    for found in islice(closes.finditer(text, position), _MOST_QUOTED):
        if not _is_quoted(text, found):
            return found
        first = first or found
    return first


def _closing_alone(text: str, position: int) -> re.Match[str] | None:
    is_code = False
    for found in _CLOSING_OR_FENCE.finditer(text, position):
        if found.group() in {"```", "~~~"}:
            is_code = not is_code
        elif not is_code and not _is_quoted(text, found) and not _is_prose(text, found):
            return found
    return None


def _is_quoted(text: str, tag: re.Match[str]) -> bool:
    before, after = text[tag.start() - 1 : tag.start()], text[tag.end() : tag.end() + 1]
    return before == after and before in _QUOTES or (before == "`" or after == "`")


def _is_prose(text: str, tag: re.Match[str]) -> bool:
    """Whether the tag stands within a sentence."""
    before, after = text[max(0, tag.start() - 200) : tag.start()], text[tag.end() : tag.end() + 1]
    if not before or before[-1] == "\n" or after in {"", "\n", "\r"}:
        return after in {",", ";", ")"}
    if after in {".", ",", ";", ":", "!", "?", ")"}:
        return True
    said = before.rstrip()
    return before[-1].isspace() and after.isspace() and bool(said) and said[-1] not in _SENTENCE_END


def _by_channel(text: str) -> tuple[list[str], str]:
    """Everything in the final channel is the answer."""
    marks = list(_CHANNEL.finditer(text))
    reasoning: list[str] = []
    answer: list[str] = []
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        piece = text[mark.end() : following.start() if following else len(text)]
        (answer if mark["name"] == "final" else reasoning).append(_CHANNEL_END.sub("", piece).strip())
    return reasoning, "".join(answer).strip()
