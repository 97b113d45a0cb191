"""Puts into ClickHouse what is not there yet."""

from collections.abc import Iterable, Sequence
from threading import Lock
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from feedback.stores.clickhouse.connection import Connection
from feedback.stores.clickhouse.literals import texts

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
