"""Whether a response repeats itself, as models caught in a loop do."""

import re
from collections.abc import Sequence

from feedback.quality.checks.base import Check, Context
from feedback.quality.results import CheckResult

_NAME, _VERSION = "repetition", "repetition-3"
# Songs and tables repeat up to about half of their trigrams; loops of language models repeat more.
_ORDINARY = 0.2
_LARGEST = 0.5
LOOP = 0.75

# White space that breaks a line; a no-break space joins two words.
_WORD = re.compile("[^\t-\r \x85\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]+")
_LONGEST_TEXT = 50_000
_SHORTEST_LOOP = 12


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
    Only the last 50,000 characters are read: loops of language models run to the end.

    Examples
    --------
    >>> repetition("A short answer."), repetition("so it ends " * 6)
    (0.0, 0.8125)
    """
    text = text[-_LONGEST_TEXT:].casefold()
    words = text.split()
    if len(text) > 16 * len(words) and len(text) >= 20:
        pieces = len(text) - 4
        ratio = 1 - len({text[start : start + 5] for start in range(pieces)}) / pieces
        return max(ratio, LOOP) if ends_in_loop(text) else ratio
    ratio = trigram_ratio(words)
    return max(ratio, LOOP) if ends_in_loop(words) else ratio


def ends_in_loop(items: Sequence[str], *, longest_period: int = 64) -> bool:
    """Tell whether items end in a loop.

    Parameters
    ----------
    items : sequence of str
        Words or characters in order.
    longest_period : int
        Longest loop that is found, in items.

    Returns
    -------
    bool
        Whether they end with three or more equal periods of at least twelve items together.

    Examples
    --------
    >>> ends_in_loop(["yes", *["no", "never"] * 6]), ends_in_loop(["ha", "ha", "ha"])
    (True, False)
    """
    count = len(items)
    if not count or items[-1] not in items[max(0, count - 1 - longest_period) : -1]:
        return False
    for period in range(1, min(longest_period, count // 3) + 1):
        if items[-1] != items[-1 - period]:
            continue
        needed = max(2 * period, _SHORTEST_LOOP - period)
        if count >= needed + period and items[count - needed :] == items[count - needed - period : count - period]:
            return True
    return False


REPETITION = Check(_NAME, _VERSION, judge)
