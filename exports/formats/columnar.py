"""Records as Arrow tables: the schema of a product, slices of its records, and the features that `datasets` reads."""

import io
import json
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import zip_longest
from math import isfinite
from typing import Any

import pyarrow as pa
from pyarrow import json as arrow_json

from exports.choices import ColumnKind, LeftOut
from exports.formats.base import InvalidFile, Record, Table
from feedback import exact_json

ROWS_PER_SLICE = 5_000
# A slice of long records ends earlier, so that memory stays flat.
BYTES_PER_SLICE = 16 * 2**20

TYPES = {
    ColumnKind.TEXT: pa.string(),
    ColumnKind.FLOAT: pa.float64(),
    ColumnKind.FLAG: pa.bool_(),
    ColumnKind.JSON: pa.string(),
}
_CALL = pa.struct(
    {
        "id": pa.string(),
        "type": pa.string(),
        "function": pa.struct({"name": pa.string(), "arguments": pa.string()}),
    }
)
# The keys of messages that come first, in this order, and those that are no text.
MESSAGE_KEYS = (
    "role",
    "content",
    "reasoning_content",
    "thinking",
    "tool_calls",
    "tool_call_id",
    "name",
    "refusal",
    "is_error",
)
_TYPES_OF_KEYS = {"tool_calls": pa.list_(_CALL), "is_error": pa.bool_()}
_DTYPES = {pa.string(): "string", pa.float64(): "float64", pa.bool_(): "bool"}


def fit(product: str, record: Record) -> Record | LeftOut:
    """A record whose values have the types of its columns; a value of any other type is its JSON text.

    What a trainer reads as text must be text: a message whose content has parts, for example an image, or whose call
    is no function call has no column.
    """
    try:
        return {name: _value(value) for name, value in record.items()}
    except _NoColumn:
        return LeftOut.UNWRITABLE


class _NoColumn(Exception):
    """A value is of no type that its column can have."""


def _value(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(one, dict) and "role" in one for one in value):
        return [_message(message) for message in value]
    if isinstance(value, bool):
        return value
    return _float(value) if isinstance(value, int | float | Decimal) else _text(value)


def _float(number: float | Decimal) -> float:
    try:
        found = float(number)
    except OverflowError as error:
        raise _NoColumn from error
    if not isfinite(found):
        raise _NoColumn
    return found


def _message(message: dict[str, Any]) -> dict[str, Any]:
    if not _is_text(message.get("content")):
        raise _NoColumn
    return {key: _OTHER_KEYS[key](value) if key in _OTHER_KEYS else _text(value) for key, value in message.items()}


def _calls(calls: Any) -> Any:
    if calls is None:
        return None
    return [_struct(call, id=_text, type=_text, function=_function) for call in calls]


def _function(function: Any) -> dict[str, Any]:
    return _struct(function, name=_text, arguments=_text)


def _struct(value: Any, **fields: Callable[[Any], Any]) -> dict[str, Any]:
    if not isinstance(value, dict) or not value.keys() <= fields.keys():
        raise _NoColumn
    return {name: fields[name](inner) for name, inner in value.items()}


def _flag(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise _NoColumn


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _text(value: Any) -> str | None:
    return value if _is_text(value) else exact_json.dump(value).decode()


# The keys of messages that are no text.
_OTHER_KEYS = {"tool_calls": _calls, "is_error": _flag}


def schema(table: Table) -> pa.Schema:
    """The same for all tables of a product, with the features as `datasets` finds them in files."""
    keys = sorted(table.message_keys, key=lambda key: (_place(key), key))
    messages = pa.list_(pa.struct([(key, _TYPES_OF_KEYS.get(key, pa.string())) for key in keys]))
    types = {name: messages if kind == ColumnKind.MESSAGES else TYPES[kind] for name, kind in table.columns.items()}
    found = pa.schema(types)
    return found.with_metadata({"huggingface": json.dumps({"info": {"features": features(found)}})})


def _place(key: str) -> int:
    return MESSAGE_KEYS.index(key) if key in MESSAGE_KEYS else len(MESSAGE_KEYS)


def features(columns: Iterable[pa.Field]) -> dict[str, Any]:
    """The features of columns as every version of `datasets` reads them from JSON."""
    return {column.name: _feature(column.type) for column in columns}


def _feature(kind: pa.DataType) -> Any:
    if pa.types.is_list(kind):
        return [_feature(kind.value_type)]
    return features(kind) if pa.types.is_struct(kind) else {"dtype": _DTYPES[kind], "_type": "Value"}


def listed_features(columns: Iterable[pa.Field]) -> list[dict[str, Any]]:
    """The features of columns as `datasets` reads them from the head of a README.md."""
    return [{"name": column.name, **_listed_feature(column.type)} for column in columns]


def _listed_feature(kind: pa.DataType) -> dict[str, Any]:
    if pa.types.is_list(kind):
        return {"list": listed_features(kind.value_type)}
    return {"struct": listed_features(kind)} if pa.types.is_struct(kind) else {"dtype": _DTYPES[kind]}


def slices(table: Table) -> Iterator[pa.Table]:
    """The records, some thousands at a time."""
    kind = schema(table)
    parsing = arrow_json.ParseOptions(explicit_schema=kind, unexpected_field_behavior="error")
    for lines in _slices_of_lines(table):
        content = b"\n".join(lines)
        reading = arrow_json.ReadOptions(use_threads=False, block_size=len(content) + 1)
        yield arrow_json.read_json(io.BytesIO(content), reading, parsing)


def _slices_of_lines(table: Table) -> Iterator[list[bytes]]:
    lines: list[bytes] = []
    size = 0
    for line in table.lines():
        if len(lines) == ROWS_PER_SLICE or lines and size + len(line) > BYTES_PER_SLICE:
            yield lines
            lines, size = [], 0
        lines.append(line)
        size += len(line)
    if lines:
        yield lines


def check_slices(name: str, read: Iterable[pa.Table], table: Table, at_each: Callable[[], None]) -> None:
    """Raise InvalidFile unless the slices read from a file hold the records of its table, in order."""
    kind, done = schema(table), 0
    for found, lines in zip_longest(read, _slices_of_lines(table)):
        at_each()
        if found is None or lines is None:
            raise InvalidFile(f"{name} has fewer or more rows than the {table.rows} that were written.")
        if not found.equals(pa.Table.from_pylist([exact_json.decode(line) for line in lines], schema=kind)):
            raise InvalidFile(f"{name} has other rows than were written, between {done + 1} and {done + len(lines)}.")
        done += len(lines)
