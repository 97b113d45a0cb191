"""What a writer holds when it dies, hangs or is stopped, or when its database is away or refuses, is written once."""

import os
import signal
from contextlib import contextmanager

import psycopg
import pytest

from config.embedded.servers import postgres
from tests.feedback.crash_safety.clients import Client
from tests.feedback.crash_safety.comparison import assert_stored_once
from tests.servers.installation import POSTGRES, SECOND_WRITER, WRITER, until

pytestmark = pytest.mark.slow
ORDER = "SELECT batch_id::text FROM feedback_ingestbatch WHERE deployment_id = %s ORDER BY id"
HELD_UP = "SELECT count(*)::int FROM pg_locks WHERE NOT granted AND relation = 'feedback_ingestbatch'::regclass"


@pytest.fixture
def client(installation, request):
    deployment = request.node.name.removeprefix("test_")
    client = Client(installation.port, installation.key, deployment)
    yield client
    client.close()


@contextmanager
def writers_held_up(installation):
    """Let writers read and begin a transaction, in which they wait until the block ends."""
    with psycopg.connect(postgres.url(installation.home)) as connection:
        connection.execute("LOCK TABLE feedback_ingestbatch IN EXCLUSIVE MODE")
        yield


def send_and_let_it_be_read(installation, client):
    """Send rounds; return the process number of the writer that holds some of them and waits for the database."""
    pid = installation.running[WRITER].pid
    for _ in range(3):
        client.send_round()
    until(lambda: installation.query(HELD_UP) == [(1,)])
    return pid


def test_entries_of_a_killed_writer_are_claimed(installation, client):
    with writers_held_up(installation):
        pid = send_and_let_it_be_read(installation, client)
        installation.kill(WRITER)
        held = installation.held_by(pid)

    installation.let_heartbeat_lapse(pid)
    installation.start(WRITER)
    client.send_round()
    installation.drain()

    assert held > 0
    assert_stored_once(installation, client.deployment, client.sent)


def test_a_writer_that_hangs_and_wakes_up_doubles_nothing(installation, client):
    with writers_held_up(installation):
        pid = send_and_let_it_be_read(installation, client)
        installation.pause(WRITER)
    installation.start(SECOND_WRITER)
    installation.let_heartbeat_lapse(pid)
    installation.drain()

    installation.go_on(WRITER)
    client.send_round()
    until(lambda: installation.is_ready(WRITER))
    installation.stop(SECOND_WRITER)
    client.send_round()
    installation.drain()

    assert installation.running[WRITER].pid == pid
    assert_stored_once(installation, client.deployment, client.sent)


def test_a_database_that_is_down_stops_the_writer_and_loses_and_reorders_nothing(installation, client):
    client.send_round()
    installation.drain()
    pid, said = installation.running[WRITER].pid, installation.log(WRITER).count("event=database_away")

    installation.kill(POSTGRES)
    for _ in range(20):
        client.send_events(5)
    until(lambda: installation.log(WRITER).count("event=database_away") >= said + 6)
    entries = installation.entries()
    installation.start(POSTGRES)
    installation.drain()

    assert entries == 20
    assert (installation.running[WRITER].pid, installation.running[WRITER].poll()) == (pid, None)
    written = [row[0] for row in installation.query(ORDER, client.deployment)]
    assert written[2:] == [receipt["batch_id"] for receipt in client.sent.receipts[2:]]
    assert_stored_once(installation, client.deployment, client.sent)


def test_a_stopped_writer_writes_what_it_holds(installation, client):
    with writers_held_up(installation):
        pid = send_and_let_it_be_read(installation, client)
        held, entries = installation.held_by(pid), installation.entries()
        os.kill(pid, signal.SIGTERM)

    assert installation.running.pop(WRITER).wait(timeout=30) == 0
    assert installation.entries() == entries - held
    installation.start(WRITER)
    installation.drain()
    assert_stored_once(installation, client.deployment, client.sent)


def test_a_writer_stopped_without_a_database_leaves_what_it_holds_to_the_next(installation, client):
    client.send_round()
    installation.drain()
    installation.kill(POSTGRES)
    client.send_events(5)
    until(lambda: installation.held_by(installation.running[WRITER].pid) == 1)

    status = installation.stop(WRITER)
    entries = installation.entries()
    installation.start(POSTGRES, WRITER)
    installation.drain()

    assert (status, entries) == (0, 1)
    assert_stored_once(installation, client.deployment, client.sent)


def test_only_the_item_that_the_database_rejects_is_set_aside(installation, client):
    poison = "CHECK (prompt <> 'Question 13?') NOT VALID"
    installation.query(f"ALTER TABLE feedback_event ADD CONSTRAINT poison {poison}")
    try:
        with writers_held_up(installation):
            client.send_events(20)
            client.send_events(20)
        installation.drain()
    finally:
        installation.query("ALTER TABLE feedback_event DROP CONSTRAINT poison")

    refused = installation.query(
        "SELECT batch_id::text, payload->>'prompt' FROM feedback_rejecteditem WHERE deployment_id = %s",
        client.deployment,
    )
    first, second = (receipt["batch_id"] for receipt in client.sent.receipts)
    counts = {batch_id: client.get(f"/api/v1/batches/{batch_id}") for batch_id in (first, second)}
    stored = installation.query("SELECT prompt FROM feedback_event WHERE deployment_id = %s", client.deployment)
    assert refused == [(first, "Question 13?")]
    assert {row[0] for row in stored} == {f"Question {n}?" for n in range(40) if n != 13}
    assert len(stored) == 39
    assert [(counts[b]["stored"], counts[b]["rejected"], counts[b]["pending"]) for b in (first, second)] == [
        (19, 1, 0),
        (20, 0, 0),
    ]
