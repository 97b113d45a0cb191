"""Rows of Parquet files, a batch at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from feedback.ingestion.loading.rows import CHUNK, FileRow, Share, UnreadableFile, malformed

# Where data frames write their index.
_INDEX = "__index_level_"
# A value that Python has no type for, such as a time in the year 300,000.
_UNREADABLE = (ValueError, OverflowError)


def parquet_rows(path: Path, advance: Share) -> Iterator[FileRow]:
    """The rows as Python's values. Raises UnreadableFile."""
    try:
        with pq.ParquetFile(path) as source:
            done, total = 0, max(source.metadata.num_rows, 1)
            for batch in source.iter_batches(batch_size=CHUNK):
                for index, value in enumerate(_values(_in_microseconds(batch))):
                    yield FileRow(done + index, value)
                done += batch.num_rows
                advance(done / total)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(f"{path.name}: {error}") from error


def column_names(path: Path) -> list[str]:
    """Raises UnreadableFile."""
    try:
        return [name for name in pq.read_schema(path).names if not name.startswith(_INDEX)]
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(f"{path.name}: {error}") from error


def _values(batch: pa.RecordBatch) -> list[Any]:
    batch = batch.select([name for name in batch.schema.names if not name.startswith(_INDEX)])
    nested = [field.name for field in batch.schema if pa.types.is_nested(field.type)]
    return [
        row | {name: _without_nulls(row[name]) for name in nested} if isinstance(row, dict) else row
        for row in _python_values(batch)
    ]


def _without_nulls(value: Any) -> Any:
    """A nested value without what other rows have: every object of a column has the names of all of them."""
    if isinstance(value, dict):
        return {
            name: _without_nulls(inner)
            for name, inner in value.items()
            # A message tells null from nothing.
            if inner is not None or name == "content" and "role" in value
        }
    return [_without_nulls(inner) for inner in value] if isinstance(value, list) else value


def _python_values(batch: pa.RecordBatch) -> list[Any]:
    try:
        return batch.to_pylist(maps_as_pydicts="lossy")
    except _UNREADABLE:
        return [_value(batch.slice(index, 1)) for index in range(batch.num_rows)]


def _value(row: pa.RecordBatch) -> Any:
    try:
        return row.to_pylist(maps_as_pydicts="lossy")[0]
    except _UNREADABLE as error:
        return malformed(f"the row has a value that cannot be read: {error}")


def _in_microseconds(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Times with nanoseconds, as data frames write them, cut to what Python's have."""
    fields = [
        field.with_type(pa.timestamp("us", field.type.tz))
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns"
        else field
        for field in batch.schema
    ]
    return batch.cast(pa.schema(fields), safe=False)
