"""Telephone numbers in the spelling of their own country, which give themselves away without a word beside them."""

import re

from feedback.masking.numbers.digits import Group, digit_count, gaps, group_sizes, joined_digits, stands_alone
from feedback.masking.numbers.numbering import is_national_number, is_trunk_number

_ZIP_PLUS_FOUR = (5, 4)
_LARGEST_OF_LOTTERY = "60"
# Sizes of groups that nothing but a telephone number has, and how its digits begin.
_SHAPES = {
    (1, 3, 3, 2, 2): re.compile("[78][3489]"),  # Russia, Kazakhstan: 8 912 345-67-89
    (3, 4, 4): re.compile("1[3-9]"),  # China: 138 1234 5678
    (3, 2, 2, 2): re.compile("[6789]"),  # Spain: 612 34 56 78
}
_SHAPE_LENGTHS = sorted({len(sizes) for sizes in _SHAPES}, reverse=True)
_SEPARATORS = {" ", "-", ".", " (", ") ", ")", "-(", ")-"}


def national_groups(text: str, chain: list[Group], position: int) -> int:
    """Count the groups from this position on that read as one national number; 0 if they do not."""
    return _shaped_groups(text, chain, position) or _bracketed_groups(text, chain, position)


def _shaped_groups(text: str, chain: list[Group], position: int) -> int:
    for size in _SHAPE_LENGTHS:
        groups = chain[position : position + size]
        beginning = _SHAPES.get(group_sizes(groups)) if len(groups) == size else None
        if (
            beginning
            and beginning.match(joined_digits(text, groups))
            and _SEPARATORS.issuperset(gaps(text, groups))
            and stands_alone(text, groups[0][0], groups[-1][1])
        ):
            return size
    return 0


def _bracketed_groups(text: str, chain: list[Group], position: int) -> int:
    """Count the groups of a number whose area code stands in brackets, as in (11) 98765-4321."""
    start, end = chain[position]
    if not 2 <= end - start <= 5 or text[start - 1 : start] != "(" or text[end : end + 1] != ")":
        return 0
    for size in range(min(5, len(chain) - position), 1, -1):
        groups = chain[position : position + size]
        between = gaps(text, groups)
        if (
            8 <= digit_count(groups) <= 11
            and len(set(between[1:])) <= 1
            and stands_alone(text, start, groups[-1][1])
            and is_national_number(joined_digits(text, groups))
        ):
            return size
    return 0


def trunk_groups(text: str, chain: list[Group]) -> int:
    """Count the groups of a national number written with its leading 0, if it is valid in a large numbering plan."""
    first_start, first_end = chain[0]
    if first_end - first_start not in (2, 3, 4, 5) or text[first_start + 1] == "0":
        return 0
    for size in range(min(5, len(chain)), 1, -1):
        groups = chain[:size]
        sizes = group_sizes(groups)
        if not 9 <= sum(sizes) <= 11 or min(sizes) < 2 or sizes == _ZIP_PLUS_FOUR:
            continue
        if (
            _is_spelled_evenly(text, groups)
            and stands_alone(text, first_start, groups[-1][1])
            and is_trunk_number(joined_digits(text, groups))
        ):
            return size
    return 0


def _is_spelled_evenly(text: str, groups: list[Group]) -> bool:
    """Tell whether one separator stands throughout, but for the first, which sets the area code apart."""
    between = gaps(text, groups)
    if len(set(between[1:])) > 1 or (between[0] != between[-1] and between[0] not in {") ", ")", "-", "/", " / "}):
        return False
    if set(group_sizes(groups)) == {2} and set(between) == {" "}:
        # Five pairs of digits are also the numbers of a lottery, which are small and in order.
        pairs = [text[start:end] for start, end in groups]
        return len(pairs) == 5 and (pairs != sorted(pairs) or pairs[-1] > _LARGEST_OF_LOTTERY)
    return True
