import json
import uuid

import pytest

from feedback import valkey
from feedback.ingestion import stream
from feedback.models import Event, Signal
from tests.factories import EventFactory

SIGNALS = "/api/v1/signals"


def send(api, *signals):
    return api.post(SIGNALS, {"signals": list(signals)}, format="json")


def live(event_id):
    return sorted(Signal.objects.live().filter(event_id=event_id).values_list("type", flat=True))


@pytest.mark.parametrize("kind", ["thumbs_up", "thumbs_down", "regenerate", "edit", "copy", "share", "report"])
def test_every_type_attaches_to_its_event(api, write_all, kind):
    event = EventFactory()
    signal = {"event_id": str(event.pk), "type": kind, "comment": "from ann@example.com", "value": 1}
    if kind == "edit":
        signal["edited_response"] = "Ask ann@example.com."

    answer = api.post(SIGNALS, signal, format="json")
    write_all()

    assert answer.status_code == 202
    (stored,) = api.get(f"/api/v1/events/{event.pk}").json()["signals"]
    assert (stored["type"], stored["live"], stored["comment"], stored["value"]) == (kind, True, "from [EMAIL]", 1)
    assert stored["edited_response"] == ("Ask [EMAIL]." if kind == "edit" else None)
    assert Signal.objects.get().deployment_id == event.deployment_id


def test_a_signal_before_its_event_waits_and_attaches(api, write_all):
    event_id = str(uuid.uuid4())

    answer = send(api, {"event_id": event_id, "type": "thumbs_up"})
    write_all()
    waiting = Signal.objects.waiting().count()
    event = {"id": event_id, "deployment_id": "helpdesk", "prompt": "Hello?", "response": "Hello."}
    api.post("/api/v1/events", event, format="json")
    write_all()

    assert (answer.status_code, waiting) == (202, 1)
    signal = Signal.objects.get()
    assert (signal.waiting, signal.deployment_id) == (False, "helpdesk")


@pytest.mark.parametrize("signal_first", [True, False])
def test_an_external_id_finds_the_event_of_its_deployment(api, write_all, signal_first):
    signal = {"external_id": "request-7", "deployment_id": "helpdesk", "type": "copy"}
    event = {"external_id": "request-7", "deployment_id": "helpdesk", "prompt": "Hello?", "response": "Hello."}
    sends = [lambda: send(api, signal), lambda: api.post("/api/v1/events", event, format="json")]

    for one in sends if signal_first else reversed(sends):
        one()
        write_all()
    api.post("/api/v1/events", event | {"deployment_id": "other"}, format="json")
    write_all()

    attached = Signal.objects.get()
    assert (attached.event_id, attached.waiting, attached.live) == (
        Event.objects.get(deployment_id="helpdesk").pk,
        False,
        True,
    )


def test_the_last_signal_of_a_slot_is_live_and_history_is_kept(api, write_all):
    event = EventFactory()
    target = {"event_id": str(event.pk)}
    ann, bob = target | {"user_id": "ann"}, target | {"user_id": "bob"}

    send(api, ann | {"type": "thumbs_up"}, ann | {"type": "thumbs_down"}, bob | {"type": "thumbs_up"})
    send(api, ann | {"type": "copy"}, target | {"type": "thumbs_up"}, target | {"type": "thumbs_down"})
    write_all()

    assert live(event.pk) == ["copy", "thumbs_down", "thumbs_down", "thumbs_up"]
    assert Signal.objects.count() == 6


def test_a_late_older_signal_does_not_replace_a_newer_one(api, write_all):
    event = EventFactory()
    for kind, moment in (("thumbs_down", "2026-05-05T10:00:00Z"), ("thumbs_up", "2026-05-05T09:00:00Z")):
        send(api, {"event_id": str(event.pk), "type": kind, "user_id": "ann", "occurred_at": moment})
        write_all()

    assert live(event.pk) == ["thumbs_down"]


REFUSED = {
    "unknown type": ({"type": "love"}, "type", "invalid"),
    "no target": ({"event_id": None}, "event_id", "required"),
    "external id alone": ({"event_id": None, "external_id": "r"}, "event_id", "required"),
    "edit without text": ({"type": "edit"}, "edited_response", "required"),
    "edit with blank text": ({"type": "edit", "edited_response": " \n"}, "edited_response", "required"),
    "text without edit": ({"edited_response": "x"}, "edited_response", "invalid"),
    "unknown field": ({"stars": 5}, "stars", "unknown_field"),
    "no UUID": ({"event_id": "seven"}, "event_id", "invalid"),
    "long value": ({"value": "x" * 70_000}, "value", "too_long"),
}


@pytest.mark.parametrize(("change", "field", "code"), REFUSED.values(), ids=REFUSED)
def test_a_bad_signal_is_named_and_the_good_one_is_stored(api, write_all, change, field, code):
    good = {"event_id": str(EventFactory().pk), "type": "copy"}

    answer = send(api, good | change, good)
    write_all()

    assert answer.status_code == 207
    (rejected,) = answer.json()["rejected"]
    assert (rejected["index"], rejected["errors"][0]["field"], rejected["errors"][0]["code"]) == (0, field, code)
    assert Signal.objects.count() == 1


def test_no_personal_data_of_a_signal_reaches_the_stream(api, write_all):
    signal = {
        "event_id": str(uuid.uuid4()),
        "type": "edit",
        "edited_response": "ann@example.com",
        "comment": "555-123-4567",
        "value": "4111 1111 1111 1111",
        "metadata": {"ann@example.com": 1},
        "user_id": "patient-77",
    }

    send(api, signal)

    entry = valkey.client().xrange(stream.STREAM)[0][1][b"payload"]
    found = [text for text in ("ann@", "555-123", "4111 1111", "patient-77") if text.encode() in entry]
    assert found == []
    assert json.dumps(signal).count("ann@") == 2


def test_the_same_signal_twice_is_one(api, write_all):
    signal = {"id": str(uuid.uuid4()), "event_id": str(EventFactory().pk), "type": "copy"}
    for _ in range(2):
        send(api, signal)
        write_all()

    assert Signal.objects.count() == 1
