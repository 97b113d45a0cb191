"""Events and signals from Python and from commands: what is stored, and what is rejected."""

import json
import threading
import uuid

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from exports.crucible import InvalidItem, log_inference, record_signal, record_user_edit
from feedback.ingestion import stream
from feedback.ingestion.writing.writer import Writer
from feedback.models import Event, Signal

EVENT = {
    "deployment_id": "deploy-1",
    "model_version_id": "model-1",
    "user_id": "user-123",
    "prompt": "What is 2+2?",
    "response": "4",
    "latency_ms": 120,
    "token_count": 42,
    "metadata": {"source": "api"},
}


def command(capsys, *arguments, **options):
    call_command(*arguments, **options)
    return capsys.readouterr().out.strip()


def test_the_id_of_an_event_leads_to_it(api, write_all):
    event_id = log_inference(EVENT)
    write_all()

    shown = api.get(f"/api/v1/events/{event_id}").json()
    assert {name: shown[name] for name in EVENT if name != "user_id"} == {
        name: value for name, value in EVENT.items() if name != "user_id"
    }
    assert shown["user_hash"] not in ("", "user-123")


def test_function_call_and_command_store_the_same_event(api, write_all, capsys):
    ids = [str(uuid.UUID(int=number)) for number in (1, 2, 3)]

    assert log_inference(EVENT | {"id": ids[0]}) == ids[0]
    assert api.post("/api/v1/events", EVENT | {"id": ids[1]}, format="json").json()["ids"] == [ids[1]]
    assert command(capsys, "log_inference", json.dumps(EVENT | {"id": ids[2]})) == ids[2]
    write_all()

    # All but what names one event, or its time.
    own = {"id", "occurred_at", "received_at", "batch_id", "quality"}
    shown = [api.get(f"/api/v1/events/{event_id}").json() for event_id in ids]
    assert len({json.dumps({name: one[name] for name in one if name not in own}) for one in shown}) == 1


def test_the_same_event_with_the_same_id_is_stored_once(write_all, db):
    event = EVENT | {"id": uuid.uuid4()}

    assert log_inference(event) == log_inference(event) == str(event["id"])
    write_all()

    assert Event.objects.count() == 1


def test_an_empty_answer_is_logged(write_all, db):
    log_inference(EVENT | {"response": ""})
    write_all()

    assert Event.objects.get().quality_score == 0.0


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"deployment_id": None}, ["deployment_id"]),
        ({"prompt": "  "}, ["prompt"]),
        ({"latency_ms": -1}, ["latency_ms"]),
        ({"quality_score": 7.5}, ["quality_score.value"]),
        ({"sourse": "api"}, ["sourse"]),
    ],
)
def test_an_invalid_event_is_an_error_that_names_the_field(write_all, fields, errors):
    event = {name: value for name, value in {**EVENT, **fields}.items() if value is not None}

    with pytest.raises(InvalidItem) as error:
        log_inference(event)
    with pytest.raises(CommandError, match=str(error.value).replace("(", r"\(").replace(")", r"\)")):
        call_command("log_inference", json.dumps(event))
    write_all()

    assert [one.field for one in error.value.errors] == errors
    assert not Event.objects.exists()


def test_signals_and_edits_are_attached_to_their_event(write_all, db, capsys):
    event_id = log_inference(EVENT)
    write_all()

    up = record_signal(event_id, "thumbs_up", {"source": "ui"}, user_id="ann")
    edit = record_user_edit(event_id, "User edited response", user_id="ann")
    copied = command(capsys, "record_signal", event_id, "copy", "--user-id", "bob", "--metadata", '{"source": "cli"}')
    edited = command(capsys, "record_signal", event_id, "edit", "--edited-response", "It is 4.", "--user-id", "bob")
    write_all()

    assert (up["inference_event_id"], up["signal_type"], edit["signal_type"]) == (event_id, "thumbs_up", "edit")
    found = Signal.objects.order_by("received_at").values_list("pk", "type", "edited_response", "live")
    assert {(str(pk), *facts) for pk, *facts in found} == {
        (up["id"], "thumbs_up", "", True),
        (edit["id"], "edit", "User edited response", True),
        (copied, "copy", "", True),
        (edited, "edit", "It is 4.", True),
    }
    assert {str(signal.event_id) for signal in Signal.objects.all()} == {event_id}
    assert Signal.objects.get(pk=up["id"]).metadata == {"source": "ui"}


def test_a_signal_may_come_before_its_event(write_all, db):
    event_id = str(uuid.uuid4())

    record_signal(event_id, "thumbs_up", {"source": "ui"}, deployment_id="deploy-1")
    write_all()
    log_inference(EVENT | {"id": event_id})
    write_all()

    assert Signal.objects.get().live


def test_an_event_is_named_by_its_external_id_too(write_all, db):
    event_id = log_inference(EVENT | {"external_id": "inference-id"})
    write_all()

    record_signal("inference-id", "thumbs_up", {"source": "ui"}, deployment_id="deploy-1")
    write_all()

    assert str(Signal.objects.get().event_id) == event_id


@pytest.mark.parametrize(
    ("inference_id", "signal_type", "metadata", "field"),
    [
        (uuid.UUID(int=1), "applause", None, "type"),
        (uuid.UUID(int=1), "edit", None, "edited_response"),
        (uuid.UUID(int=1), "rating", None, "value"),
        (uuid.UUID(int=1), "thumbs_up", {"source": "ui"}, "deployment_id"),
        ("inference-id", "thumbs_up", None, "event_id"),
    ],
)
def test_an_invalid_signal_is_an_error_that_names_the_field(write_all, inference_id, signal_type, metadata, field):
    with pytest.raises(InvalidItem) as error:
        record_signal(inference_id, signal_type, metadata)
    write_all()

    assert [one.field for one in error.value.errors] == [field]
    assert not Signal.objects.exists()


@pytest.mark.parametrize("arguments", [["edit"], ["copy", "--edited-response", "x"], ["applause"]])
def test_the_command_rejects_invalid_signals(write_all, arguments):
    with pytest.raises(CommandError):
        call_command("record_signal", str(uuid.uuid4()), *arguments)


@pytest.fixture
def running_writer(transactional_db, write_all):
    """A writer in a thread of its own."""
    done = threading.Event()

    def write():
        writer = Writer()
        while not done.is_set():
            writer.step()
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    yield
    done.set()
    thread.join()


def test_with_wait_the_event_is_stored_when_its_id_is_there(running_writer):
    event_id = log_inference(EVENT, wait=True)

    assert (str(Event.objects.get().pk), stream.backlog().entries) == (event_id, 0)
