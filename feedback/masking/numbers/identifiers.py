import re
import string
from collections.abc import Iterator

import re2

from feedback.masking.numbers.digits import (
    Group,
    digit_count,
    gaps,
    group_sizes,
    joined_digits,
    running_totals,
    stands_alone,
)
from feedback.masking.spans import Span

_CARD_WORD = re2.compile(
    r"(?i)\b(?:amex|card|carte|cart[aã]o|karte|kreditkarte|mastercard|tarjeta|visa)\b[^\d\[\]\n]{0,24}$"
)
_SSN_SIZES = (3, 2, 4)
_SSN_WORD = re2.compile(r"(?i)\b(?:ssn|social[ \-]security)\b[^\d\[\]\n]{0,24}$")
_IBAN_WORD = re2.compile(r"(?i)\b(?:iban|account|conto|compte|cuenta|konto|rekening)\b[^\d\[\]\n]{0,24}$")
# Visa numbers have 13, 16 or 19 digits today; ISO/IEC 7812 allows what lies between.
_LONG_DEBIT = "50|5[6-8]|6[0-9]"
_ISSUER_PREFIXES = {
    12: "50(?:18|20|38)|5893|6304|6759|676[1-3]",
    13: "4",
    14: "4|30[0-59]|3[689]",
    15: "4|3[47]|2131|1800",
    16: f"4|5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|30[0-5]|35|3[689]|81|{_LONG_DEBIT}",
    17: f"4|{_LONG_DEBIT}",
    18: f"4|{_LONG_DEBIT}",
    19: f"4|35|{_LONG_DEBIT}",
}
_ISSUERS = {length: re.compile(prefixes) for length, prefixes in _ISSUER_PREFIXES.items()}
_CARD_GROUPS = 7
# How old cards of 13 digits and UnionPay's of 19 are grouped.
_RARE_SIZES = {(4, 3, 3, 3), (4, 4, 5), (6, 13)}
_CARD_GAPS = {"-", "--", " ", "  ", ".", ".."}
_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")


def passes_luhn(digits: str) -> bool:
    """Check the last digit against the others. Source: ISO/IEC 7812-1, annex B."""
    values = digits.encode()
    return (sum(values[::-2] + values[-2::-2].translate(_DOUBLED)) - len(values) * ord("0")) % 10 == 0


def find_cards(text: str, chain: list[Group]) -> Iterator[Span]:
    totals = running_totals(chain)
    position = 0
    while position < len(chain):
        size = _card_groups(text, chain, totals, position)
        if size:
            yield Span(chain[position][0], chain[position + size - 1][1], "CREDIT_CARD")
        position += size or 1


def _card_groups(text: str, chain: list[Group], totals: list[int], position: int) -> int:
    start, end = chain[position]
    if (end - start) % 4 and position:
        return 0
    for size in range(min(_CARD_GROUPS, len(chain) - position), 0, -1):
        count = totals[position + size] - totals[position]
        if count < 12:
            return 0
        if count <= 19 and _is_card(text, chain[position : position + size], is_whole=size == len(chain)):
            return size
    return 0


def _is_card(text: str, groups: list[Group], *, is_whole: bool) -> bool:
    if not _has_card_layout(text, groups) and not (is_whole and _has_rare_layout(text, groups)):
        return False
    start, end = groups[0][0], groups[-1][1]
    digits = joined_digits(text, groups)
    if not passes_luhn(digits) or not stands_alone(text, start, end):
        return False
    return bool(_ISSUERS[len(digits)].match(digits)) or _preceded_by(_CARD_WORD, text, start)


def find_broken_cards(text: str, broken: str, chain: list[Group]) -> Iterator[Span]:
    """Yield cards with one line break inside. broken: the text with a space for each break, which the chain is of."""
    for span in find_cards(broken, chain):
        if text.count("\n", span.start, span.end) == 1:
            yield span
    if len(chain) == 2 and digit_count(chain) == 16 and "\n" in gaps(text, chain)[0] and could_be_card(text, chain):
        yield Span(chain[0][0], chain[1][1], "CREDIT_CARD")


