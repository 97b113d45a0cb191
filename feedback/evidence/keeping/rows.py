"""Evidence as arrays: read from its table and written to it, many rows at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from feedback.evidence.arrays import VoteArrays
from feedback.stores.postgres import reading, writing

_ARRAYS = {"voters": pa.int64(), "ups": pa.float64(), "downs": pa.float64(), "gold": pa.float64()}
_READ = pa.schema(
    [
        ("event_id", pa.string()),
        ("model_version_id", pa.string()),
        ("answer_key", pa.int64()),
        *((name, pa.string()) for name in _ARRAYS),
    ]
)
WRITTEN = pa.schema(
    [
        ("event_id", pa.string()),
        ("deployment_id", pa.string()),
        ("model_version_id", pa.string()),
        ("prompt_version", pa.string()),
        ("experiment", pa.string()),
        ("occurred_at", pa.timestamp("us", tz="UTC")),
        ("state", pa.string()),
        ("voters", pa.string()),
        ("ups", pa.string()),
        ("downs", pa.string()),
        ("gold", pa.string()),
        ("up", pa.float64()),
        ("down", pa.float64()),
        ("users", pa.int32()),
        ("approval", pa.float64()),
        ("p_good", pa.float64()),
        ("snapshot_id", pa.int64()),
        ("weights_version", pa.string()),
        ("answer_key", pa.int64()),
    ]
)
_COLUMNS = ", ".join(WRITTEN.names)
_CHANGED = ", ".join(f"{name} = excluded.{name}" for name in WRITTEN.names if name != "event_id")
_UPSERT = f"""
    INSERT INTO feedback_evidence ({_COLUMNS}) SELECT {_COLUMNS} FROM incoming_evidence ORDER BY event_id
    ON CONFLICT (event_id) DO UPDATE SET {_CHANGED}
"""


@dataclass(frozen=True)
class StoredVotes:
    """The votes and gold scores of n events, with their ids and model versions.

    answers: shape (n,) of int64, equal for events with the same prompt and answer.
    """

    event_ids: list[str]
    model_version_ids: list[str]
    arrays: VoteArrays
    answers: np.ndarray


def read(rows: QuerySet) -> StoredVotes:
    """The votes in these rows of evidence, in the order of the query."""
    found = reading.fetched(rows, _READ, **{name: Cast(name, TextField()) for name in _ARRAYS})
    offsets, values = {}, {}
    for name, kind in _ARRAYS.items():
        offsets[name], values[name] = _parsed(found[name].combine_chunks(), kind)
    weights = values["ups"] - values["downs"]
    arrays = VoteArrays(offsets["voters"], values["voters"], weights, offsets["gold"], values["gold"])
    return StoredVotes(
        found["event_id"].to_pylist(), found["model_version_id"].to_pylist(), arrays, _answers(found["answer_key"])
    )


def _answers(keys: pa.ChunkedArray) -> np.ndarray:
    """The keys of answers; one that was not kept stands for its event alone."""
    own = pa.array(np.arange(len(keys), dtype=np.int64))
    return pc.if_else(pc.is_valid(keys), keys, own).to_numpy()


def _parsed(texts: pa.Array, kind: pa.DataType) -> tuple[np.ndarray, np.ndarray]:
    """Offsets and values of arrays as PostgreSQL writes them, such as {1,2}."""
    if not len(texts):
        return np.zeros(1, dtype=np.int64), np.empty(0, dtype=kind.to_pandas_dtype())
    inner = pc.utf8_slice_codeunits(texts, 1, stop=-1)
    parts = pc.split_pattern(inner, ",")
    # An empty array is split into one empty text.
    lengths = np.where(pc.equal(inner, "").to_numpy(False), 0, pc.list_value_length(parts).to_numpy())
    values = pc.list_flatten(parts)
    values = values.filter(pc.not_equal(values, "")).cast(kind)
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]), values.to_numpy()


def write(rows: pa.Table) -> None:
    """Insert rows of WRITTEN, or put them in the place of those of the same events; call it in a transaction."""
    if not rows.num_rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS incoming_evidence ON COMMIT DELETE ROWS AS"
            f" SELECT {_COLUMNS} FROM feedback_evidence WITH NO DATA"
        )
        cursor.execute("TRUNCATE incoming_evidence")
        # Django translates the driver's errors in its own methods only, and COPY is not one of them.
        with (
            connection.wrap_database_errors,
            cursor.copy(f"COPY incoming_evidence ({_COLUMNS}) FROM STDIN") as copy,
        ):
            for lines in writing.copy_lines(rows):
                copy.write(lines)
        cursor.execute(_UPSERT)


def as_text(values: Sequence[float]) -> str:
    """An array as PostgreSQL reads it."""
    return "{" + ",".join(map(repr, values)) + "}"
