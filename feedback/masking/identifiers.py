import re
from collections.abc import Iterator

import re2

from feedback.masking.digits import Group, digit_count, gaps, group_sizes, joined_digits, stands_alone
from feedback.masking.spans import Span

_CARD_WORD = re2.compile(
    r"(?i)\b(?:amex|card|carte|cart[aã]o|karte|kreditkarte|mastercard|tarjeta|visa)\b[^\d\[\]\n]{0,24}$"
)
_SSN_WORD = re2.compile(r"(?i)\b(?:ssn|social[ \-]security)\b[^\d\[\]\n]{0,24}$")
_LONG_DEBIT = "50|5[6-8]|6[0-9]"
_ISSUER_PREFIXES = {
    12: "50(?:18|20|38)|5893|6304|6759|676[1-3]",
    13: "4",
    14: "30[0-59]|3[689]",
    15: "3[47]|2131|1800",
    16: f"4|5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|30[0-5]|35|3[689]|81|{_LONG_DEBIT}",
    17: _LONG_DEBIT,
    18: _LONG_DEBIT,
    19: f"4|35|{_LONG_DEBIT}",
}
_ISSUERS = {length: re.compile(prefixes) for length, prefixes in _ISSUER_PREFIXES.items()}
_CARD_GAPS = {"-", "--", " ", "  ", ".", ".."}
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def passes_luhn(digits: str) -> bool:
    """Check the last digit against the others. Source: ISO/IEC 7812-1, annex B."""
    values = [int(digit) for digit in reversed(digits)]
    return (sum(values[::2]) + sum(_DOUBLED[value] for value in values[1::2])) % 10 == 0


def find_cards(text: str, chain: list[Group]) -> Iterator[Span]:
    position = 0
    while position < len(chain):
        size = _card_groups(text, chain, position)
        if size:
            yield Span(chain[position][0], chain[position + size - 1][1], "CREDIT_CARD")
        position += size or 1


def _card_groups(text: str, chain: list[Group], position: int) -> int:
    for size in (5, 4, 3, 2, 1):
        groups = chain[position : position + size]
        if len(groups) == size and _is_card(text, groups):
            return size
    return 0


def _is_card(text: str, groups: list[Group]) -> bool:
    count = digit_count(groups)
    if not 12 <= count <= 19 or not _has_card_layout(text, groups):
        return False
    start, end = groups[0][0], groups[-1][1]
    digits = joined_digits(text, groups)
    if not passes_luhn(digits) or not stands_alone(text, start, end):
        return False
    return bool(_ISSUERS[count].match(digits)) or _preceded_by(_CARD_WORD, text, start)


def _has_card_layout(text: str, groups: list[Group]) -> bool:
    """Tell whether the groups are runs of fours, 4-6-5 (American Express) or 4-6-4 (Diners)."""
    *sizes, last = group_sizes(groups)
    fours = all(size % 4 == 0 for size in sizes) and (last <= 4 or last % 4 == 0 or not sizes)
    return _CARD_GAPS.issuperset(gaps(text, groups)) and (fours or (sizes == [4, 6] and last in {4, 5}))


def _preceded_by(word, text: str, start: int) -> bool:
    return word.search(text[max(0, start - 48) : start]) is not None


def find_ssns(text: str, chain: list[Group]) -> Iterator[Span]:
    for position in range(len(chain)):
        for size in (3, 2, 1):
            groups = chain[position : position + size]
            if len(groups) == size and digit_count(groups) == 9 and _is_ssn(text, groups):
                yield Span(groups[0][0], groups[-1][1], "SSN")


def _is_ssn(text: str, groups: list[Group]) -> bool:
    """Judge a number of nine digits. Source: SSA POMS RM 10201.035, numbers never assigned."""
    digits = joined_digits(text, groups)
    area, middle, serial = digits[:3], digits[3:5], digits[5:]
    if area in {"000", "666"} or area[0] == "9" or middle == "00" or serial == "0000":
        return False
    start, end = groups[0][0], groups[-1][1]
    between = gaps(text, groups)
    if len(set(between)) > 1 or not {"-", ".", " "}.issuperset(between) or not stands_alone(text, start, end):
        return False
    return group_sizes(groups) == (3, 2, 4) or _preceded_by(_SSN_WORD, text, start)


_IBAN_START = re2.compile(r"[A-Za-z]{2}[0-9]{2}")
_IBAN_COUNTRIES = {
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
_IBAN_LENGTHS = {country: length for length, countries in _IBAN_COUNTRIES.items() for country in countries.split()}


def find_ibans(text: str) -> Iterator[Span]:
    for match in _IBAN_START.finditer(text):
        start = match.start()
        end = _iban_end(text, start, _IBAN_LENGTHS.get(text[start : start + 2].upper(), 0))
        if end and _has_iban_checksum(text[start:end]) and stands_alone(text, start, end):
            yield Span(start, end, "IBAN")


def _iban_end(text: str, start: int, length: int) -> int:
    """Return where `length` letters and digits end, single spaces and dashes between them skipped, or 0."""
    if not length:
        return 0
    count = 0
    for position in range(start, min(len(text), start + 2 * length)):
        character = text[position]
        if character.isascii() and character.isalnum():
            count += 1
            if count == length:
                return position + 1
        elif character not in " -" or not text[position - 1].isalnum():
            return 0
    return 0


def _has_iban_checksum(text: str) -> bool:
    """Check the two digits after the country. Source: ISO 13616-1 and ISO/IEC 7064, MOD 97-10."""
    compact = text.replace(" ", "").replace("-", "")
    return int("".join(str(int(character, 36)) for character in compact[4:] + compact[:4])) % 97 == 1
