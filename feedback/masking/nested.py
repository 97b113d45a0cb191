import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from feedback.masking.patterns import CustomPattern
from feedback.masking.text import mask_text

MAX_DEPTH = 32
_WORD_BREAK = re.compile(r"_|(?<=[a-z])(?=[A-Z])")


class TooDeeplyNested(ValueError):
    """A value nests deeper than masking follows, so it cannot be stored."""


@dataclass(frozen=True, slots=True)
class MaskedValue:
    """A JSON value after masking, and how many spans of each kind were replaced in it."""

    value: Any
    counts: dict[str, int]


def mask_value(value: Any, *, patterns: Sequence[CustomPattern] = (), max_depth: int = MAX_DEPTH) -> MaskedValue:
    """Mask the strings, keys and long whole numbers of a JSON value. Raise TooDeeplyNested past max_depth levels."""
    counts: Counter[str] = Counter()
    return MaskedValue(_mask(value, "", patterns, counts, max_depth), dict(counts))


def _mask(value: Any, key: str, patterns: Sequence[CustomPattern], counts: Counter, depth: int) -> Any:
    if isinstance(value, dict | list | tuple) and depth <= 0:
        raise TooDeeplyNested("The value is nested too deeply to be masked")
    if isinstance(value, dict):
        return _mask_members(value, patterns, counts, depth - 1)
    if isinstance(value, list | tuple):
        return [_mask(item, key, patterns, counts, depth - 1) for item in value]
    if isinstance(value, str):
        return _mask_under_key(value, key, patterns, counts)
    if isinstance(value, int) and abs(value) >= 1_000_000:
        masked = _mask_under_key(str(value), key, patterns, counts)
        return value if masked == str(value) else masked
    return value


def _mask_members(members: dict, patterns: Sequence[CustomPattern], counts: Counter, depth: int) -> dict:
    masked: dict[str, Any] = {}
    for name, value in members.items():
        key = _mask_under_key(str(name), "", patterns, counts)
        unique, copies = key, 1
        while unique in masked:
            copies += 1
            unique = f"{key} ({copies})"
        masked[unique] = _mask(value, str(name), patterns, counts, depth)
    return masked


def _mask_under_key(text: str, key: str, patterns: Sequence[CustomPattern], counts: Counter) -> str:
    """Mask a string; alone it may say too little, so that {"phone": "5551234567"} is read as "phone: 5551234567"."""
    masked = mask_text(text, patterns=patterns)
    if key and not masked.spans:
        prefix = f"{_WORD_BREAK.sub(' ', key)}: "
        introduced = mask_text(prefix + text)
        if introduced.spans and introduced.spans[0].start >= len(prefix):
            counts.update(introduced.counts)
            return introduced.text[len(prefix) :]
    counts.update(masked.counts)
    return masked.text
