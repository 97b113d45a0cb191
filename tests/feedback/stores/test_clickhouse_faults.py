"""What ClickHouse can do wrong, or be told wrong: each is said in a sentence, and nothing is lost."""

import os
import random
import shutil
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread, Timer

import pytest

from feedback.stores.base import EventFilter, Paging, RowsRejected, StoreMisconfigured, StoreUnavailable
from feedback.stores.clickhouse import ClickHouseStore
from feedback.stores.clickhouse.address import Address, parse
from tests.feedback.stores.clickhouse_engine import clickhouse, engine
from tests.feedback.stores.rows import add_events, add_signals, event, event_id, found, score, signal
from tests.servers.clickhouse_server import ClickHouseServer

NOTHING_THERE = "clickhouse://127.0.0.1:1/default"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with ClickHouseServer(tmp_path_factory.mktemp("clickhouse")) as running:
        ClickHouseStore(running.url).prepare()
        yield running


@pytest.fixture
def away_server(tmp_path):
    """A server that the test kills."""
    with ClickHouseServer(tmp_path) as running:
        ClickHouseStore(running.url).prepare()
        yield running


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("clickhouse://ann:p%40ss@db:9000/traffic", Address("http", "db", 9000, "ann", "p@ss", "traffic")),
        ("http://db", Address("http", "db", 8123, "default", "", "default")),
        ("https://db/x?cluster=big", Address("https", "db", 8443, "default", "", "x", "big")),
        ("chdb:///var/a b", Address("chdb", path="/var/a b")),
        ("chdb://:memory:", Address("chdb", path=":memory:")),
    ],
)
def test_an_address_is_read(url, address):
    assert parse(url) == address


def test_a_password_is_not_shown():
    address = parse("clickhouse://ann:secret@db/traffic")

    assert "secret" not in f"{address} {address!r}"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "CLICKHOUSE_URL is empty. Set it to clickhouse://user:password@host:8123/database."),
        ("postgres://db/x", "CLICKHOUSE_URL begins with clickhouse://, https:// or chdb://"),
        ("clickhouse://db:port/x", "CLICKHOUSE_URL is not a valid address."),
        ("clickhouse:///x", "CLICKHOUSE_URL names no host."),
        ("clickhouse://db/x?clusters=a", "CLICKHOUSE_URL has an unknown option: clusters."),
        ("chdb://relative/path", "CLICKHOUSE_URL names no path for the engine"),
    ],
)
def test_a_wrong_address_is_reported_before_any_connection(url, sentence):
    with pytest.raises(StoreMisconfigured) as raised:
        ClickHouseStore(url)

    assert sentence in str(raised.value)


def test_a_store_can_be_named_while_its_server_is_down():
    store = ClickHouseStore(NOTHING_THERE)

    for ask in (store.check, store.prepare, lambda: store.count(EventFilter()), lambda: add_events(store, event(1))):
        with pytest.raises(
            StoreUnavailable, match=r"ClickHouse at 127\.0\.0\.1:1 does not answer\. Start it, or correct"
        ):
            ask()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("secret", "wrong"), "rejects the user or password in CLICKHOUSE_URL"),
        (("/default", "/nowhere"), "has no database nowhere. Create it with `CREATE DATABASE nowhere`"),
    ],
)
def test_what_the_server_does_not_know_is_reported(server, change, sentence):
    head, tail = server.url.rsplit("@", 1)
    url = head.replace(*change) + "@" + tail.replace(*change)

    with pytest.raises(StoreMisconfigured) as raised:
        ClickHouseStore(url).check()

    assert sentence in str(raised.value)


def test_another_server_at_the_address_is_reported():
    class Other(BaseHTTPRequestHandler):
        def do_POST(self):
            self.send_error(404)

        def log_message(self, *_arguments):
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Other) as other:
        Thread(target=other.serve_forever, daemon=True).start()
        with pytest.raises(StoreMisconfigured, match="is not ClickHouse's HTTP interface"):
            ClickHouseStore(f"http://127.0.0.1:{other.server_port}/x").check()
        other.shutdown()


@pytest.mark.slow
def test_two_processes_share_one_server(server, db):
    one, other = ClickHouseStore(server.url), ClickHouseStore(server.url)

    assert add_events(one, event(1), scores=[score(1)]) == {event_id(1)}
    assert add_events(other, event(1), event(2)) == {event_id(2)}
    assert found(one) == [2, 1]
    one.remove_events([event_id(1), event_id(2)])


