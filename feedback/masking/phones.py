import re
from collections.abc import Iterator

import phonenumbers
import re2

from feedback.masking.digits import Group, digit_count, gaps, group_sizes, is_joined, joined_digits, stands_alone
from feedback.masking.spans import Span

_LINKS = (
    r"(?:anytime|are|at|em|es|est|her|him|his|is|ist|it|me|my|n[úu]mero|no|nr|num|num[ée]ro|number|numbers|nummer|on|our"
    r"|registered|the|them|to|under|us|via|was|you|your|é)"
)
# What announces a number that no shape of its own gives away. Brackets of a mask and digits never stand in between.
_ANNOUNCED = re2.compile(
    r"(?i)(?:\b(?:call|called|calling|cell|cellphone|celular|contact|dial|fax|handy|helpline|hotline|mob|mobile|phones?"
    r"|portable|rufnummer|sms|tel|telefon|telefone|telefonnummer|telephone|whatsapp)"
    rf"|\b(?:desk|home|office|work)\s?[:=]|\b(?:answering|messages?|reach|ring|text)\s+{_LINKS}"
    r"|m[óo]vil|t[ée]l[ée]phone|tel[ée]fono|telem[óo]vel|手机|手機|携帯|電話|电话|連絡先|연락처|전화)"
    rf"(?:[\s:=#.,\-]+{_LINKS})*(?:号码|號碼|番号|번호)?[は是为為는]?[\s:=#.\-(*\"']*$"
)
_EXTENSION = re.compile(r" ?(?:x|ext\.?|extension|#) ?[0-9]{1,6}\b", re.IGNORECASE)
# Large numbering plans whose numbers are dialled with a leading 0.
_TRUNK_REGIONS = ("FR", "GB", "DE", "NL", "BE", "CH", "AT", "AU", "NZ", "JP", "KR", "IN", "BR", "ZA", "SE", "TR")


def _national_patterns(region: str) -> Iterator[str]:
    plan = phonenumbers.PhoneMetadata.metadata_for_region(region)
    yield from (f"(?:{plan.fixed_line.national_number_pattern})", f"(?:{plan.mobile.national_number_pattern})")


# One expression for all plans: asking phonenumbers region by region takes a hundred times as long.
_TRUNK_NUMBER = re2.compile(
    "0(?:" + "|".join(pattern for region in _TRUNK_REGIONS for pattern in _national_patterns(region)) + ")"
)
_FICTIONAL = re.compile(r"555-[0-9]{4}")
_DATE_OR_DECIMAL = re.compile(
    r"(?:[0-9]{1,2}[-./][0-9]{1,2}[-./][0-9]{2,4}|[0-9]{4}[-./][0-9]{1,2}[-./][0-9]{1,2}|[0-9]+\.[0-9]+)"
    r"(?![0-9]|[-./][0-9])"
)


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
    rest = chain[position : position + 8]
    start = rest[0][0]
    sign = text[max(0, start - 2) : start].rstrip("(")[-1:] == "+"
    if sign or text.startswith("00", start):
        size = _international_groups(text, rest, sign)
        if size:
            return size
    for size in (4, 3):
        if len(rest) >= size and _is_north_american(text, rest[:size]):
            return size
    return _trunk_groups(text, rest) or (0 if position else _announced_groups(text, rest))


def _international_groups(text: str, groups: list[Group], sign: bool) -> int:
    for size in range(len(groups), 0, -1):
        digits = joined_digits(text, groups[:size])
        digits = digits if sign else digits[2:]
        if 7 <= len(digits) <= 16 and _touches_no_word(text, groups[0][0], groups[size - 1][1]):
            number = _parse("+" + digits)
            # A sign and three groups say enough: numbers made up for examples are rarely assigned to anyone.
            judge = phonenumbers.is_possible_number if sign and size > 2 else phonenumbers.is_valid_number
            if number and judge(number):
                return size
    return 0


def _parse(international: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(international)
    except phonenumbers.NumberParseException:
        return None


def _touches_no_word(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 2) : start].rstrip("+(")[-1:]
    return not is_joined(before, "" if _EXTENSION.match(text, end) else text[end : end + 1])


def _is_north_american(text: str, groups: list[Group]) -> bool:
    """Tell whether groups read 3-3-4 digits, after an optional 1 or 001, with dashes, dots, brackets or spaces."""
    sizes, between = group_sizes(groups), gaps(text, groups)
    if len(groups) == 4 and joined_digits(text, groups[:1]) not in {"1", "001"}:
        return False
    if sizes[-3:] != (3, 3, 4) or between[-1] not in {"-", ".", " "}:
        return False
    start, end = groups[0][0], groups[-1][1]
    extension = _EXTENSION.match(text, end)
    if not stands_alone(text, start, extension.end() if extension else end):
        return False
    area, exchange = (text[group[0]] for group in groups[-3:-1])
    return between[-2] != " " or (area in "23456789" and exchange in "23456789")


def _trunk_groups(text: str, chain: list[Group]) -> int:
    """Count the groups of a national number written with its leading 0, if it is valid in a large numbering plan."""
    first_start, first_end = chain[0]
    if text[first_start] != "0" or first_end - first_start not in (2, 3, 4, 5):
        return 0
    for size in range(min(5, len(chain)), 1, -1):
        groups = chain[:size]
        between = set(gaps(text, groups)) - {") ", ")"}
        spaced_pairs = between == {" "} and set(group_sizes(groups)) == {2}
        if len(between) > 1 or spaced_pairs or not 9 <= digit_count(groups) <= 11 or min(group_sizes(groups)) < 2:
            continue
        if stands_alone(text, first_start, groups[-1][1]) and _TRUNK_NUMBER.fullmatch(joined_digits(text, groups)):
            return size
    return 0


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
    if _DATE_OR_DECIMAL.match(text, start) or not _touches_no_word(text, start, end):
        return 0
    return size if _ANNOUNCED.search(text[max(0, start - 48) : start]) else 0
