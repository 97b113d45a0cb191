"""Processes are killed under load, in any order; then what was accepted is compared with what is stored."""

import time
from random import Random

import pytest

from tests.feedback.crash_safety.clients import Client, at_work
from tests.feedback.crash_safety.comparison import assert_stored_once
from tests.servers.installation import POSTGRES, SECOND_WRITER, VALKEY, WEB, WRITER, until

pytestmark = pytest.mark.slow

WEB_WORKER = "web worker"
SEED = 20260504


def clients_of(installation, deployment, n=4):
    return [Client(installation.port, installation.key, deployment, seed) for seed in range(n)]


def test_killed_one_by_one_nothing_is_lost_and_nothing_doubled(installation):
    rng = Random(SEED)
    parts = [WEB_WORKER, WEB, WRITER, SECOND_WRITER, VALKEY, POSTGRES]
    rng.shuffle(parts)
    installation.start(SECOND_WRITER)

    with at_work(clients_of(installation, "one-by-one")) as load:
        for part in parts:
            load.wait_for_receipts(10)
            if part == WEB_WORKER:
                installation.kill_a_web_worker()
                continue
            installation.kill(part)
            time.sleep(rng.uniform(0, 1))
            installation.start(part)
        load.wait_for_receipts(10)
        sent = load.finish()
    installation.drain()
    installation.stop(SECOND_WRITER)

    assert_stored_once(installation, "one-by-one", sent)


def test_killed_all_together_nothing_is_lost_and_nothing_doubled(installation):
    rng = Random(SEED)
    parts = [WEB, WRITER, VALKEY, POSTGRES]

    with at_work(clients_of(installation, "all-together")) as load:
        load.wait_for_receipts(20)
        for part in rng.sample(parts, len(parts)):
            installation.kill(part)
            time.sleep(rng.uniform(0, 0.3))
        for part in rng.sample(parts, len(parts)):
            installation.launch(part)
            time.sleep(rng.uniform(0, 0.3))
        until(lambda: all(installation.is_ready(part) for part in parts))
        load.wait_for_receipts(10)
        sent = load.finish()
    installation.drain()

    assert_stored_once(installation, "all-together", sent)
