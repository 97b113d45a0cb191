"""The columns of events and signals as Arrow: what every store takes and gives."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import pyarrow as pa

# One event or signal on its way through Python: columns by name, JSON columns as JSON text.
Row = dict[str, Any]
TIME = pa.timestamp("us", tz="UTC")

# Columns of events without a short bound of their own.
LONG = frozenset({"prompt", "messages", "response", "response_message", "tool_choice", "response_format", "metadata"})

# JSON columns (messages, response_message, tool_choice, response_format, metadata, masked, checks, value) travel as
# JSON text.
EVENT = pa.schema(
    [
        ("id", pa.string()),
        ("external_id", pa.string()),
        ("deployment_id", pa.string()),
        ("model_version_id", pa.string()),
        ("prompt_version", pa.string()),
        ("session_hash", pa.string()),
        ("user_hash", pa.string()),
        ("hash_key_id", pa.string()),
        ("prompt", pa.string()),
        ("messages", pa.string()),
        ("response", pa.string()),
        ("response_message", pa.string()),
        ("dialect", pa.string()),
        ("tools_hash", pa.string()),
        ("tools_called", pa.list_(pa.string())),
        ("tool_choice", pa.string()),
        ("response_format", pa.string()),
        ("prompt_length", pa.int32()),
        ("response_length", pa.int32()),
        ("content_dropped", pa.bool_()),
        ("latency_ms", pa.float64()),
        ("prompt_tokens", pa.int32()),
        ("completion_tokens", pa.int32()),
        ("token_count", pa.int32()),
        ("cost_usd", pa.float64()),
        ("finish_reason", pa.string()),
        ("occurred_at", TIME),
        ("received_at", TIME),
        ("experiment", pa.string()),
        ("tags", pa.list_(pa.string())),
        ("trace_id", pa.string()),
        ("span_id", pa.string()),
        ("feedback_shown", pa.bool_()),
        ("training_allowed", pa.bool_()),
        ("metadata", pa.string()),
        ("masked", pa.string()),
        ("quality_score", pa.float64()),
        ("batch_id", pa.string()),
    ]
)

SIGNAL = pa.schema(
    [
        ("id", pa.string()),
        ("event_id", pa.string()),
        ("external_id", pa.string()),
        ("deployment_id", pa.string()),
        ("session_hash", pa.string()),
        ("type", pa.string()),
        ("name", pa.string()),
        ("message_index", pa.int32()),
        ("slot", pa.string()),
        ("retracted", pa.bool_()),
        ("prompted", pa.bool_()),
        ("value", pa.string()),
        ("edited_response", pa.string()),
        ("comment", pa.string()),
        ("user_hash", pa.string()),
        ("hash_key_id", pa.string()),
        ("content_dropped", pa.bool_()),
        ("metadata", pa.string()),
        ("masked", pa.string()),
        ("key_prefix", pa.string()),
        ("through_public_key", pa.bool_()),
        ("occurred_at", TIME),
        ("received_at", TIME),
        ("waiting", pa.bool_()),
        ("live", pa.bool_()),
        ("batch_id", pa.string()),
    ]
)

# raw is from minimum to maximum, score the same from 0 to 1; version is that of the measure. The automatic checks are
# one score with their results in `checks`; other scores have none.
SCORE_KEY = ("event_id", "assessor", "name", "profile")
SCORE = pa.schema(
    [
        ("event_id", pa.string()),
        ("assessor", pa.string()),
        ("name", pa.string()),
        ("profile", pa.string()),
        ("raw", pa.float64()),
        ("score", pa.float64()),
        ("minimum", pa.float64()),
        ("maximum", pa.float64()),
        ("version", pa.string()),
        ("checks", pa.string()),
        ("assessed_at", TIME),
    ]
)

# One vector of each embedded text of an event; field is `prompt` or `response`, client its name and version. Vectors
# have Euclidean length 1 (one of zeros stays so) and are kept in half precision.
EMBEDDING = pa.schema(
    [("event_id", pa.string()), ("field", pa.string()), ("client", pa.string()), ("vector", pa.list_(pa.float32()))]
)


def table(schema: pa.Schema, rows: Sequence[Row]) -> pa.Table:
    """Rows as a table; of each row only the columns of the schema. Raises ValueError or TypeError for a wrong value."""
    # Row by row, as the values of one row lie together in memory; with one name the getter gives no tuple.
    first = schema.names[0]
    columns = list(zip(*map(itemgetter(first, *schema.names), rows), strict=True))[1:] or [()] * len(schema)
    try:
        return pa.table([pa.array(*pair) for pair in zip(columns, schema.types, strict=True)], schema=schema)
    except (pa.ArrowException, OverflowError) as error:
        raise ValueError(str(error)) from error


def columns(schema: pa.Schema, names) -> pa.Schema:
    """The schema of the named columns, in the order given; KeyError names an unknown one."""
    return pa.schema([schema.field(name) for name in names])
