"""Folders and readers at once: nothing is folded twice, and no reader sees more or less than there is."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event

import pytest
from django.db import connection

from feedback.choices import Metric
from feedback.models import Rollup, RollupDelta
from feedback.rollups import folding, reading
from tests.feedback.factories import roll_up

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = datetime(2026, 5, 4, 12, tzinfo=UTC)
DELTAS = 60


def in_threads(*works):
    def run(work):
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, work) for work in works]]


def events_now():
    window = reading.window(HOUR, HOUR + timedelta(hours=1), "helpdesk")
    return reading.histograms(window, [reading.EVENTS])[reading.EVENTS].n


def test_of_two_folders_at_once_each_delta_is_folded_by_one(monkeypatch):
    monkeypatch.setattr(folding, "DELTAS_AT_ONCE", 7)
    for _ in range(DELTAS):
        roll_up(hour_at=HOUR, n=2)
    together = Barrier(2)

    def fold():
        together.wait()
        return folding.fold()

    folded = in_threads(fold, fold)

    folding.fold()
    assert sum(folded) <= DELTAS
    assert (RollupDelta.objects.count(), Rollup.objects.count()) == (0, 2)
    assert events_now() == 2 * DELTAS


def test_readers_see_the_same_while_deltas_are_folded(monkeypatch):
    monkeypatch.setattr(folding, "DELTAS_AT_ONCE", 3)
    for _ in range(DELTAS):
        roll_up(hour_at=HOUR, n=1)
    done = Event()

    def fold():
        try:
            return folding.fold()
        finally:
            done.set()

    def read():
        seen = {events_now()}
        while not done.is_set():
            seen.add(events_now())
        return seen

    folded, seen, others = in_threads(fold, read, read)

    assert (folded, seen | others) == (DELTAS, {DELTAS})


def test_a_fold_that_fails_leaves_everything_as_it_was(monkeypatch):
    roll_up(hour_at=HOUR, n=3, metric=Metric.RESPONSE_LENGTH)
    monkeypatch.setattr(folding.users, "save", lambda sketches: (_ for _ in ()).throw(OSError(uuid.uuid4())))

    with pytest.raises(OSError, match="-"):
        folding.fold()

    assert (RollupDelta.objects.count(), Rollup.objects.count(), events_now()) == (1, 0, 3)
    monkeypatch.undo()
    assert (folding.fold(), events_now()) == (1, 3)
