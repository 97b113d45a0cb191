"""Query sets as Arrow.

What is long is streamed by ADBC through a connection of its own, so that Django's connection stays free and no more
than one batch is in memory. A bounded read, and any read in a transaction, whose own rows must be seen, is a query on
Django's connection, page by page.
"""

from collections.abc import Iterator

import pyarrow as pa
from adbc_driver_manager import Error as AdbcError
from adbc_driver_postgresql import dbapi
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Func, QuerySet, TextField
from django.db.models.functions import Cast, Left
from psycopg import Cursor
from psycopg.conninfo import make_conninfo

from feedback.stores import schema
from feedback.stores.base import Paging, StoreUnavailable

# Up to here a connection of its own takes longer than the read.
BOUNDED = 10_000
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
    columns = [_expression(field) for field in target]
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
        page = fetched(following[skip : skip + size], pa.schema([*target, *extra]), **cut)
        yield from page.select(target.names).to_batches(max_chunksize=paging.batch_size)
        if len(page) < size:
            return
        skip, left = 0, None if left is None else left - size
        place = page["occurred_at"][-1].as_py(), page["id"][-1].as_py()
        following = ordered.older_than(*place) if paging.newest_first else ordered.newer_than(*place)


def fetched(rows: QuerySet, target: pa.Schema, **expressions: Func) -> pa.Table:
    """All rows of a query set as one table; expressions: of columns that are more than a field."""
    columns = [expressions.get(field.name) or _expression(field) for field in target]
    try:
        sql, params = rows.values_list(*columns).query.sql_with_params()
    except EmptyResultSet:
        return target.empty_table()
    connection.ensure_connection()
    # Django's own cursors answer in text, and a COPY in one message a row, which takes several times as long.
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(connection.ops.compose_sql(sql, params), binary=True)
        found = cursor.fetchall()
    if connection.queries_logged:
        # So that the query is counted among those of a page.
        connection.queries_log.append({"sql": sql, "time": "0.000"})
    values = list(zip(*found, strict=True)) or [()] * len(target)
    return pa.table([pa.array(*pair) for pair in zip(values, target.types, strict=True)], schema=target)


def _expression(field: pa.Field) -> F | Func:
    """JSON and ids travel as text."""
    return Cast(field.name, TextField()) if field.type == pa.string() else F(field.name)
