"""COPY of Arrow tables: the lines are made by Arrow, column by column."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from django.db import IntegrityError, connection, transaction

from feedback.stores import schema
from feedback.stores.locks import uuid_array

_NOTHING, _TAB, _END = (pa.scalar(text, pa.large_string()) for text in ("", "\t", "\n"))
_LISTS = pa.list_(pa.string())
_CHUNK_ROWS = 500
_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))


@dataclass(frozen=True)
class Target:
    """A table that rows are appended to, and the column that says which row is which."""

    name: str
    columns: pa.Schema
    key: str = "id"

    @property
    def column_list(self) -> str:
        return ", ".join(f'"{name}"' for name in self.columns.names)

    @property
    def incoming(self) -> str:
        return f"incoming_{self.name}"


EVENTS = Target("feedback_event", schema.EVENT)
SIGNALS = Target("feedback_signal", schema.SIGNAL)
SCORES = Target("feedback_qualityscore", schema.SCORE, key="event_id")


def where_in(rows: pa.Table, column: str, values: Iterable[str]) -> pa.Table:
    return rows.filter(pc.is_in(rows[column], pa.array(values, pa.string())))


def append(target: Target, rows: pa.Table, *, may_exist: bool = True) -> set[str]:
    """Insert rows whose key is not there yet; return the keys inserted.

    Most rows are new, so those whose key is not found are copied straight into the table. Should another writer be
    faster with one of them, all of them go through a temporary table, which can tell.
    """
    # In the order of keys, so that two writers with the same ones wait for each other and never deadlock.
    rows = rows.sort_by(target.key)
    with connection.cursor() as cursor:
        if may_exist:
            rows = rows.filter(pc.invert(pc.is_in(rows[target.key], _existing(cursor, target, rows))))
        try:
            with transaction.atomic():
                _copy(cursor, target.name, target, rows)
        except IntegrityError:
            return _insert_where_absent(cursor, target, rows)
    return set(rows[target.key].to_pylist())


def replace_scores(rows: pa.Table) -> None:
    """Insert scores, or put them in the place of those with the same keys."""
    key, others = ", ".join(schema.SCORE_KEY), [name for name in rows.column_names if name not in schema.SCORE_KEY]
    with connection.cursor() as cursor:
        _copy_aside(cursor, SCORES, rows)
        cursor.execute(
            f"INSERT INTO {SCORES.name} ({SCORES.column_list}) SELECT {SCORES.column_list} FROM {SCORES.incoming}"
            f" ORDER BY {key} ON CONFLICT ({key}) DO UPDATE SET "
            + ", ".join(f"{name} = excluded.{name}" for name in others)
        )


def set_quality(scores: Mapping[str, float]) -> None:
    """Change the quality scores of events, given by their ids."""
    if scores:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE feedback_event AS event SET quality_score = row.score"
                " FROM unnest(%s::uuid[], %s::float8[]) AS row (id, score) WHERE event.id = row.id",
                [uuid_array(scores), list(scores.values())],
            )


def _existing(cursor, target: Target, rows: pa.Table) -> pa.Array:
    keys = uuid_array(rows[target.key].to_pylist())
    cursor.execute(f"SELECT {target.key}::text FROM {target.name} WHERE {target.key} = ANY(%s::uuid[])", [keys])
    return pa.array([row[0] for row in cursor.fetchall()], pa.string())


def _copy_aside(cursor, target: Target, rows: pa.Table) -> None:
    """Put rows into a temporary table."""
    cursor.execute(
        f"CREATE TEMPORARY TABLE IF NOT EXISTS {target.incoming} ON COMMIT DELETE ROWS AS"
        f" SELECT {target.column_list} FROM {target.name} WITH NO DATA"
    )
    cursor.execute(f"TRUNCATE {target.incoming}")
    _copy(cursor, target.incoming, target, rows)


def _insert_where_absent(cursor, target: Target, rows: pa.Table) -> set[str]:
    _copy_aside(cursor, target, rows)
    cursor.execute(
        f"INSERT INTO {target.name} ({target.column_list}) SELECT {target.column_list} FROM {target.incoming}"
        f" ORDER BY {target.key} ON CONFLICT DO NOTHING RETURNING {target.key}::text"
    )
    return {row[0] for row in cursor.fetchall()}


def _copy(cursor, name: str, target: Target, rows: pa.Table) -> None:
    if not len(rows):
        return
    # Django translates the driver's errors in its own methods only, and COPY is not one of them.
    with connection.wrap_database_errors, cursor.copy(f"COPY {name} ({target.column_list}) FROM STDIN") as copy:
        for lines in copy_lines(rows.select(target.columns.names)):
            copy.write(lines)


def copy_lines(rows: pa.Table) -> Iterator[memoryview]:
    """Rows in the text form of COPY, some hundred at a time."""
    for batch in rows.to_batches(max_chunksize=_CHUNK_ROWS):
        fields = [_field(column) for column in batch.columns]
        fields[-1] = pc.binary_join_element_wise(fields[-1], _NOTHING, _END)
        lines = pc.binary_join_element_wise(*fields, _TAB)
        offsets = memoryview(lines.buffers()[1]).cast("q")
        yield memoryview(lines.buffers()[2])[offsets[lines.offset] : offsets[lines.offset + len(lines)]]


def _field(column: pa.Array) -> pa.Array:
    """One column as the text of COPY. Large strings, as a few hundred rows of long texts pass what others count."""
    if column.type == _LISTS:
        column = pa.array([_array(texts) for texts in column.to_pylist()], pa.large_string())
    is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    texts = column.cast(pa.large_string())
    if is_text:
        for character, escape in _ESCAPES:
            texts = pc.replace_substring(texts, character, escape)
    return pc.fill_null(texts, "\\N") if texts.null_count else texts


def _array(texts: list[str]) -> str:
    quoted = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"
