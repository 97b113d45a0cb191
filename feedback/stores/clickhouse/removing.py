"""Removes rows from ClickHouse. Readers no longer see them; the server deletes them from disk later."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

from feedback.stores.base import Purged
from feedback.stores.clickhouse.connection import Connection
from feedback.stores.clickhouse.literals import moment, text, texts
from feedback.stores.clickhouse.tables import (
    EMBEDDINGS,
    EVENTS,
    SCORES,
    SIGNALS,
    TABLES,
    Table,
    on_cluster,
    stored_in,
)
from feedback.stores.clickhouse.writing import present

# A deletion is kept as its text, of which a cluster's Keeper takes less than a megabyte.
BATCH = 10_000
_WITHIN_A_DAY = (
    "database = currentDatabase() AND command LIKE '%APPLY DELETED MASK%' AND create_time > now() - INTERVAL 20 HOUR"
)


def remove_events(connection: Connection, event_ids: Sequence[UUID | str]) -> tuple[set[str], int]:
    removed, signals = set(), 0
    for batch in _batches({str(event_id) for event_id in event_ids}):
        if found := present(connection, EVENTS.name, batch):
            signals += _remove_what_hangs_on(connection, f"event_id IN {texts(found)}")
            _delete(connection, EVENTS, f"id IN {texts(found)}")
            removed |= found
    if removed:
        _take_off_disk(connection)
    return removed, signals


def remove_signals(connection: Connection, signal_ids: Sequence[UUID | str]) -> int:
    """Every version of a signal goes: an older one left over would be read as the last."""
    removed = 0
    for batch in _batches({str(signal_id) for signal_id in signal_ids}):
        if found := present(connection, SIGNALS.name, batch):
            _delete(connection, SIGNALS, f"id IN {texts(found)}")
            removed += len(found)
    return removed


def remove_embeddings(connection: Connection, event_ids: Sequence[UUID | str]) -> None:
    for batch in _batches({str(event_id) for event_id in event_ids}):
        _delete_where_any(connection, EMBEDDINGS, f"event_id IN {texts(batch)}")


def purge(connection: Connection, deployment_id: str, before: datetime) -> Purged:
    expired = f"deployment_id = {text(deployment_id)} AND occurred_at < {moment(before)}"
    events = _count(connection, f"events FINAL PREWHERE {expired}")
    signals = 0
    if events:
        # Rows that hang on an event go first: once it is gone, nothing would lead to them.
        signals = _purge_what_hangs_on(connection, expired)
        _delete(connection, EVENTS, expired)
    without_an_event = "(waiting OR isNull(event_id) AND external_id = '')"
    alone = connection.read(f"SELECT id FROM signals FINAL WHERE {without_an_event} AND {expired}")["id"].to_pylist()
    purged_alone = remove_signals(connection, alone)
    if events or purged_alone:
        _take_off_disk(connection, once_a_day=True)
    return Purged(events, signals + purged_alone)


def _purge_what_hangs_on(connection: Connection, expired: str) -> int:
    of_expired = f"event_id GLOBAL IN (SELECT id FROM events PREWHERE {expired})"
    signals = 0
    for table in (SIGNALS, SCORES, EMBEDDINGS):
        found = connection.read(f"SELECT DISTINCT event_id FROM {table.name} WHERE {of_expired}")
        for batch in _batches(found["event_id"].to_pylist()):
            about = f"event_id IN {texts(batch)}"
            if table is SIGNALS:
                signals += _remove_signals_where(connection, about)
            else:
                _delete(connection, table, about)
    return signals


def _remove_what_hangs_on(connection: Connection, about: str) -> int:
    for table in (SCORES, EMBEDDINGS):
        _delete_where_any(connection, table, about)
    return _remove_signals_where(connection, about)


def _remove_signals_where(connection: Connection, condition: str) -> int:
    found = connection.read(f"SELECT DISTINCT id FROM signals FINAL WHERE {condition}")["id"].to_pylist()
    return remove_signals(connection, found)


def _delete_where_any(connection: Connection, table: Table, condition: str) -> None:
    if _count(connection, f"{table.name} PREWHERE {condition}"):
        _delete(connection, table, condition)


def _delete(connection: Connection, table: Table, condition: str) -> None:
    address = connection.address
    place = f"{stored_in(table, address)}{on_cluster(address)}"
    connection.command(f"DELETE FROM {place} WHERE {condition}", max_execution_time=0)


def _take_off_disk(connection: Connection, *, once_a_day: bool = False) -> None:
    """Have the parts with deleted rows rewritten, without waiting.

    A part is written whole for one row in it, so what retention deletes, a little of every deployment, goes together.
    """
    address = connection.address
    if once_a_day and _count(connection, f"system.mutations WHERE {_WITHIN_A_DAY}"):
        return
    for table in TABLES:
        place = f"{stored_in(table, address)}{on_cluster(address)}"
        connection.command(f"ALTER TABLE {place} APPLY DELETED MASK", mutations_sync=0)


def _count(connection: Connection, rows: str) -> int:
    return connection.read(f"SELECT count() AS n FROM {rows}")["n"][0].as_py()


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    left = iter(ids)
    while batch := list(islice(left, BATCH)):
        yield batch
