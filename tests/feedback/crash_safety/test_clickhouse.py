"""With events in ClickHouse and the ledger in PostgreSQL, processes are killed between the two, under load."""

import time
from random import Random

import pytest

from tests.feedback.crash_safety.clients import Client, at_work
from tests.feedback.crash_safety.comparison import COUNTED, LEDGER, OWN_SCORES_ROLLED_UP, ROLLED_UP, WAITING_SCORES
from tests.servers.clickhouse_server import ClickHouseServer
from tests.servers.installation import POSTGRES, SECOND_WRITER, WRITER, installation

pytestmark = pytest.mark.slow

CLICKHOUSE = "clickhouse"
DEPLOYMENT = "outside"
SEED = 20260504


@pytest.fixture(scope="module")
def clickhouse(tmp_path_factory):
    with ClickHouseServer(tmp_path_factory.mktemp("clickhouse")) as server:
        yield server


@pytest.fixture(scope="module")
def outside(tmp_path_factory, clickhouse):
    """An installation whose events are in ClickHouse."""
    settings = {"EVENT_STORE": "clickhouse", "CLICKHOUSE_URL": clickhouse.url}
    with installation(tmp_path_factory.mktemp("outside"), settings=settings) as running:
        yield running


def test_whatever_is_killed_everything_is_stored_and_counted_once(outside, clickhouse):
    rng = Random(SEED)
    outside.start(SECOND_WRITER)

    with at_work([Client(outside.port, outside.key, DEPLOYMENT, seed) for seed in range(3)]) as load:
        for part in (WRITER, CLICKHOUSE, SECOND_WRITER, POSTGRES, WRITER):
            load.wait_for_receipts(10)
            if part == CLICKHOUSE:
                clickhouse.kill()
                time.sleep(rng.uniform(0, 1))
                clickhouse.start()
                continue
            outside.kill(part)
            time.sleep(rng.uniform(0, 1))
            outside.start(part)
        load.wait_for_receipts(10)
        sent = load.finish()
    outside.drain()

    events, signals = (clickhouse.ids(f"{kind}s", DEPLOYMENT) for kind in ("event", "signal"))
    assert sent.unexpected == []
    assert (len(events), set(events)) == (len(sent.events), sent.events)
    assert (len(signals), set(signals)) == (len(sent.signals), sent.signals)
    assert set(clickhouse.ids("signals", DEPLOYMENT, live=True)) == set(sent.live.values())
    scores = dict(outside.query(COUNTED, DEPLOYMENT))["score"]
    assert outside.query(LEDGER, DEPLOYMENT) == [(0, len(events) + len(signals) + scores, 0, 0, 0)]
    assert outside.query(OWN_SCORES_ROLLED_UP, DEPLOYMENT) == [(len(sent.scores),)]
    assert outside.query(WAITING_SCORES, DEPLOYMENT) == [(0,)]
    assert outside.query("SELECT count(*)::int FROM feedback_scoreclaim") == [(0,)]
    assert outside.query(ROLLED_UP, DEPLOYMENT) == [(len(events),)]
    assert outside.query("SELECT count(*)::int FROM feedback_storeclaim") == [(0,)]
