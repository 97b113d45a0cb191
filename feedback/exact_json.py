"""JSON that keeps every number as it was sent, also one that 64 bits cannot hold.

Numbers that a float holds exactly are read as int or float, all others as Decimal.
"""

import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

import msgspec
import orjson

# What Python reads and writes of an integer; decimals are bounded alike.
_MOST_DIGITS = 4_300
# A store may write out all the zeros of an exponent.
_HIGHEST_EXPONENT = 999
# So many digits survive any float.
_DIGITS_OF_FLOAT = 15
_INT64, _UINT64 = -(2**63), 2**64
# Python's str.splitlines and JavaScript treat these as line ends, JSON does not.
_LINE_ENDS = {end.encode(): f"\\u{ord(end):04x}".encode() for end in "\u0085\u2028\u2029"}


class NumberOutOfRange(ValueError):
    """A number of more digits, or of a higher exponent, than is kept."""

    def __init__(self):
        super().__init__("Number out of range")


def number(text: str) -> float | Decimal:
    """The number that a JSON text with a point or an exponent means. Raises NumberOutOfRange."""
    if len(text) <= _DIGITS_OF_FLOAT and "e" not in text and "E" not in text:
        return float(text)
    if len(text) > _MOST_DIGITS:
        raise NumberOutOfRange
    try:
        exact = Decimal(text)
    except InvalidOperation as error:
        raise NumberOutOfRange from error
    rounded = float(exact)
    if isfinite(rounded) and Decimal(repr(rounded)) == exact:
        return rounded
    if abs(exact.adjusted()) > _HIGHEST_EXPONENT:
        raise NumberOutOfRange
    return exact


def decoder(kind: Any = Any) -> msgspec.json.Decoder:
    """A decoder of values of a type; those without one may be Decimals."""
    return msgspec.json.Decoder(kind, float_hook=number)


decode: Callable[[bytes | str], Any] = decoder().decode
encode: Callable[[Any], bytes] = msgspec.json.Encoder(decimal_format="number").encode


def dump(value: Any, *, options: int = 0, default: Callable[[Any], Any] | None = None) -> bytes:
    """JSON of what orjson can write, of Decimals and of integers of any size, with the options of orjson."""

    def fragment(other: Any) -> Any:
        if isinstance(other, Decimal):
            return orjson.Fragment(str(other))
        if default is None:
            raise TypeError(f"{type(other).__name__} is not JSON")
        return default(other)

    try:
        return orjson.dumps(value, default=fragment, option=options)
    except TypeError:
        # orjson writes no integer beyond 64 bits and does not ask default for one.
        return orjson.dumps(_with_large_integers(value), default=fragment, option=options)


def on_one_line(written: bytes) -> bytes:
    """JSON with U+0085, U+2028 and U+2029 as escapes, so that every reader of lines ends a line at newlines only."""
    for end, escape in _LINE_ENDS.items():
        written = written.replace(end, escape)
    return written


def _with_large_integers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_large_integers(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_with_large_integers(inner) for inner in value]
    if isinstance(value, int) and not _INT64 <= value < _UINT64:
        return orjson.Fragment(str(value))
    return value


class Encoder(json.JSONEncoder):
    """What a JSONField stores with."""

    def encode(self, o: Any) -> str:
        return encode(o).decode()


class Decoder(json.JSONDecoder):
    """What a JSONField reads with."""

    def __init__(self, **options: Any):
        super().__init__(parse_float=number, **options)
