"""Appends rows to ClickHouse that are not there yet."""

import time
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from feedback.stores import replacing, schema
from feedback.stores.base import ScoreChanges
from feedback.stores.clickhouse.connection import Connection
from feedback.stores.clickhouse.literals import text, texts
from feedback.stores.clickhouse.tables import EVENTS, on_cluster, stored_in
from feedback.stores.schema import Row

# Beyond so many ids nearly every granule holds a few that look like one of them, and only costs the looking.
_INDEXED_IDS = 100
# Of two threads with the same new id one must see the other's row. Between processes, claims see to that.
_appending = Lock()


def append_events(connection: Connection, events: pa.Table, scores: pa.Table) -> set[str]:
    with _appending:
        new = _absent(connection, "events", events)
        fresh = _where_in(scores, "event_id", new)
        # An event that is there is never written again, so all that belongs to it comes before it.
        if fresh.num_rows:
            connection.insert("scores", fresh)
        if new:
            connection.insert("events", _where_in(events, "id", new))
    return new


def append_scores(connection: Connection, scores: pa.Table) -> ScoreChanges:
    with _appending:
        there = present(connection, "events", scores["event_id"].to_pylist())
        held = _held_scores(connection, there) if there else []
        changes = replacing.changes(scores.to_pylist(), held, there=there)
        if stored := changes.stored.to_pylist():
            _replace(connection, stored, {replacing.key_of(row): row["revision"] for row in held})
            _set_quality(connection, replacing.quality_scores(stored))
    return changes


def _held_scores(connection: Connection, event_ids: Iterable[str]) -> list[Row]:
    columns = ", ".join([*schema.SCORE.names, "revision"])
    return connection.read(f"SELECT {columns} FROM scores FINAL PREWHERE event_id IN {texts(event_ids)}").to_pylist()


def _replace(connection: Connection, rows: list[Row], revisions: Mapping[replacing.Key, int]) -> None:
    """Write rows that are read in the place of those with the same keys, whatever the clocks of servers say."""
    now = time.time_ns() // 1_000
    for row in rows:
        row["revision"] = max(now, revisions.get(replacing.key_of(row), 0) + 1)
    connection.insert("scores", pa.Table.from_pylist(rows, pa.schema([*schema.SCORE, ("revision", pa.uint64())])))


def _set_quality(connection: Connection, scores: Mapping[str, float]) -> None:
    """Change the quality scores of events in place: a second row of an event would be another copy of it."""
    if scores:
        address = connection.address
        given = ", ".join(map(repr, scores.values()))
        connection.command(
            f"ALTER TABLE {stored_in(EVENTS, address)}{on_cluster(address)} UPDATE quality_score ="
            f" transform(id, [{', '.join(map(text, scores))}], [{given}], quality_score) WHERE id IN {texts(scores)}"
        )


def append_signals(connection: Connection, signals: pa.Table) -> set[str]:
    with _appending:
        new = _absent(connection, "signals", signals)
        if new:
            connection.insert("signals", _where_in(signals, "id", new))
    return new


def append_embeddings(connection: Connection, embeddings: pa.Table) -> None:
    if embeddings.num_rows:
        vectors = [np.array(vector, np.float16).astype(np.float32) for vector in embeddings["vector"].to_pylist()]
        place = embeddings.schema.get_field_index("vector")
        rounded = embeddings.set_column(place, embeddings.field("vector"), pa.array(vectors, pa.list_(pa.float32())))
        connection.insert("embeddings", rounded)


def present(connection: Connection, table: str, ids: Sequence[UUID | str]) -> set[str]:
    """Those of these ids that the table has."""
    if not ids:
        return set()
    unhelpful = " SETTINGS ignore_data_skipping_indices = 'by_id'" if len(ids) > _INDEXED_IDS else ""
    found = connection.read(f"SELECT DISTINCT id FROM {table} PREWHERE id IN {texts(ids)}{unhelpful}")
    return set(found["id"].to_pylist())


def _absent(connection: Connection, table: str, rows: pa.Table) -> set[str]:
    ids = rows["id"].to_pylist()
    return set(ids) - present(connection, table, ids)


def _where_in(rows: pa.Table, column: str, ids: Iterable[str]) -> pa.Table:
    return rows.filter(pc.is_in(rows[column], value_set=pa.array(list(ids), pa.string())))
