"""A store that shares no transaction with the ledger: whatever fails in between, everything is counted once."""

import uuid
from datetime import UTC, datetime
from unittest.mock import Mock

import pytest

from feedback import stores, valkey
from feedback.choices import Metric
from feedback.hashing import hash_person
from feedback.ingestion import stream
from feedback.ingestion.writing import appending, bookkeeping, counting, entries
from feedback.models import IngestBatch, RejectedItem, StoreClaim
from feedback.removal import erasing
from feedback.rollups.reading import EVENTS, histograms, sums_by
from feedback.rollups.rows import RollupWindow
from feedback.stores.base import EventFilter, RowsRejected, SignalFilter

EVER = RollupWindow(datetime(2020, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC))
COUNTS = ("accepted", "stored", "duplicate", "sampled_out", "rejected")


def events_in_rollups():
    return sum(sums.n for sums in sums_by(EVER, [EVENTS], ["deployment_id"]))


@pytest.fixture
def store(settings):
    settings.EVENT_STORE = "memory"
    stores.event_store.cache_clear()
    yield stores.event_store()
    stores.event_store.cache_clear()


def event(number, **fields):
    return {
        "id": str(uuid.UUID(int=number)),
        "deployment_id": "helpdesk",
        "prompt": f"Question {number}?",
        "response": "Open the settings page and follow the link.",
        **fields,
    }


def send(api, *numbers, **fields):
    answer = api.post("/api/v1/events", {"events": [event(number, **fields) for number in numbers]}, format="json")
    assert answer.status_code == 202
    return answer.data["batch_id"]


def signal(api, number, kind, **fields):
    sent = {"event_id": str(uuid.UUID(int=number)), "type": kind, "user_id": "maria", **fields}
    assert api.post("/api/v1/signals", {"signals": [sent]}, format="json").status_code == 202


def ledger(batch_id):
    return IngestBatch.objects.values_list(*COUNTS).get(batch_id=batch_id)


def waiting_entries():
    """What a writer would read."""
    found = valkey.client().xrange(stream.STREAM)
    return [stream.decode(stream_id.decode(), fields) for stream_id, fields in found]


def die(monkeypatch, module, name, *, after=False):
    """Write what waits, in a process that dies where it calls a function: before or after that does its work."""
    real = getattr(module, name)

    def last_call(*args, **options):
        if after:
            real(*args, **options)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(module, name, last_call)
        with pytest.raises(Killed):
            entries.write(waiting_entries())


class Killed(Exception):
    pass


CRASHES = {
    "before the store has anything": (appending, "append", False),
    "when the store has everything": (appending, "append", True),
    "before the ledger is opened": (bookkeeping, "open_batches", False),
    "before the counts are written": (counting, "count", False),
    "before the ledger is closed": (bookkeeping, "close_batches", False),
    "before the transaction ends": (bookkeeping, "close_batches", True),
}


@pytest.mark.parametrize("crash", CRASHES.values(), ids=CRASHES)
def test_a_batch_that_comes_again_after_a_crash_has_the_same_counts(api, write_all, store, monkeypatch, crash):
    first = send(api, 1, 2)
    write_all()
    second = send(api, 2, 3, 4)
    signal(api, 1, "thumbs_up")
    signal(api, 3, "thumbs_down")
    module, name, after = crash

    die(monkeypatch, module, name, after=after)
    write_all()

    assert (ledger(first), ledger(second)) == ((2, 2, 0, 0, 0), (3, 2, 1, 0, 0))
    assert (store.count(EventFilter()), store.count_signals(SignalFilter())) == (4, 2)
    assert events_in_rollups() == 4
    assert not StoreClaim.objects.exists()


def test_an_id_that_a_dying_request_brings_is_a_duplicate_of_the_next(api, write_all, store, monkeypatch):
    dying = send(api, 1, 2)
    die(monkeypatch, appending, "append", after=True)
    [entry] = waiting_entries()
    other = send(api, 2, 3)
    entries.write([later for later in waiting_entries() if later.batch_id != entry.batch_id])

    write_all()

    assert (ledger(other), ledger(dying)) == ((2, 1, 1, 0, 0), (2, 2, 0, 0, 0))
    assert store.count(EventFilter()) == 3


def test_the_same_id_with_another_time_and_deployment_stays_one_event(api, write_all, store):
    send(api, 1)
    write_all()
    again = send(api, 1, occurred_at="2026-01-01T00:00:00Z")
    write_all()

    assert ledger(again) == (1, 0, 1, 0, 0)
    assert store.count(EventFilter()) == 1


def test_an_entry_that_two_writers_write_at_once_is_counted_once(api, write_all, store, monkeypatch):
    batch_id = send(api, 1, 2)
    [entry] = waiting_entries()
    real = appending.append

    def slower(*args):
        real(*args)
        monkeypatch.setattr(appending, "append", real)
        entries.write([entry])

    monkeypatch.setattr(appending, "append", slower)
    entries.write([entry])

    assert ledger(batch_id) == (2, 2, 0, 0, 0)
    assert (store.count(EventFilter()), StoreClaim.objects.count()) == (2, 0)


def test_only_the_item_that_the_store_rejects_is_set_aside(api, write_all, store, monkeypatch):
    batch_id = send(api, 1, 2, 3)
    real = store.append_events

    def picky(events, scores):
        if "Question 2?" in events["prompt"].to_pylist():
            raise RowsRejected("no second question")
        return real(events, scores)

    monkeypatch.setattr(store, "append_events", picky)
    write_all()

    assert ledger(batch_id) == (3, 2, 0, 0, 1)
    assert RejectedItem.objects.get().item_id == uuid.UUID(int=2)
    assert not StoreClaim.objects.exists()


@pytest.mark.parametrize("dies", [True, False])
def test_erasing_subtracts_once_however_often_it_is_begun(api, write_all, store, monkeypatch, dies):
    send(api, 1, 2, user_id="maria")
    send(api, 3)
    write_all()
    marias = [hash_person("maria")]
    if dies:
        with monkeypatch.context() as patched:
            patched.setattr(store, "remove_events", Mock(side_effect=Killed))
            with pytest.raises(Killed):
                erasing.erase_some(marias)

    while erasing.erase_some(marias).more:
        pass

    assert store.scan(EventFilter(), ["id"]).read_all()["id"].to_pylist() == [str(uuid.UUID(int=3))]
    assert events_in_rollups() == 1
    assert not StoreClaim.objects.exists()


@pytest.mark.parametrize("dies", [True, False])
def test_erasing_signals_subtracts_once_however_often_it_is_begun(api, write_all, store, monkeypatch, dies):
    send(api, 1)
    signal(api, 1, "thumbs_up")
    signal(api, 1, "thumbs_up", user_id="otto")
    write_all()
    marias = [hash_person("maria")]
    if dies:
        with monkeypatch.context() as patched:
            patched.setattr(store, "remove_signals", Mock(side_effect=Killed))
            with pytest.raises(Killed):
                erasing.erase_some(marias)

    while erasing.erase_some(marias).more:
        pass

    [left] = store.scan_signals(SignalFilter(), ["user_hash"]).read_all()["user_hash"].to_pylist()
    assert left == hash_person("otto")
    assert histograms(EVER, [Metric.SIGNAL])[Metric.SIGNAL].counts == {"thumbs_up": 1}
    assert not StoreClaim.objects.exists()
