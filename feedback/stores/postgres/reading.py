"""Query sets as Arrow.

What is long is streamed by ADBC through a connection of its own, so that Django's connection stays free and no more
than one batch is in memory. A bounded read, and any read in a transaction, whose own rows must be seen, is a COPY of
CSV on Django's connection, page by page.
"""

import json
from collections.abc import Iterator
from io import BytesIO

import pyarrow as pa
from adbc_driver_manager import Error as AdbcError
from adbc_driver_postgresql import dbapi
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Func, QuerySet, TextField
from django.db.models.functions import Cast, Left
from psycopg.conninfo import make_conninfo
from pyarrow import csv

from feedback.stores import schema
from feedback.stores.base import Paging, StoreUnavailable

# Up to here a connection of its own takes longer than the read.
BOUNDED = 10_000
_LISTS = pa.list_(pa.string())
_PARSING = csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False)
_PLACE = {"occurred_at": pa.timestamp("us", tz="UTC"), "id": pa.string()}
_OPTIONS_OF_PSYCOPG = {"context", "cursor_factory", "prepare_threshold", "row_factory"}


def stream(rows: QuerySet, target: pa.Schema, paging: Paging) -> pa.RecordBatchReader:
    """Rows ordered by (occurred_at, id) as batches of the target schema."""
    ordered = rows.newest_first() if paging.newest_first else rows.oldest_first()
    if connection.in_atomic_block or (paging.limit is not None and paging.limit <= BOUNDED):
        batches = _paged(ordered, target, paging)
    else:
        batches = _streamed(ordered[paging.skip : paging.end], target, paging.batch_size)
    return pa.RecordBatchReader.from_batches(target, batches)


def _streamed(rows: QuerySet, target: pa.Schema, batch_size: int) -> Iterator[pa.RecordBatch]:
    columns = [F(f.name) if f.type != pa.string() else Cast(f.name, TextField()) for f in target]
    try:
        query = connection.ops.compose_sql(*rows.values_list(*columns).query.sql_with_params())
    except EmptyResultSet:
        return
    try:
        with dbapi.connect(_address(), autocommit=True) as own, own.cursor() as cursor:
            cursor.execute(query)
            for batch in cursor.fetch_record_batch():
                named = pa.record_batch(batch.columns, names=target.names).cast(target)
                for start in range(0, named.num_rows, batch_size):
                    yield named.slice(start, batch_size)
    except AdbcError as error:
        raise StoreUnavailable(f"PostgreSQL ended a read: {error}") from error


def _address() -> str:
    """Where Django's connection goes, in the words of libpq."""
    parameters = connection.get_connection_params()
    return make_conninfo(**{name: value for name, value in parameters.items() if name not in _OPTIONS_OF_PSYCOPG})


def _paged(ordered: QuerySet, target: pa.Schema, paging: Paging) -> Iterator[pa.RecordBatch]:
    extra = [pa.field(name, kind) for name, kind in _PLACE.items() if name not in target.names]
    page_size = max(paging.batch_size, BOUNDED)
    following, skip, left = ordered, paging.skip, paging.limit
    long = schema.LONG & {*target.names} if paging.characters is not None else ()
    cut = {name: Left(Cast(name, TextField()), paging.characters) for name in long}
    while left is None or left > 0:
        size = page_size if left is None else min(page_size, left)
        page = copied(following[skip : skip + size], pa.schema([*target, *extra]), **cut)
        yield from page.select(target.names).to_batches(max_chunksize=paging.batch_size)
        if len(page) < size:
            return
        skip, left = 0, None if left is None else left - size
        place = page["occurred_at"][-1].as_py(), page["id"][-1].as_py()
        following = ordered.older_than(*place) if paging.newest_first else ordered.newer_than(*place)


def copied(rows: QuerySet, target: pa.Schema, **expressions: Func) -> pa.Table:
    """All rows of a query set as one table; expressions: of columns that are more than a field."""
    columns = [
        expressions.get(field.name) or (_as_json(field.name) if field.type == _LISTS else F(field.name))
        for field in target
    ]
    try:
        sql, params = rows.values_list(*columns).query.sql_with_params()
    except EmptyResultSet:
        return target.empty_table()
    with connection.cursor() as cursor, connection.wrap_database_errors:
        # Django's cursor that records queries takes a COPY without parameters only.
        command = connection.ops.compose_sql(f"COPY ({sql}) TO STDOUT (FORMAT CSV)", params)
        with cursor.copy(command) as copy:
            data = b"".join(copy)
    return _parsed(data, target) if data else target.empty_table()


def _as_json(name: str) -> Func:
    return Func(F(name), function="array_to_json", output_field=TextField())


def _parsed(data: bytes, target: pa.Schema) -> pa.Table:
    types = {field.name: pa.string() if field.type == _LISTS else field.type for field in target}
    table = csv.read_csv(
        BytesIO(data),
        # A row must lie within a block.
        read_options=csv.ReadOptions(column_names=list(types), block_size=len(data) + 1, use_threads=False),
        parse_options=_PARSING,
        convert_options=csv.ConvertOptions(
            column_types=types,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )
    for index, field in enumerate(target):
        if field.type == _LISTS:
            table = table.set_column(index, field, _lists(table[field.name]))
    return table


def _lists(column: pa.ChunkedArray) -> pa.Array:
    return pa.array([[] if text == "[]" else json.loads(text) for text in column.to_pylist()], _LISTS)
