import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from feedback.masking.patterns import CustomPattern
from feedback.masking.text import are_clear, mask_text

MAX_DEPTH = 32
# Keys longer than this are no names.
_LONGEST_NAME = 64
_TELLING = re.compile(
    r"(?i)amex|auth|call|car[dt]|cell|celular|contact|desk|dial|fax|handy|h(?:elp|ot)line|home|key|mob|m[óo]vil|nummer"
    r"|office|phone|portable|sig|secret|sms|social|ssn|t[eé]l|token|visa|work"
    r"|手机|手機|携帯|電話|电话|連絡先|연락처|전화"
)
_WORD_BREAK = re.compile(r"_|(?<=[a-z])(?=[A-Z])")


class TooDeeplyNested(ValueError):
    """A value nests deeper than masking follows, so it cannot be stored."""


@dataclass(frozen=True, slots=True)
class MaskedValue:
    """A JSON value after masking, and how many spans of each kind were replaced in it."""

    value: Any
    counts: dict[str, int]


def mask_value(value: Any, *, patterns: Sequence[CustomPattern] = (), max_depth: int = MAX_DEPTH) -> MaskedValue:
    """Mask the strings, keys and long whole numbers of a JSON value.

    Parameters
    ----------
    value : Any
        What a JSON decoder returns.
    patterns : sequence of CustomPattern
        What else is replaced.
    max_depth : int
        How many levels of objects and arrays may be nested.

    Returns
    -------
    MaskedValue
        The masked value, and how many spans of each kind were replaced.

    Raises
    ------
    TooDeeplyNested
        If the value has more levels.

    Examples
    --------
    A key can tell what its value is:

    >>> mask_value({"phone": "5551234567", "tries": 3})
    MaskedValue(value={'phone': '[PHONE]', 'tries': 3}, counts={'PHONE': 1})
    """
    if not patterns and are_clear(texts_of(value, max_depth=max_depth)):
        return MaskedValue(value, {})
    counts: Counter[str] = Counter()
    return MaskedValue(_mask(value, "", patterns, counts, max_depth), dict(counts))


def texts_of(value: Any, *, max_depth: int = MAX_DEPTH) -> list[str]:
    """Return every text that mask_value reads, each value behind its key where the key tells what it is.

    Parameters
    ----------
    value : Any
        What a JSON decoder returns.
    max_depth : int
        How many levels of objects and arrays may be nested.

    Returns
    -------
    list of str
        Keys and values.

    Raises
    ------
    TooDeeplyNested
        If the value has more levels.

    Examples
    --------
    >>> texts_of({"phone": "5551234567", "note": "late"})
    ['phone', 'phone: 5551234567', 'note', 'late']
    """
    texts: list[str] = []
    _collect(value, "", texts, max_depth)
    return texts


def _collect(value: Any, introduction: str, texts: list[str], depth: int) -> None:
    if isinstance(value, str):
        texts.append(introduction + value)
    elif isinstance(value, dict | list | tuple):
        if depth <= 0:
            raise TooDeeplyNested("The value is nested too deeply to be masked")
        if isinstance(value, dict):
            for name, item in value.items():
                texts.append(str(name))
                _collect(item, _introduce(str(name)), texts, depth - 1)
        else:
            for item in value:
                _collect(item, introduction, texts, depth - 1)
    elif _is_long_number(value):
        texts.append(f"{introduction}{value}")


def _is_long_number(value: Any) -> bool:
    return isinstance(value, int) and abs(value) >= 1_000_000


def _introduce(key: str) -> str:
    """What is read before the values of this key, nothing if the key tells nothing about them."""
    return _introduction(key) if 0 < len(key) <= _LONGEST_NAME else ""


@lru_cache(maxsize=4_096)
def _introduction(key: str) -> str:
    return f"{_WORD_BREAK.sub(' ', key)}: " if _TELLING.search(key) else ""


def _mask(value: Any, key: str, patterns: Sequence[CustomPattern], counts: Counter, depth: int) -> Any:
    if isinstance(value, dict | list | tuple) and depth <= 0:
        raise TooDeeplyNested("The value is nested too deeply to be masked")
    if isinstance(value, dict):
        return _mask_members(value, patterns, counts, depth - 1)
    if isinstance(value, list | tuple):
        return [_mask(item, key, patterns, counts, depth - 1) for item in value]
    if isinstance(value, str):
        return _mask_under_key(value, key, patterns, counts)
    if _is_long_number(value):
        masked = _mask_under_key(str(value), key, patterns, counts)
        return value if masked == str(value) else masked
    return value


def _mask_members(members: dict, patterns: Sequence[CustomPattern], counts: Counter, depth: int) -> dict:
    masked: dict[str, Any] = {}
    copies: Counter[str] = Counter()
    for name, value in members.items():
        key = unique = _mask_under_key(str(name), "", patterns, counts)
        while unique in masked:
            copies[key] += 1
            unique = f"{key} ({copies[key] + 1})"
        masked[unique] = _mask(value, unique, patterns, counts, depth)
    return masked


def _mask_under_key(text: str, key: str, patterns: Sequence[CustomPattern], counts: Counter) -> str:
    """Mask a string; alone it may say too little, so that {"phone": "5551234567"} is read as "phone: 5551234567"."""
    masked = mask_text(text, patterns=patterns)
    counts.update(masked.counts)
    introduction = _introduce(key)
    if introduction:
        introduced = mask_text(introduction + masked.text, patterns=patterns)
        if introduced.text.startswith(introduction):
            counts.update(introduced.counts)
            return introduced.text[len(introduction) :]
    return masked.text
