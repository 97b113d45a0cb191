"""ClickHouse's engine inside the test process: one for all tests, as a process has one, emptied after each."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from feedback.stores.clickhouse import ClickHouseStore
from feedback.stores.clickhouse.address import parse
from feedback.stores.clickhouse.connection import Connection
from feedback.stores.clickhouse.tables import TABLES

MEMORY = "chdb://:memory:"


@contextmanager
def clickhouse() -> Iterator[ClickHouseStore]:
    store = _prepared()
    yield store
    for table in TABLES:
        engine().command(f"TRUNCATE TABLE {table.name}")


@cache
def engine() -> Connection:
    """For what a test does beside the store."""
    return Connection(parse(MEMORY))


@cache
def _prepared() -> ClickHouseStore:
    store = ClickHouseStore(MEMORY)
    store.prepare()
    return store