@pytest.mark.slow
def test_bad_rows_are_rejected_without_their_content(server):
    store = ClickHouseStore(server.url)

    with pytest.raises(RowsRejected) as raised:
        add_events(store, event(7, quality_score=1.5, prompt="my secret"))

    assert str(raised.value) == "ClickHouse rejects these rows (VIOLATED_CONSTRAINT)."
    assert raised.value.__cause__ is None
    assert found(store, ids=[event_id(7)]) == []


@pytest.mark.parametrize("bad", [{"quality_score": -0.1}, {"quality_score": float("nan")}, {"prompt": None}])
def test_a_row_that_breaks_a_rule_is_rejected(bad):
    with clickhouse() as store:
        with pytest.raises(RowsRejected):
            add_events(store, event(1), event(2, **bad))

        assert found(store) == []


@pytest.mark.parametrize("bad", [{"event_id": None, "external_id": ""}, {"type": "edit", "edited_response": ""}])
def test_a_signal_that_breaks_a_rule_is_rejected(bad):
    with clickhouse() as store, pytest.raises(RowsRejected):
        add_signals(store, signal(1, **bad))


@pytest.mark.slow
def test_a_server_that_goes_down_in_the_middle_of_a_scan_is_no_short_answer(away_server):
    store, chance = ClickHouseStore(away_server.url), random.Random(1)
    for start in range(0, 200, 20):
        texts = ["".join(chance.choices("abcdefghijklmnop", k=100_000)) for _ in range(20)]
        add_events(store, *(event(start + n, response=text) for n, text in enumerate(texts)))

    reader = store.scan(EventFilter(), ["id", "response"], Paging(batch_size=1))
    read = reader.read_next_batch().num_rows
    away_server.kill()
    with pytest.raises(StoreUnavailable, match="ended its response early"):
        reader.read_all()

    away_server.start()
    assert read == 1
    assert store.count(EventFilter()) == 200


@pytest.mark.slow
def test_a_server_that_goes_down_between_two_writes_has_every_event_once_afterwards(away_server):
    store = ClickHouseStore(away_server.url)
    add_events(store, event(1), scores=[score(1)])
    away_server.kill()

    with pytest.raises(StoreUnavailable):
        add_events(store, event(1), event(2), scores=[score(2)])
    away_server.start()

    assert add_events(store, event(1), event(2), scores=[score(2)]) == {event_id(2)}
    assert found(store) == [2, 1]
    assert len(store.scores([event_id(1), event_id(2)])) == 2


@pytest.mark.slow
def test_a_server_that_goes_down_in_the_middle_of_a_write_has_every_event_once_afterwards(away_server):
    store, chance = ClickHouseStore(away_server.url), random.Random(1)
    rows = [event(number, response=chance.randbytes(500_000).hex()) for number in range(40)]
    scores = [score(number) for number in range(40)]
    death = Timer(0.1, away_server.kill)

    death.start()
    with pytest.raises(StoreUnavailable):
        add_events(store, *rows, scores=scores)
    death.join()
    away_server.start()
    add_events(store, *rows, scores=scores)

    assert found(store) == list(range(39, -1, -1))
    assert store.count(EventFilter()) == 40
    assert len(store.scores([row["id"] for row in rows])) == 40


def test_a_write_that_broke_off_after_the_scores_is_repeated_whole():
    with clickhouse() as store:
        engine().command("ALTER TABLE events ADD CONSTRAINT nothing CHECK 0")
        with pytest.raises(RowsRejected):
            add_events(store, event(1), scores=[score(1)])
        engine().command("ALTER TABLE events DROP CONSTRAINT nothing")

        assert add_events(store, event(1), scores=[score(1, score=0.5)]) == {event_id(1)}
        assert store.scores([event_id(1)])["score"].to_pylist() == [0.5]


def _fill(store, stored):
    chance = random.Random(1)
    for number in range(100):
        add_events(store, event(number, response=chance.randbytes(1_000_000).hex()))
        stored.append(number)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="Only root can mount a small disk.")
def test_a_full_disk_is_reported_and_loses_nothing(tmp_path):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", tmp_path], check=True)
    try:
        with ClickHouseServer(tmp_path) as server:
            store, stored = ClickHouseStore(server.url), []
            store.prepare()
            with pytest.raises(StoreUnavailable, match="The disk of ClickHouse at .* is full. Free some space"):
                _fill(store, stored)
            assert len(stored) > 2
            assert found(store) == stored[::-1]
    finally:
        subprocess.run(["umount", "--lazy", tmp_path], check=True)
        shutil.rmtree(tmp_path, ignore_errors=True)
