"""What the numbering plans of the world, as phonenumbers knows them, say about a string of digits."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import re2
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, REGION_CODE_FOR_NON_GEO_ENTITY, PhoneMetadata

# Numbering plans whose numbers are dialled with a leading 0.
_TRUNK_REGIONS = (
    *("FR", "GB", "DE", "NL", "BE", "CH", "AT", "AU", "NZ", "JP", "KR", "IN", "BR", "ZA", "SE", "TR", "AE", "AR", "BD"),
    *("BG", "EG", "FI", "HR", "ID", "IE", "IL", "IR", "KE", "MA", "MY", "NG", "PE", "PH", "PK", "RO", "RS", "SA", "SI"),
    *("SK", "TH", "TW", "UA", "VN"),
)
# Plans whose area codes are written in brackets, with the 0 or 8 before them or without.
_BRACKET_REGIONS = (*_TRUNK_REGIONS, "CL", "CN", "CO", "IT", "MX", "PT", "RU", "US", "VE")
_KINDS = ("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan")


@dataclass(frozen=True, slots=True)
class _Plan:
    """The numbers behind one country code, some of them written with the zero that is dialled inside the country."""

    lengths: frozenset[int]
    numbers: Any


def is_assignable(digits: str, *, by_length: bool) -> bool:
    """Tell whether digits are a country code and a number of its plan, or of a length that the plan has.

    One expression per plan: asking phonenumbers to parse and judge a number takes ten times as long.
    """
    for size in (1, 2, 3):
        if int(digits[:size]) in COUNTRY_CODE_TO_REGION_CODE:
            plan = _plan(int(digits[:size]))
            national = digits[size:]
            return len(national) in plan.lengths if by_length else bool(plan.numbers.fullmatch(national))
    return False


@cache
def _plan(country_code: int) -> _Plan:
    regions = [_metadata(region, country_code) for region in COUNTRY_CODE_TO_REGION_CODE[country_code]]
    lengths = {length for region in regions for length in _lengths(region)}
    patterns = [pattern for region in regions for pattern in _patterns(region, _KINDS)]
    trunk = 0
    if regions[0].national_prefix == "0":
        trunk, lengths = 1, lengths | {length + 1 for length in lengths}
    return _Plan(frozenset(lengths), re2.compile(f"0{{0,{trunk}}}(?:{'|'.join(patterns)})"))


def _metadata(region: str, country_code: int) -> PhoneMetadata:
    if region == REGION_CODE_FOR_NON_GEO_ENTITY:
        return _known(PhoneMetadata.metadata_for_nongeo_region(country_code))
    return _known(PhoneMetadata.metadata_for_region(region))


def _known(plan: PhoneMetadata | None) -> PhoneMetadata:
    if plan is None:
        raise LookupError("phonenumbers lists a region whose numbering plan it lacks")
    return plan


def _lengths(region: PhoneMetadata) -> tuple[int, ...]:
    return region.general_desc.possible_length if region.general_desc else ()


def _patterns(region: PhoneMetadata, kinds: tuple[str, ...]) -> Iterator[str]:
    for kind in kinds:
        description = getattr(region, kind)
        if description and description.national_number_pattern:
            yield f"(?:{description.national_number_pattern})"


def _any_number(regions: tuple[str, ...], prefix: str) -> Any:
    patterns = (
        pattern
        for region in regions
        for pattern in _patterns(_known(PhoneMetadata.metadata_for_region(region)), ("fixed_line", "mobile"))
    )
    return re2.compile(f"{prefix}(?:{'|'.join(patterns)})")


_TRUNK_NUMBER = _any_number(_TRUNK_REGIONS, "0")
# An Italian number keeps its 0 and needs no second one.
_ITALIAN_NUMBER = _any_number(("IT",), "")
_BRACKETED_NUMBER = _any_number(_BRACKET_REGIONS, "[08]?")


def is_trunk_number(digits: str) -> bool:
    """Tell whether digits that begin with 0 are a fixed or mobile number as it is dialled in its country."""
    return _TRUNK_NUMBER.fullmatch(digits) is not None or _ITALIAN_NUMBER.fullmatch(digits) is not None


def is_national_number(digits: str) -> bool:
    """Tell whether digits are a fixed or mobile number of a country that writes area codes in brackets."""
    return _BRACKETED_NUMBER.fullmatch(digits) is not None