def could_be_card(text: str, groups: list[Group]) -> bool:
    """Tell whether the digits are those of a card, however they are grouped."""
    digits = joined_digits(text, groups) if len(groups) <= 19 else ""
    return 13 <= len(digits) <= 19 and passes_luhn(digits) and bool(_ISSUERS[len(digits)].match(digits))


def _has_card_layout(text: str, groups: list[Group]) -> bool:
    """Tell whether the groups are runs of fours, 4-6-5 (American Express) or 4-6-4 (Diners)."""
    *sizes, last = group_sizes(groups)
    fours = all(size % 4 == 0 for size in sizes) and (last <= 4 or last % 4 == 0 or not sizes)
    return _CARD_GAPS.issuperset(gaps(text, groups)) and (fours or (sizes == [4, 6] and last in {4, 5}))


def _has_rare_layout(text: str, groups: list[Group]) -> bool:
    """Tell whether one dash or one space stands between groups of sizes that some cards have."""
    return group_sizes(groups) in _RARE_SIZES and set(gaps(text, groups)) in ({"-"}, {" "})


def _preceded_by(word: re.Pattern[str], text: str, start: int) -> bool:
    return word.search(text[max(0, start - 48) : start]) is not None


def is_named(text: str, start: int) -> bool:
    """Tell whether a word such as "card", "SSN" or "IBAN" announces the number that begins here."""
    return any(_preceded_by(word, text, start) for word in (_CARD_WORD, _SSN_WORD, _IBAN_WORD))


def find_ssns(text: str, chain: list[Group]) -> Iterator[Span]:
    totals = running_totals(chain)
    for position, before in enumerate(totals[:-1]):
        for end in range(position + 1, min(position + 4, len(totals))):
            # A word announces only what stands right behind it, so only the first group of a chain.
            groups = chain[position:end] if totals[end] - before == 9 else []
            if groups and (not position or group_sizes(groups) == _SSN_SIZES) and _is_ssn(text, groups):
                yield Span(chain[position][0], chain[end - 1][1], "SSN")


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
    return group_sizes(groups) == _SSN_SIZES or _preceded_by(_SSN_WORD, text, start)


IBAN_START = re2.compile(r"[A-Za-z]{2}[0-9]{2}")
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

_IBANS = {
    length: re.compile(rf"[A-Za-z]{{2}}(?:[0-9][ \-]?){{2}}(?:[A-Za-z0-9][ \-]?){{{length - 5}}}[A-Za-z0-9]")
    for length in _IBAN_COUNTRIES
}
_LETTER_VALUES = {ord(letter): str(int(letter, 36)) for letter in string.ascii_letters} | {32: "", 45: ""}


def find_ibans(text: str) -> Iterator[Span]:
    for match in IBAN_START.finditer(text):
        start = match.start()
        length = _IBAN_LENGTHS.get(match[0][:2].upper())
        iban = length and _IBANS[length].match(text, start)
        if iban and stands_alone(text, start, iban.end()) and _has_iban_checksum(iban[0]):
            yield Span(start, iban.end(), "IBAN")


def _has_iban_checksum(iban: str) -> bool:
    """Check the two digits after the country. Source: ISO 13616-1 and ISO/IEC 7064, MOD 97-10."""
    return int((iban[4:] + iban[:4]).translate(_LETTER_VALUES)) % 97 == 1


_UUID = re.compile(r"(?<![0-9A-Za-z])[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?![0-9A-Za-z])")


def uuid_ranges(text: str) -> list[Group]:
    """The positions of UUIDs; digits inside them are not personal data."""
    return [match.span() for match in _UUID.finditer(text)]


_LINE_BREAK = re.compile(r"(?<=[0-9A-Za-z])[ \-]?\r?\n(?=[0-9A-Za-z])")


def rejoined(text: str) -> str:
    """The text with a space for every line break between letters or digits, offsets unchanged."""
    return _LINE_BREAK.sub(lambda found: " " * len(found.group()), text)
