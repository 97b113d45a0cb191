"""What the numbering plans of the world, as phonenumbers knows them, say about a string of digits."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import re2
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, REGION_CODE_FOR_NON_GEO_ENTITY, PhoneMetadata

# Large numbering plans whose numbers are dialled with a leading 0.
_TRUNK_REGIONS = ("FR", "GB", "DE", "NL", "BE", "CH", "AT", "AU", "NZ", "JP", "KR", "IN", "BR", "ZA", "SE", "TR")
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


_TRUNK_NUMBER = re2.compile(
    "0(?:"
    + "|".join(
        pattern
        for region in _TRUNK_REGIONS
        for pattern in _patterns(_known(PhoneMetadata.metadata_for_region(region)), ("fixed_line", "mobile"))
    )
    + ")"
)


def is_trunk_number(digits: str) -> bool:
    return _TRUNK_NUMBER.fullmatch(digits) is not None
