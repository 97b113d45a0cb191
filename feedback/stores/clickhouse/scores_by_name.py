"""From scores that were known by event and assessor to scores that also have a name: a new table, copied and swapped.

Each statement may run again after a preparation that broke off: until the swap the new table is begun from nothing,
and after it rows that are copied twice have the same key and revision.
"""

from collections.abc import Iterator
from dataclasses import replace

from feedback.stores.clickhouse import literals, tables
from feedback.stores.clickhouse.connection import Connection
from feedback.stores.clickhouse.tables import SCORES

_NEXT, _FORMER = replace(SCORES, name="scores_next"), replace(SCORES, name="scores_former")
_COPY = (
    "(event_id, assessor, name, profile, raw, score, minimum, maximum, version, checks, assessed_at, revision)"
    " SELECT event_id, assessor, 'quality', profile, score, score, 0, 1, '', checks, assessed_at, version FROM {source}"
)


def statements(connection: Connection) -> Iterator[str]:
    address = connection.address
    on_cluster = tables.on_cluster(address)
    scores, following, former = (tables.stored_in(table, address) for table in (SCORES, _NEXT, _FORMER))
    if not _has_names(connection, scores):
        yield from _drop(connection, _NEXT)
        yield from tables.create(_NEXT, address)
        # Through the tables that span all shards, where there are any: each row once, whatever replica has it.
        yield f"INSERT INTO {_NEXT.name} {_COPY.format(source=SCORES.name)}"
        yield f"RENAME TABLE {scores} TO {former}, {following} TO {scores}{on_cluster}"
    if address.cluster:
        yield f"DROP TABLE IF EXISTS {SCORES.name}{on_cluster} SYNC"
        yield from tables.create(SCORES, address)
    if _is_there(connection, former):
        # What writers of the version before brought between the copy and the swap.
        yield f"INSERT INTO {scores} {_COPY.format(source=former)}"
    yield from _drop(connection, _FORMER)
    yield from _drop(connection, _NEXT)


def _drop(connection: Connection, table: tables.Table) -> list[str]:
    names = {table.name, tables.stored_in(table, connection.address)}
    return [f"DROP TABLE IF EXISTS {name}{tables.on_cluster(connection.address)} SYNC" for name in sorted(names)]


def _has_names(connection: Connection, table: str) -> bool:
    return _exists(connection, f"system.columns WHERE table = {literals.text(table)} AND name = 'name'")


def _is_there(connection: Connection, table: str) -> bool:
    return _exists(connection, f"system.tables WHERE name = {literals.text(table)}")


def _exists(connection: Connection, rows: str) -> bool:
    database = literals.text(connection.address.database)
    return connection.read(f"SELECT count() AS n FROM {rows} AND database = {database}")["n"][0].as_py() > 0
