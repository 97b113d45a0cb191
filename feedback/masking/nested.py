from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from feedback.masking.keys import introduce, mask_under_key
from feedback.masking.options import DEFAULTS, Options
from feedback.masking.patterns import CustomPattern
from feedback.masking.text import are_clear

MAX_DEPTH = 32
# A shorter number says nothing, whatever its key.
_SHORTEST_NUMBER = 1_000


class TooDeeplyNested(ValueError):
    """A value nests deeper than masking follows, so it cannot be stored."""


@dataclass(frozen=True, slots=True)
class MaskedValue:
    """A JSON value after masking, and how many spans of each kind were replaced in it."""

    value: Any
    counts: dict[str, int]


def mask_value(
    value: Any,
    *,
    patterns: Sequence[CustomPattern] = (),
    options: Options = DEFAULTS,
    max_depth: int = MAX_DEPTH,
) -> MaskedValue:
    """Mask the strings, keys and long whole numbers of a JSON value.

    Parameters
    ----------
    value : Any
        What a JSON decoder returns.
    patterns : sequence of CustomPattern
        What else is replaced.
    options : Options
        What the installation chooses of masking.
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
    if not patterns and are_clear(texts_of(value, max_depth=max_depth), options=options):
        return MaskedValue(value, {})
    masker = _Masker(patterns, options)
    return MaskedValue(masker.value(value, "", max_depth), dict(masker.counts))


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
                _collect(item, introduce(str(name)), texts, depth - 1)
        else:
            for item in value:
                _collect(item, introduction, texts, depth - 1)
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _SHORTEST_NUMBER:
        texts.append(f"{introduction}{value}")


@dataclass
class _Masker:
    """Masks the parts of one value and counts by kind."""

    patterns: Sequence[CustomPattern]
    options: Options
    counts: Counter[str] = field(default_factory=Counter)

    def value(self, value: Any, key: str, depth: int) -> Any:
        if isinstance(value, dict | list | tuple) and depth <= 0:
            raise TooDeeplyNested("The value is nested too deeply to be masked")
        if isinstance(value, dict):
            return self._members(value, depth - 1)
        if isinstance(value, list | tuple):
            return [self.value(item, key, depth - 1) for item in value]
        if isinstance(value, str):
            return self._under_key(value, key)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _SHORTEST_NUMBER:
            masked = self._under_key(str(value), key)
            return value if masked == str(value) else masked
        return value

    def _members(self, members: dict, depth: int) -> dict:
        masked: dict[str, Any] = {}
        copies: Counter[str] = Counter()
        for name, value in members.items():
            key = unique = self._under_key(str(name), "")
            while unique in masked:
                copies[key] += 1
                unique = f"{key} ({copies[key] + 1})"
            masked[unique] = self.value(value, unique, depth)
        return masked

    def _under_key(self, text: str, key: str) -> str:
        masked = mask_under_key(text, key, patterns=self.patterns, options=self.options)
        self.counts.update(masked.counts)
        return masked.text
