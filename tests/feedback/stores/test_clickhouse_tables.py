"""The tables in ClickHouse: who may use them, what stands in them more than once, and what leaves them."""

import time
from dataclasses import replace

import pytest

from feedback.stores import schema
from feedback.stores.base import EventFilter, Paging, SignalFilter, StoreMisconfigured
from feedback.stores.clickhouse import literals, tables, upgrading
from feedback.stores.clickhouse.address import parse
from feedback.stores.clickhouse.connection import Connection
from tests.feedback.stores.clickhouse_engine import MEMORY, clickhouse, engine
from tests.feedback.stores.rows import (
    add_events,
    add_signals,
    event,
    event_id,
    found,
    found_signals,
    minutes,
    numbers,
    signal,
    signal_id,
    write,
)


@pytest.fixture
def store(db):
    with clickhouse() as empty:
        yield empty


@pytest.fixture
def database():
    """A connection to an empty database of the engine."""
    engine().command("CREATE DATABASE another")
    connection = Connection(replace(parse(MEMORY), database="another"))
    yield connection
    connection.close()
    engine().command("DROP DATABASE another SYNC")


def number(query):
    return engine().read(f"SELECT ({query}) AS n")["n"][0].as_py()


def put(row):
    """As a write that another one did not see: nothing is looked up before."""
    engine().insert("events", schema.table(schema.EVENT, [row]))


def test_tables_are_made_once_and_checked(database):
    with pytest.raises(StoreMisconfigured, match="missing or older than this version. Run `manage.py migrate`"):
        upgrading.check(database)

    upgrading.prepare(database)
    upgrading.prepare(database)
    upgrading.check(database)

    made = database.read("SELECT name FROM system.tables WHERE database = 'another' ORDER BY name")["name"].to_pylist()
    assert made == ["embeddings", "events", "scores", "signals", "store_schema"]
    versions = database.read("SELECT version FROM store_schema ORDER BY version")["version"].to_pylist()
    assert versions == list(range(1, upgrading.SCHEMA + 1))


def test_a_preparation_that_broke_off_is_finished(database):
    database.command(tables.create_schema_table(database.address))
    database.command(tables.create(tables.EVENTS, database.address)[0])
    with pytest.raises(StoreMisconfigured, match="Run `manage.py migrate`"):
        upgrading.check(database)

    upgrading.prepare(database)

    upgrading.check(database)


@pytest.mark.parametrize("ask", [upgrading.check, upgrading.prepare])
def test_a_newer_schema_is_rejected(database, ask):
    upgrading.prepare(database)
    database.command(f"INSERT INTO store_schema (version) VALUES ({upgrading.SCHEMA + 1})")

    with pytest.raises(StoreMisconfigured, match="have schema 4, newer than the 3 of this version. Run the newer"):
        ask(database)


def test_tables_of_another_application_are_left_alone(database):
    database.command("CREATE TABLE events (id Int8) ENGINE = MergeTree ORDER BY id")

    with pytest.raises(StoreMisconfigured, match=r"tables of another application \(events\)\. Name an empty database"):
        upgrading.prepare(database)

    assert database.read("SELECT count() AS n FROM system.tables WHERE database = 'another'")["n"].to_pylist() == [1]


def test_tables_that_are_not_there_are_reported_when_they_are_read(database):
    with pytest.raises(StoreMisconfigured, match="do not match this version. Run `manage.py migrate`"):
        database.read("SELECT id FROM events")


@pytest.mark.parametrize("table", tables.TABLES, ids=lambda table: table.name)
def test_tables_of_a_cluster_are_valid_and_name_the_same_columns(table):
    address = replace(parse("clickhouse://db/x"), cluster="my cluster")

    local, spanning = tables.create(table, address)

    for statement in (local, spanning, tables.create_schema_table(address)):
        assert engine().read(f"SELECT formatQuery({literals.text(statement)}) AS n").num_rows == 1
        assert "ON CLUSTER `my cluster`" in statement
    assert f"{table.name}_local" in local
    assert "ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/" in local
    assert f"cityHash64({table.shard_by})" in spanning


def test_an_unknown_cluster_is_reported(database):
    connection = Connection(replace(database.address, cluster="nowhere"))

    with pytest.raises(StoreMisconfigured, match="knows no cluster nowhere. See its system.clusters"):
        upgrading.prepare(connection)

    connection.close()


def test_a_second_copy_of_a_row_is_read_once(store):
    for _ in range(3):
        put(event(1))
        put(event(2))
    put(event(3))

    assert found(store) == [3, 2, 1]
    assert store.count(EventFilter()) == store.count(EventFilter(), at_most=10) == 3
    assert store.count(EventFilter(), at_most=2) == 2
    for limit in (1, 2, 3, 10, 1_500):
        assert numbers(store.scan(EventFilter(), ["id"], Paging(limit=limit))) == [3, 2, 1][:limit]
        assert numbers(store.scan(EventFilter(), ["prompt", "id"], Paging(limit=limit, skip=1))) == [2, 1][:limit]


def test_of_two_rows_with_one_id_the_first_stays(store):
    put(event(1, response="first"))
    time.sleep(0.001)
    put(event(1, response="second"))
    engine().command("OPTIMIZE TABLE events FINAL")

    assert store.scan(EventFilter(), ["response"]).read_all()["response"].to_pylist() == ["first"]


@pytest.mark.parametrize("days", [0, 0.5, 20, 400, 20_000])
def test_a_page_goes_back_as_far_as_it_must(store, days):
    minute = -60 * 24 * days
    add_events(store, event(1, occurred_at=minutes(minute)), event(2, occurred_at=minutes(minute - 60)), event(3))

    assert numbers(store.scan(EventFilter(), ["id"], Paging(limit=10))) == [3, 1, 2]
    older = EventFilter(older_than=(minutes(minute), event_id(1)))
    assert numbers(store.scan(older, ["id"], Paging(limit=1))) == [2]


def test_no_older_version_of_a_removed_signal_is_left(store):
    write(store, event(1), signal(1))
    write(store, signal(2))
    assert number("SELECT count() FROM signals") > 2

    store.remove_signals([signal_id(1), signal_id(2)])

    assert number("SELECT count() FROM signals") == 0
    assert found_signals(store, state=None) == []


def test_a_signal_that_comes_again_after_its_removal_waits_again(store):
    write(store, event(1), signal(1))
    store.remove_signals([signal_id(1)])

    assert add_signals(store, signal(1)) == {signal_id(1)}
    assert [
        row["waiting"] for row in store.scan_signals(SignalFilter(state=None), ["waiting"]).read_all().to_pylist()
    ] == [True]


def test_what_is_removed_leaves_the_disk(store):
    add_events(store, *(event(n) for n in range(1, 11)))

    store.remove_events([event_id(n) for n in range(1, 5)])

    assert number("SELECT count() FROM events") == 6
    _until(lambda: number("SELECT sum(rows) FROM system.parts WHERE active AND table = 'events'") == 6)


def test_what_retention_deletes_leaves_the_disk_together(store):
    add_events(store, *(event(n, deployment_id=name) for n, name in ((1, "a"), (2, "b"), (3, "c"))))
    passes = "SELECT count() FROM system.mutations WHERE table = 'events' AND command LIKE '%APPLY DELETED MASK%'"
    before = number(passes)

    for name in ("a", "b"):
        assert store.purge(name, minutes(10)).events == 1

    assert found(store) == [3]
    assert number(passes) == max(before, 1)


def _until(holds):
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
