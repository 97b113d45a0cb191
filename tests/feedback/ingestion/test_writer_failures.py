import uuid

import pytest
import redis
from django.db import OperationalError

from feedback import valkey
from feedback.choices import ItemKind
from feedback.ingestion import stream, writers
from feedback.ingestion.writing import entries as writing
from feedback.ingestion.writing.writer import Writer
from feedback.models import Event, IngestBatch

EVENT = {"deployment_id": "helpdesk", "prompt": "How do I reset it?", "response": "Open the settings and follow it."}


def send(api, n=1):
    for _ in range(n):
        assert api.post("/api/v1/events", EVENT, format="json").status_code == 202


def run_until_empty(writer):
    """Run a writer as its process does, until nothing waits."""
    step = writer.step

    def step_and_check():
        step()
        writer.stopping = not stream.backlog().entries

    writer.step = step_and_check
    writer.run()


def failing_once(monkeypatch, module, name, error, *, at_call=1):
    calls = []
    real = getattr(module, name)

    def wrapper(*args, **options):
        calls.append(name)
        if len(calls) == at_call:
            raise error
        return real(*args, **options)

    monkeypatch.setattr(module, name, wrapper)
    return calls


@pytest.mark.parametrize(("module", "call"), [(stream, "read"), (stream, "acknowledge"), (writers, "beat")])
def test_what_a_writer_holds_survives_a_failure_of_the_stream(api, write_all, monkeypatch, module, call):
    send(api, 3)
    calls = failing_once(monkeypatch, module, call, redis.ConnectionError("gone"), at_call=2 if call == "read" else 1)

    run_until_empty(Writer())

    assert len(calls) > 1
    assert Event.objects.count() == 3
    assert valkey.client().xpending(stream.STREAM, stream.GROUP)["pending"] == 0
    assert set(IngestBatch.objects.values_list("accepted", "stored")) == {(1, 1)}


def test_a_writer_goes_on_after_the_stream_was_emptied_under_it(api, write_all):
    writer = Writer()
    valkey.client().flushdb()
    send(api)

    run_until_empty(writer)

    assert Event.objects.count() == 1


def test_a_server_without_memory_is_emptied(api, write_all, monkeypatch):
    send(api, 2)

    def refused(consumer):
        raise redis.OutOfMemoryError("command not allowed")

    monkeypatch.setattr(writers, "beat", refused)
    run_until_empty(Writer())

    assert Event.objects.count() == 2


def test_without_memory_clients_are_asked_to_come_back(api, write_all, monkeypatch):
    def refused(self, **_):
        raise redis.OutOfMemoryError("command not allowed")

    monkeypatch.setattr(redis.commands.core.Script, "__call__", refused)
    answer = api.post("/api/v1/events", EVENT, format="json")

    assert (answer.status_code, answer["Retry-After"]) == (429, "5")


def test_the_database_is_waited_for(api, write_all, monkeypatch):
    send(api)
    calls = failing_once(monkeypatch, writing, "write", OperationalError("gone"))
    monkeypatch.setattr("feedback.ingestion.writing.writer.connection.close", lambda: None)

    run_until_empty(Writer())

    assert len(calls) == 2
    assert Event.objects.count() == 1


def test_an_entry_without_rows_and_an_unreadable_one_stop_nothing(api, write_all):
    empty = stream.Entry(uuid.uuid4(), ItemKind.EVENT, [], {}, 0.0)
    valkey.client().xadd(stream.STREAM, {"batch": empty.batch_id.bytes, "payload": stream.encode(empty)})
    valkey.client().xadd(stream.STREAM, {"batch": b"?", "payload": b"?"})
    send(api)
    writer = Writer()

    for _ in range(5):
        writer.step()

    assert Event.objects.count() == 1
    assert stream.backlog().entries == 1


def test_a_batch_stays_near_its_bound(api, write_all, settings):
    settings.INGEST_MAX_BATCH = 20
    settings.INGEST_FLUSH_SECONDS = 5
    send(api, 30)
    api.post("/api/v1/events", {"events": [EVENT] * 10}, format="json")

    entries = Writer().step()

    assert 20 <= entries <= 30
    assert Event.objects.count() == entries


def test_a_writer_without_heartbeat_keeps_what_it_reads_while_another_claims_from_dead_writers(
    api, write_all, monkeypatch
):
    slow, other = Writer(), Writer()
    stream.read(slow.name, count=1, block_ms=1)
    looked = valkey.client().xpending_range

    def looked_and_then_read(*args, **options):
        found = looked(*args, **options)
        send(api)
        stream.read(slow.name, count=1, block_ms=1)
        return found

    monkeypatch.setattr(valkey.client(), "xpending_range", looked_and_then_read)
    stream.claim_from_dead_writers(other.name)
    monkeypatch.undo()
    run_until_empty(slow)

    assert Event.objects.count() == 1
    assert stream.backlog().entries == 0
