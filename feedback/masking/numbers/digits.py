import re
import unicodedata
from collections.abc import Iterator
from itertools import accumulate

Group = tuple[int, int]

# A group of digits, and the gap behind it if the chain goes on.
_GROUP = re.compile(r"([0-9]+)(?:[ \-./()]{1,3}(?=[0-9]))?")
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"
_SPACES = "\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u202f\u2060\u3000\ufeff"
_FOLD = {
    **{code: str(unicodedata.digit(chr(code))) for code in range(0x80, 0x20000) if chr(code).isdecimal()},
    **dict.fromkeys(map(ord, _DASHES), "-"),
    **dict.fromkeys(map(ord, _SPACES), " "),
    ord("．"): ".",
    ord("＋"): "+",
    ord("（"): "(",
    ord("）"): ")",
}


def fold(text: str) -> str:
    """Return text with digits, dashes and spaces of other scripts in ASCII, offsets unchanged."""
    return text if text.isascii() else text.translate(_FOLD)


def digit_chains(text: str) -> Iterator[list[Group]]:
    """Yield runs of digit groups with at most three separators between neighbours and at least six digits in all."""
    chain: list[Group] = []
    digits = 0
    for match in _GROUP.finditer(text):
        start, end = match.span(1)
        chain.append((start, end))
        digits += end - start
        if match.end() == end:
            if digits >= 6:
                yield chain
            chain, digits = [], 0


def running_totals(groups: list[Group]) -> list[int]:
    """Return how many digits stand before each group, and before the end."""
    return list(accumulate((end - start for start, end in groups), initial=0))


def digit_count(groups: list[Group]) -> int:
    return sum(end - start for start, end in groups)


def group_sizes(groups: list[Group]) -> tuple[int, ...]:
    return tuple([end - start for start, end in groups])


def gaps(text: str, groups: list[Group]) -> list[str]:
    return [text[left[1] : right[0]] for left, right in zip(groups, groups[1:], strict=False)]


def joined_digits(text: str, groups: list[Group]) -> str:
    return "".join(text[start:end] for start, end in groups)


def is_joined(before: str, after: str) -> bool:
    """Tell whether a number belongs to the word beside it.

    A bracket counts as a digit, so that a number beside a mask is judged as it was beside the masked number. Letters
    beyond ASCII do not count: Chinese and its neighbours write numbers without a space.
    """
    return _joins(before) or before == "]" or _joins(after) or after == "["


def _joins(character: str) -> bool:
    return character.isascii() and character.isalnum()


def stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether text[start:end] is no part of a word, a decimal or a longer dashed number."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if is_joined(before[-1:], after[:1]):
        return False
    chained_before = len(before) == 2 and before[1] in "-./" and (before[0].isdigit() or before[0] == "]")
    chained_after = len(after) == 2 and after[0] in "-./" and (after[1].isdigit() or after[1] == "[")
    return not (chained_before or chained_after)
