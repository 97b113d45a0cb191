"""Events as tables, with the same columns whichever events they are."""

from collections.abc import Sequence
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from feedback import exact_json
from feedback.event_files.rows import NAMES
from feedback.stores import schema
from feedback.stores.schema import Row

# Nested values are JSON texts, as no two events need have the same keys and no number may be cut to 64 bits.
JSON_TEXTS = frozenset(
    {
        *("messages", "response_message", "tool_choice", "response_format", "metadata", "masked"),
        *("tools", "quality", "scores", "evidence", "signals", "flags"),
    }
)
SCHEMA = pa.schema(
    [(name, pa.string() if name in JSON_TEXTS else schema.EVENT.field(name).type) for name in NAMES],
)


def json_bytes(value: Any) -> bytes:
    """JSON as the API writes it: times in UTC with a Z, and numbers with every digit."""
    return exact_json.dump(value, options=orjson.OPT_UTC_Z)


def table(events: Sequence[Row]) -> pa.Table:
    """Events as SCHEMA."""
    columns = ([_value(field.name, event[field.name]) for event in events] for field in SCHEMA)
    return pa.table([pa.array(*pair) for pair in zip(columns, SCHEMA.types, strict=True)], schema=SCHEMA)


def without_nesting(events: pa.Table) -> pa.Table:
    """The same with lists as JSON texts and times as the API writes them."""
    return pa.table([_flat(column) for column in events.columns], names=events.column_names)


def _value(name: str, value: Any) -> Any:
    return json_bytes(value).decode() if name in JSON_TEXTS and value is not None else value


def _flat(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    if pa.types.is_list(column.type):
        return pa.array([json_bytes(value).decode() for value in column.to_pylist()], pa.string())
    if pa.types.is_timestamp(column.type):
        written = pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ")
        return pc.replace_substring(written, pattern=".000000Z", replacement="Z")
    return column
