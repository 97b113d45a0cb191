import json
import time
from collections import Counter

import pytest
from django.db.models import Sum

from feedback import valkey
from feedback.choices import ItemKind
from feedback.ingestion import accept, ledger, stream, writers
from feedback.ingestion.parsing.bodies import RawItem
from feedback.models import Event, IngestBatch, QualityScore
from tests.feedback.rollups.rolled_up import figures
from tests.servers.processes import manage

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TOTAL, BATCH = 10_000, 100


def send(total):
    receipts = []
    for start in range(0, total, BATCH):
        bodies = [
            {"deployment_id": f"d{n % 3}", "prompt": f"Question {n}?", "response": f"Answer number {n} of many."}
            for n in range(start, start + BATCH)
        ]
        items = [RawItem(place, json.dumps(body).encode()) for place, body in enumerate(bodies)]
        receipts.append(accept.accept(items, ItemKind.EVENT))
    return receipts


def wait_until(holds, seconds=60):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_a_killed_writer_loses_and_doubles_nothing():
    valkey.client().flushdb()
    receipts = send(TOTAL)

    with manage("run_writer") as first:
        wait_until(lambda: 0 < Event.objects.count() < TOTAL)
        first.kill()
        first.wait()
    stored_at_death = Event.objects.count()
    with manage("run_writer") as second:
        wait_until(lambda: stream.backlog().entries == 0)
        second.terminate()
        assert second.wait(timeout=30) == 0

    assert 0 < stored_at_death < TOTAL
    ids = Counter(str(event_id) for event_id in Event.objects.values_list("id", flat=True))
    assert ids == Counter(event_id for receipt in receipts for event_id in receipt.ids)
    assert QualityScore.objects.count() == TOTAL
    sums = IngestBatch.objects.aggregate(*[Sum(name) for name in ledger.COUNTS])
    assert sums == {"accepted__sum": TOTAL, "stored__sum": TOTAL} | {
        f"{name}__sum": 0 for name in ("duplicate", "sampled_out", "rejected", "invalid")
    }
    assert figures()["quality"][0] == TOTAL
    assert {ledger.counts_of(receipt.batch_id).pending for receipt in receipts} == {0}


def test_two_writers_share_the_work_and_a_stopped_one_flushes():
    valkey.client().flushdb()
    with manage("run_writer") as first, manage("run_writer") as second:
        wait_until(lambda: len(writers.writers_alive()) == 2)
        send(2_000)
        first.terminate()
        assert first.wait(timeout=30) == 0
        wait_until(lambda: stream.backlog().entries == 0)
        alive = writers.writers_alive()
        second.terminate()
        second.wait(timeout=30)

    assert len(alive) == 1
    assert Event.objects.count() == 2_000
    assert writers.writers_alive() == []
