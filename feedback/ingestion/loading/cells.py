"""Cells of a file as the values that the fields of an event or a signal take."""

import ast
import json
import math
import re
from collections.abc import Callable
from datetime import tzinfo
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from msgspec import inspect

from feedback import exact_json
from feedback.choices import SignalType
from feedback.conversations.dialects import responses
from feedback.conversations.parts import PART_TYPES
from feedback.ingestion.items import Item
from feedback.ingestion.loading.times import moment

Convert = Callable[[Any], Any]

_TRUE, _FALSE = frozenset({"true", "yes", "1", "1.0"}), frozenset({"false", "no", "0", "0.0"})
_NULLS = frozenset({"nan", "null", "none", "na", "n/a", "<na>"})
_ROLES = frozenset({"assistant", "model", "ai", "gpt"})
_TEXTS_OR_MESSAGES = frozenset({"response", "system"})
_IDENTIFIERS = frozenset({"id", "event_id", "external_id", "user_id", "session_id"})
_WHOLE = re.compile(r"(\d+)\.0")
_UUID_BYTES = 16
_SAID = frozenset({"content", "tool_calls", "function_call", "parts", "refusal", "value"})
_PART_TYPES = PART_TYPES | responses.PART_TYPES | {"message", "function_call"}
# What these hold is told by the type of the signal.
_THUMBS = "thumbs"


def converters(item: type[Item], zone: tzinfo) -> dict[str, Convert]:
    """For each field what reads a cell for it; what is no such value stays as it is, for validation to reject.

    A value of None means a missing one. Raises InvalidTime for times.
    """
    return {field.name: _converter(field.name, _kinds(field.type), zone) for field in msgspec.structs.fields(item)}


def _kinds(declared: Any) -> set[type]:
    found = inspect.type_info(declared)
    while isinstance(found, inspect.Metadata):
        found = found.type
    return {type(one) for one in (found.types if isinstance(found, inspect.UnionType) else [found])}


def _converter(name: str, kinds: set[type], zone: tzinfo) -> Convert:
    if name in _IDENTIFIERS:
        return identifier
    if inspect.DateTimeType in kinds:
        return partial(_time, zone=zone)
    if kinds & {inspect.RawType, inspect.DictType, inspect.AnyType} and name != "value":
        return _answer if name in _TEXTS_OR_MESSAGES else document
    for kind, convert in _CONVERTERS.items():
        if kind in kinds:
            return convert
    return lambda value: value


def _time(value: Any, zone: tzinfo) -> Any:
    return None if _is_null(value) else moment(value, zone=zone)


def count(value: Any) -> Any:
    """A whole number, which data frames with gaps write as 12.0."""
    return _whole(number(value))


def number(value: Any) -> Any:
    """The number that a cell of text holds."""
    if not isinstance(value, str):
        return value
    if _is_null(value):
        return None
    try:
        return int(value)
    except ValueError:
        try:
            return exact_json.number(value.strip())
        except ValueError:
            return value


def text(value: Any) -> Any:
    """Text; a number is written out, for files of text have no other way to hold it."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    return str(_whole(value))


def identifier(value: Any) -> Any:
    """The text of an id; of numbers in a column with gaps, data frames make 17.0, and CSV has that as text."""
    if isinstance(value, bytes) and len(value) == _UUID_BYTES:
        return str(UUID(bytes=value))
    if isinstance(value, str):
        whole = _WHOLE.fullmatch(value)
        return whole[1] if whole else value
    return text(value)


def truth(value: Any) -> Any:
    if isinstance(value, int | float | Decimal) and value in (0, 1):
        return bool(value)
    if not isinstance(value, str):
        return value
    said = value.strip().lower()
    return True if said in _TRUE else False if said in _FALSE else None if _is_null(value) else value


def names(value: Any) -> Any:
    """A list of names, from JSON or between commas."""
    if isinstance(value, str):
        read = document(value)
        return read if isinstance(read, list) else [name.strip() for name in value.split(",") if name.strip()]
    return value


def document(value: Any) -> Any:
    """The array or object that a cell holds, as JSON or as Python prints it; any other text as it is."""
    if not isinstance(value, str) or value.lstrip("\ufeff \t\r\n")[:1] not in {"[", "{"}:
        return None if isinstance(value, str) and _is_null(value) else value
    try:
        return json.loads(value, parse_float=exact_json.number)
    except (ValueError, RecursionError):
        pass
    try:
        # What data frames write for a list into CSV.
        return ast.literal_eval(value)
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return value


def _answer(value: Any) -> Any:
    """A message if the text is one; JSON that is none is an answer in JSON, and stays the text that it is."""
    if not isinstance(value, str):
        return text(value)
    if not any(key in value for key in ("role", "type", "from")):
        return value
    read = document(value)
    return read if is_message(read) else value


def is_message(value: Any) -> bool:
    """Whether a value is a message of an assistant, or parts of one."""
    if isinstance(value, dict):
        return _is_said(value)
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) and _is_part(one) for one in value)


def _is_said(value: dict[str, Any]) -> bool:
    speakers = [value.get("role"), value.get("from")]
    return any(isinstance(one, str) and one in _ROLES for one in speakers) and bool(value.keys() & _SAID)


def _is_part(value: dict[str, Any]) -> bool:
    kind = value.get("type")
    return _is_said(value) or isinstance(kind, str) and kind in _PART_TYPES and len(value) > 1


def value_of(signal_type: Any, value: Any) -> Any:
    """The value of a signal of this type."""
    if signal_type == SignalType.RATING:
        return number(value)
    if signal_type == _THUMBS:
        read = truth(value)
        return read if isinstance(read, bool) or read is None else number(value)
    return document(value)


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float | Decimal) and math.isfinite(value) and value == int(value) else value


def _is_null(value: Any) -> bool:
    return isinstance(value, str) and (not value.strip() or value.strip().lower() in _NULLS)


_CONVERTERS: dict[type, Convert] = {
    inspect.BoolType: truth,
    inspect.ListType: names,
    inspect.StrType: text,
    inspect.IntType: count,
    inspect.FloatType: number,
}
