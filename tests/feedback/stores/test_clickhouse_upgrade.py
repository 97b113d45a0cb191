"""Tables in ClickHouse as an earlier version left them, brought to those of today."""

from dataclasses import replace

import pytest

from feedback.stores import schema
from feedback.stores.base import SignalFilter
from feedback.stores.clickhouse import ClickHouseStore, tables, upgrading
from feedback.stores.clickhouse.address import parse
from feedback.stores.clickhouse.connection import Connection
from tests.feedback.stores.clickhouse_engine import MEMORY, engine
from tests.feedback.stores.rows import event_id, minutes, signal, signal_id

FIRST_SCORES = """
    CREATE TABLE scores (
        event_id String, assessor LowCardinality(String), profile LowCardinality(String), score Float64, checks String,
        assessed_at DateTime64(6, 'UTC'),
        version UInt64 DEFAULT toUInt64(toUnixTimestamp64Micro(now64(6)))
    ) ENGINE = ReplacingMergeTree(version) ORDER BY (event_id, assessor)
"""
KEPT = [
    {
        "event_id": event_id(number),
        "assessor": "checks",
        "name": "quality",
        "profile": "default",
        "raw": number / 4,
        "score": number / 4,
        "minimum": 0.0,
        "maximum": 1.0,
        "version": "",
        "checks": "[]",
        "assessed_at": minutes(0),
    }
    for number in (1, 2, 3)
]


@pytest.fixture
def first_schema(db):
    """A store whose tables have the first schema, with two scores."""
    engine().command("CREATE DATABASE earlier")
    connection = Connection(replace(parse(MEMORY), database="earlier"))
    connection.command(tables.create_schema_table(connection.address))
    connection.command("INSERT INTO store_schema (version) VALUES (1)")
    for table in (tables.EVENTS, tables.SIGNALS, tables.EMBEDDINGS):
        connection.command(tables.create(table, connection.address)[0])
    connection.command(FIRST_SCORES)
    write_first(connection, "scores", 1)
    write_first(connection, "scores", 2)
    yield connection
    connection.close()
    engine().command("DROP DATABASE earlier SYNC")


def write_first(connection, table, number):
    connection.command(
        f"INSERT INTO {table} (event_id, assessor, profile, score, checks, assessed_at) VALUES"
        f" ('{event_id(number)}', 'checks', 'default', {number / 4}, '[]', '{minutes(0):%Y-%m-%d %H:%M:%S}')"
    )


def scores(connection):
    store = ClickHouseStore(MEMORY)
    store._connection = connection
    return store.scores([event_id(number) for number in (1, 2, 3)]).to_pylist()


def names(connection):
    query = "SELECT name FROM system.tables WHERE database = 'earlier' ORDER BY name"
    return connection.read(query)["name"].to_pylist()


def test_scores_of_the_first_schema_get_names(first_schema):
    upgrading.prepare(first_schema)

    assert scores(first_schema) == KEPT[:2]
    assert names(first_schema) == ["embeddings", "events", "scores", "signals", "store_schema"]
    upgrading.check(first_schema)


@pytest.mark.parametrize("copied", [0, 1], ids=["an empty copy", "half a copy"])
def test_a_copy_that_broke_off_is_made_again(first_schema, copied):
    first_schema.command(tables.create(replace(tables.SCORES, name="scores_next"), first_schema.address)[0])
    if copied:
        write_first(first_schema, "scores_next", 1)

    upgrading.prepare(first_schema)

    assert scores(first_schema) == KEPT[:2]


def test_what_a_writer_brought_between_copy_and_swap_is_kept(first_schema):
    upgrading.prepare(first_schema)
    first_schema.command("TRUNCATE TABLE store_schema")
    first_schema.command("INSERT INTO store_schema (version) VALUES (1)")
    first_schema.command(FIRST_SCORES.replace("CREATE TABLE scores", "CREATE TABLE scores_former"))
    write_first(first_schema, "scores_former", 3)

    upgrading.prepare(first_schema)

    assert scores(first_schema) == KEPT
    assert "scores_former" not in names(first_schema)


SECOND_SIGNALS = """
    CREATE TABLE signals (
        id String, event_id Nullable(String), external_id String, deployment_id LowCardinality(String),
        type LowCardinality(String), slot LowCardinality(String), value Nullable(String), edited_response String,
        comment String, user_hash String, hash_key_id LowCardinality(String), content_dropped Bool, metadata String,
        masked String, occurred_at DateTime64(6, 'UTC'), received_at DateTime64(6, 'UTC'), waiting Bool, live Bool,
        batch_id String, version UInt64 DEFAULT 1,
        CONSTRAINT has_a_target CHECK isNotNull(event_id) OR external_id != '',
        CONSTRAINT edit_has_text CHECK type != 'edit' OR edited_response != '' OR content_dropped
    ) ENGINE = ReplacingMergeTree(version) ORDER BY id
"""


def test_signals_of_the_second_schema_get_what_signals_have_today(first_schema):
    first_schema.command("DROP TABLE signals SYNC")
    first_schema.command(SECOND_SIGNALS)
    first_schema.command(
        "INSERT INTO signals (id, event_id, type, slot, live) VALUES"
        f" ('{signal_id(1)}', '{event_id(1)}', 'copy', 'copy', 1)"
    )

    upgrading.prepare(first_schema)

    store = ClickHouseStore(MEMORY)
    store._connection = first_schema
    about = signal(2, type="edit", event_id=None, session_hash="ab12", edited_response="", retracted=True)
    assert store.append_signals(schema.table(schema.SIGNAL, [about])) == {signal_id(2)}
    columns = ["id", "name", "message_index", "retracted", "prompted", "session_hash"]
    rows = store.scan_signals(SignalFilter(state=None), columns).read_all().to_pylist()
    assert [tuple(row.values()) for row in sorted(rows, key=lambda row: row["id"])] == [
        (signal_id(1), "", None, False, None, ""),
        (signal_id(2), "", None, True, None, "ab12"),
    ]
