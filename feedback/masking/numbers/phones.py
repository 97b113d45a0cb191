import re
from collections.abc import Iterator

from feedback.masking.numbers.digits import (
    Group,
    digit_count,
    gaps,
    group_sizes,
    is_joined,
    joined_digits,
    stands_alone,
)
from feedback.masking.numbers.national_phones import national_groups, trunk_groups
from feedback.masking.numbers.numbering import is_assignable
from feedback.masking.numbers.phone_words import is_announced, is_labelled
from feedback.masking.spans import Span

_EXTENSION = re.compile(r" ?(?:x|ext\.?|extension|#) ?[0-9]{1,6}\b", re.IGNORECASE)
_FICTIONAL = re.compile(r"555-[0-9]{4}")
_DATE_OR_DECIMAL = re.compile(
    r"(?:[0-9]{1,2}[-./][0-9]{1,2}[-./][0-9]{2,4}|[0-9]{4}[-./][0-9]{1,2}[-./][0-9]{1,2}|[0-9]+\.[0-9]+)"
    r"(?![0-9]|[-./][0-9])"
)
_MOST_GROUPS = 8


def find_phones(text: str, chain: list[Group]) -> Iterator[Span]:
    position = 0
    while position < len(chain):
        size = _phone_groups(text, chain, position)
        if size:
            start, end = _widen(text, chain[position][0], chain[position + size - 1][1])
            yield Span(start, end, "PHONE")
        position += size or 1


def _widen(text: str, start: int, end: int) -> tuple[int, int]:
    while start and text[start - 1] in "+(":
        start -= 1
    if text[end : end + 1] == ")" and "(" in text[start:end] and ")" not in text[start:end]:
        end += 1
    extension = _EXTENSION.match(text, end)
    return start, extension.end() if extension else end


def _phone_groups(text: str, chain: list[Group], position: int) -> int:
    start, end = chain[position]
    if not position:
        sign = text[max(0, start - 2) : start].rstrip("(")[-1:] == "+"
        size = _international_groups(text, chain[:_MOST_GROUPS]) if sign else 0
        if size:
            return size
    if text[start] == "0":
        rest = chain[position : position + _MOST_GROUPS]
        size = _international_groups(text, rest, prefix=2) if text.startswith("00", start) else 0
        size = size or trunk_groups(text, rest)
        if size:
            return size
    size = _north_american_groups(text, chain, position) if end - start in (1, 3) else 0
    size = size or national_groups(text, chain, position)
    if size or position:
        return size
    return _announced_groups(text, chain[:_MOST_GROUPS])


def _international_groups(text: str, groups: list[Group], *, prefix: int = 0) -> int:
    """Count the groups of a number behind a sign, or behind the two digits of the prefix 00."""
    digits = joined_digits(text, groups)[prefix:]
    count = 0 if digits.startswith("0") else len(digits)
    for size in range(len(groups) if count else 0, 0, -1):
        # A sign says enough: numbers made up for examples are rarely assigned to anyone.
        if (
            7 <= count <= 16
            and _touches_no_word(text, groups[0][0], groups[size - 1][1])
            and is_assignable(digits[:count], by_length=not prefix)
        ):
            return size
        count -= groups[size - 1][1] - groups[size - 1][0]
    return 0


def _touches_no_word(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 2) : start].rstrip("+(")[-1:]
    return not is_joined(before, "" if _EXTENSION.match(text, end) else text[end : end + 1])


def _north_american_groups(text: str, chain: list[Group], position: int) -> int:
    for size in (4, 3):
        groups = chain[position : position + size]
        if len(groups) == size and _is_north_american(text, groups):
            return size
    return 0


def _is_north_american(text: str, groups: list[Group]) -> bool:
    """Tell whether groups read 3-3-4 digits, after an optional 1 or 001, with dashes, dots, brackets or spaces."""
    if group_sizes(groups)[-3:] != (3, 3, 4):
        return False
    between = gaps(text, groups)
    if len(groups) == 4 and joined_digits(text, groups[:1]) not in {"1", "001"}:
        return False
    if between[-1] not in {"-", ".", " "}:
        return False
    start, end = groups[0][0], groups[-1][1]
    extension = _EXTENSION.match(text, end)
    if not stands_alone(text, start, extension.end() if extension else end):
        return False
    area, exchange = (text[group[0]] for group in groups[-3:-1])
    return between[-2] != " " or (area in "23456789" and exchange in "23456789")


def _announced_groups(text: str, chain: list[Group]) -> int:
    """Count the groups of a number that a word such as "call" or "Fax:" announces."""
    size = len(chain)
    while digit_count(chain[:size]) > 15:
        size -= 1
    if digit_count(chain[:size]) < (7 if size == 1 else 6):
        return 0
    start, end = chain[0][0], chain[size - 1][1]
    if _FICTIONAL.fullmatch(text, start, end):
        return size if stands_alone(text, start, end) else 0
    has_label = size == len(chain) and is_labelled(text, end)
    if (
        not (has_label or is_announced(text, start))
        or _DATE_OR_DECIMAL.match(text, start)
        or not _touches_no_word(text, start, end)
    ):
        return 0
    return size
