import re
from collections.abc import Iterator

import phonenumbers
import re2

from feedback.masking.digits import Group, digit_count, gaps, group_sizes, is_joined, joined_digits, stands_alone
from feedback.masking.spans import Span

_LETTER = r"\p{Latin}\p{Greek}\p{Cyrillic}\p{Arabic}\p{Hebrew}\p{Armenian}\p{Georgian}\p{Devanagari}\p{Thai}\pM"
_IDEOGRAPH = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}ー"
# Scripts written without spaces come apart from the rest, or the words around an address would belong to it.
_EMAIL = re2.compile(
    rf"[{_LETTER}\pN_](?:[{_LETTER}\pN_.+%'\-]*[{_LETTER}\pN_+%\-])?[@＠](?:[{_LETTER}\pN](?:[{_LETTER}\pN\-]*)\.)+[{_LETTER}][{_LETTER}0-9\-]*[{_LETTER}0-9]"
    rf"|[{_IDEOGRAPH}A-Za-z0-9_.]+[@＠](?:[{_IDEOGRAPH}A-Za-z0-9\-]+\.)+[{_IDEOGRAPH}]+"
)


def find_emails(text: str) -> Iterator[Span]:
    for match in _EMAIL.finditer(text):
        start, end = match.span()
        yield Span(start, end, "EMAIL")


_LINKS = (
    r"(?:number|numbers|no|nr|num|me|us|you|him|her|them|is|was|are|at|on|to|the|my|our|your|his|it|under|via|now|anytime|registered"
    r"|nummer|n[úu]mero|num[ée]ro|est|ist|es|é)"
)
# What announces a number that no shape of its own gives away. Brackets of a mask and digits never stand in between.
_PHONE_WORD = re2.compile(
    r"(?i)(?:\b(?:phones?|telephone|tel|mobile|mob|cell|cellphone|fax|hotline|helpline|whatsapp|sms|call|calling|called|dial|contact"
    r"|telefon|telefonnummer|handy|rufnummer|portable|celular|telefone)|\b(?:desk|office|home|work)\s?[:=]"
    rf"|\b(?:text|messages?|ring|reach|answering)\s+{_LINKS}"
    r"|t[ée]l[ée]phone|tel[ée]fono|m[óo]vil|telem[óo]vel|電話|电话|手机|手機|携帯|連絡先|전화|연락처)"
    rf"(?:[\s:=#.,\-]+{_LINKS})*(?:番号|号码|號碼|번호)?[は是为為는]?[\s:=#.\-(*\"']*$"
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
_NOT_A_PHONE = re.compile(
    r"(?:[0-9]{1,2}[-./][0-9]{1,2}[-./][0-9]{2,4}|[0-9]{4}[-./][0-9]{1,2}[-./][0-9]{1,2}|[0-9]+\.[0-9]+)(?![0-9]|[-./][0-9])"
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
            if number and (
                phonenumbers.is_valid_number(number) or (sign and size > 2 and phonenumbers.is_possible_number(number))
            ):
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
    if not (stands_alone(text, start, extension.end() if extension else end)):
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
    start = chain[0][0]
    size = len(chain)
    while size and digit_count(chain[:size]) > 15:
        size -= 1
    groups = chain[:size]
    count = digit_count(groups)
    if count < (7 if size == 1 else 6) or _NOT_A_PHONE.match(text, start):
        return 0
    if (
        size == 2
        and joined_digits(text, groups)[:3] == "555"
        and group_sizes(groups) == (3, 4)
        and gaps(text, groups) == ["-"]
    ):
        return size if stands_alone(text, start, groups[-1][1]) else 0
    announced = _PHONE_WORD.search(text[max(0, start - 48) : start]) is not None
    return size if announced and _touches_no_word(text, start, groups[-1][1]) else 0
