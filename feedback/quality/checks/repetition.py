"""Whether a response repeats itself, as models caught in a loop do."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from feedback.quality.checks.base import Check, Context
from feedback.quality.checks.loops import Loop, find_loop, is_counted_loop
from feedback.quality.checks.regular_texts import is_literal, is_numbered, is_regular, lines_of, parts_of
from feedback.quality.results import CheckResult

_NAME, _VERSION = "repetition", "repetition-4"
# Songs and tables repeat up to about half of their trigrams; loops of language models repeat more.
_ORDINARY = 0.2
_LARGEST = 0.5
# From here on, the structure of a text is read.
_SUSPECT = 0.35
LOOP = 0.75

# White space that breaks a line; a no-break space joins two words.
_WORD = re.compile("[^\t-\r \x85\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]+")
_LONGEST_TEXT = 50_000
_LONG_WORD = 60
# Trigrams that a loop of twelve words repeats at least.
_FEWEST_REPEATED = 5
# A loop of so much of a text is the text, whatever rows or data its periods hold.
_NEARLY_ALL, _SHORT_SENTENCE = 0.9, 6
# Rows of a table may be equal, and lines may be ruled; so many are a loop.
_EQUAL_ROWS = 12
_LONG_ROWS = 8
_EQUAL_NUMBERS = 200
_LONGEST_ROWS = 150
_RULED = 200
_DIGITS = 60


def judge(prompt: str, response: str, context: Context) -> CheckResult:
    """Judge how much of a response repeats itself.

    Parameters
    ----------
    prompt, context
        Not read.
    response : str
        Any text.

    Returns
    -------
    CheckResult
        Score 1 up to a repetition ratio of 0.2, then falling evenly to 0 at 1; passed below 0.5. details:
        `repetition_ratio`.

    Examples
    --------
    >>> result = judge("", "no " * 400, Context())
    >>> result.passed, result.details["repetition_ratio"] > 0.99
    (False, True)
    """
    ratio = repetition(response)
    score = min(1.0, max(0.0, (1 - ratio) / (1 - _ORDINARY)))
    return CheckResult(_NAME, score, ratio < _LARGEST, {"repetition_ratio": ratio}, _VERSION)


def trigram_ratio(words: Sequence[str]) -> float:
    """Measure how many trigrams of a text occur again.

    Parameters
    ----------
    words : sequence of str
        The words in order.

    Returns
    -------
    float
        1 - unique trigrams / trigrams, from 0 (none repeats) to below 1; 0 for fewer than three words.

    Examples
    --------
    >>> trigram_ratio(["a", "b", "c", "a", "b", "c"])
    0.25
    """
    total = len(words) - 2
    if total < 1:
        return 0.0
    return 1 - len(set(zip(words, words[1:], words[2:], strict=False))) / total


def word_repetition(text: str) -> float:
    """Measure the trigram ratio of the words of a text, case and punctuation kept.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    float
        From 0 to below 1; 0 below ten words.

    Examples
    --------
    >>> word_repetition("one two three " * 4)
    0.7
    """
    words = _WORD.findall(text)
    return trigram_ratio(words) if len(words) >= 10 else 0.0


def repetition(text: str) -> float:
    """Measure how much of a text repeats itself.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    float
        From 0 to 1; at least 0.75 when the text ends in a loop.

    Notes
    -----
    Case is ignored. Text with few spaces (Chinese, one endless word) is read in pieces of five characters, not words.
    JSON is read by its strings. In tables, lists of links, markup, code, logs and forms only a loop counts, and in
    numbered lines only a loop or a ratio of 0.75. What stands around them is read on its own.
    Only the last 50,000 characters are read: loops of language models run to the end.

    Examples
    --------
    >>> repetition("A short answer."), repetition("so it ends " * 6)
    (0.0, 0.8125)
    >>> repetition('[[0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]')
    0.0
    """
    tail = text[-_LONGEST_TEXT:].casefold()
    words = tail.split()
    is_dense = len(tail) > 16 * len(words) and len(tail) >= 20
    ratio = 0.0 if is_dense else trigram_ratio(words)
    if not is_dense and ratio < _SUSPECT and len(words[-1] if words else "") < _LONG_WORD:
        may_loop = ratio * (len(words) - 2) >= _FEWEST_REPEATED
        if not may_loop or find_loop(words) is None:
            return ratio
    strings = _strings_of(text)
    if strings is not None:
        return max(map(_of_prose, strings), default=0.0)
    structured = _of_structure(tail)
    if structured is not None:
        return structured
    loop = find_loop(words)
    if loop and loop.length >= _NEARLY_ALL * len(words) and _is_sentence_again(words, loop):
        return max(ratio, LOOP)
    return max(map(_of_part, parts_of(tail)))


def _of_part(text: str) -> float:
    structured = _of_structure(text)
    if structured is not None:
        return structured
    prose = _of_prose(text)
    return min(prose, _ORDINARY) if prose < LOOP and is_numbered(lines_of(text)) else prose


def _of_structure(text: str) -> float | None:
    """The ratio of a literal or a regular text, or None of another one."""
    if is_literal(text):
        return 0.0
    lines = lines_of(text)
    return _of_rows(text, lines) if is_regular(text, lines) else None


def _of_prose(text: str) -> float:
    text = text[-_LONGEST_TEXT:].casefold()
    words = text.split()
    if len(text) > 16 * len(words):
        if len(text) < 20:
            return 0.0
        pieces = len(text) - 4
        ratio = 1 - len({text[start : start + 5] for start in range(pieces)}) / pieces
        return max(ratio, LOOP) if _ends_in_characters(text) or is_counted_loop(text) else _unless_ruled(ratio, text)
    if not words:
        return 0.0
    ratio = trigram_ratio(words)
    is_loop = find_loop(words) or is_counted_loop(words) or _ends_in_endless_word(words)
    return max(ratio, LOOP) if is_loop else ratio


def _of_rows(text: str, lines: Sequence[str]) -> float:
    """The share of a regular text that is a loop, at least 0.75; else that of equal rows, up to 0.2."""
    words = text.split()
    loop = find_loop(words)
    if loop and (_is_told_again(words, loop) or _is_endless("".join(words[-loop.length :]), loop)):
        return max(loop.length / len(words), LOOP)
    loop = find_loop(text)
    if loop and _is_endless(text[-loop.length :], loop):
        return max(loop.length / len(text), LOOP)
    return min(_ORDINARY, 1 - len({*lines}) / len(lines))


def _is_told_again(words: Sequence[str], loop: Loop) -> bool:
    """Whether at least four periods have eight words and more, most of them with letters."""
    spoken = sum(any(map(str.isalpha, word)) for word in words[-loop.period :])
    return loop.periods >= 4 and spoken >= max(_LONG_ROWS, loop.period / 2)


def _is_sentence_again(words: Sequence[str], loop: Loop) -> bool:
    """Whether at least four periods have six words and more, half of them with letters."""
    spoken = sum(any(map(str.isalpha, word)) for word in words[-loop.period :])
    return loop.periods >= 4 and loop.period >= _SHORT_SENTENCE and spoken >= loop.period / 2


def _is_endless(rows: str, loop: Loop) -> bool:
    """Whether a loop is more than a few equal rows, columns of zeros or ruled lines."""
    has_words = any(map(str.isalpha, rows))
    return loop.periods >= (_EQUAL_ROWS if has_words else _EQUAL_NUMBERS) and len(rows) >= _LONGEST_ROWS


def _ends_in_endless_word(words: Sequence[str]) -> bool:
    return len(words[-1]) >= _LONG_WORD and _ends_in_characters(words[-1])


def _ends_in_characters(text: str) -> bool:
    loop = find_loop(text)
    return loop is not None and not _is_ruled(text[-loop.length :])


def _is_ruled(loop: str) -> bool:
    """Whether a loop of characters may be a ruled line, or zeros of a number."""
    if not any(map(str.isalnum, loop)):
        return len(loop) < _RULED
    return loop.isdigit() and len({*loop}) == 1 and len(loop) < _DIGITS


def _unless_ruled(ratio: float, text: str) -> float:
    loop = find_loop(text)
    return min(ratio, _ORDINARY) if loop and _is_ruled(text[-loop.length :]) else ratio


def _strings_of(text: str) -> list[str] | None:
    """The strings of a JSON value or of JSON lines, keys and short ones aside; None of another text."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        values = [orjson.loads(text)]
    except orjson.JSONDecodeError:
        try:
            values = [orjson.loads(line) for line in lines_of(text)]
        except orjson.JSONDecodeError:
            return None
    return [string for string in _strings(values) if len(string) >= 100]


def _strings(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


REPETITION = Check(_NAME, _VERSION, judge)
