"""The check as it was before: a peer to measure beside."""

import re
from collections.abc import Sequence

from feedback.quality.checks.base import Check, Context
from feedback.quality.results import CheckResult

_NAME, _VERSION = ("repetition", "repetition-3")
_ORDINARY = 0.2
_LARGEST = 0.5
LOOP = 0.75
_WORD = re.compile("[^\t-\r \x85\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]+")
_LONGEST_TEXT = 50000
_SHORTEST_LOOP = 12


def judge(prompt: str, response: str, context: Context) -> CheckResult:
    ratio = repetition(response)
    score = min(1.0, max(0.0, (1 - ratio) / (1 - _ORDINARY)))
    return CheckResult(_NAME, score, ratio < _LARGEST, {"repetition_ratio": ratio}, _VERSION)


def trigram_ratio(words: Sequence[str]) -> float:
    total = len(words) - 2
    if total < 1:
        return 0.0
    return 1 - len(set(zip(words, words[1:], words[2:], strict=False))) / total


def word_repetition(text: str) -> float:
    words = _WORD.findall(text)
    return trigram_ratio(words) if len(words) >= 10 else 0.0


def repetition(text: str) -> float:
    text = text[-_LONGEST_TEXT:].casefold()
    words = text.split()
    if len(text) > 16 * len(words) and len(text) >= 20:
        pieces = len(text) - 4
        ratio = 1 - len({text[start : start + 5] for start in range(pieces)}) / pieces
        return max(ratio, LOOP) if ends_in_loop(text) else ratio
    ratio = trigram_ratio(words)
    return max(ratio, LOOP) if ends_in_loop(words) else ratio


def ends_in_loop(items: Sequence[str], *, longest_period: int = 64) -> bool:
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
