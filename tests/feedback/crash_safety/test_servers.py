"""With Valkey full or away, or both servers away, clients wait or are served the direct way, and nothing is lost."""

import pytest

from tests.feedback.crash_safety.clients import Client
from tests.feedback.crash_safety.comparison import assert_stored_once
from tests.servers.installation import POSTGRES, VALKEY, WRITER, until

pytestmark = pytest.mark.slow


@pytest.fixture
def client(installation, request):
    client = Client(installation.port, installation.key, request.node.name.removeprefix("test_"))
    yield client
    client.close()


def test_a_full_valkey_asks_clients_to_come_back_until_it_is_emptied(installation, client):
    installation.stop(WRITER)
    client.send_round()
    used = installation.stream.info("memory")["used_memory"]
    installation.stream.config_set("maxmemory", used + 200_000)
    try:
        while (refused := client.attempt("events", client.events(20))) is None:
            pass
        full = installation.entries()
        installation.launch(WRITER)
        client.send_round()
        installation.drain()
    finally:
        installation.stream.config_set("maxmemory", 0)
    until(lambda: installation.is_ready(WRITER))

    assert (refused.status, refused.retry_after) == (429, "5")
    assert "backlog_full" in refused.body
    assert full > 2
    assert_stored_once(installation, client.deployment, client.sent)


def test_with_valkey_killed_events_go_straight_into_the_database(installation, client):
    installation.stop(WRITER)
    client.send_round()
    installation.kill(VALKEY)
    client.send_round()
    stored = installation.query("SELECT count(*)::int FROM feedback_event WHERE deployment_id = %s", client.deployment)
    installation.start(VALKEY)
    entries = installation.entries()
    client.send_round()
    installation.start(WRITER)
    installation.drain()

    assert stored == [(20,)]
    assert entries == 3
    assert_stored_once(installation, client.deployment, client.sent)


def test_with_both_servers_killed_nothing_is_accepted(installation, client):
    client.send_round()
    installation.drain()
    installation.kill(VALKEY)
    installation.kill(POSTGRES)
    refused = client.attempt("events", client.events(1))
    installation.start(VALKEY, POSTGRES)
    installation.drain()

    assert (refused.status, refused.retry_after) == (503, "5")
    assert_stored_once(installation, client.deployment, client.sent)
