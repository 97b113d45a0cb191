"""Feedback.Events of the IR over the API, in and out."""

import uuid

import pytest

from feedback import ir
from feedback.access import keys
from feedback.api import item_examples
from feedback.choices import Scope
from feedback.models import Event, Signal
from tests.factories import EventFactory, SignalFactory, StaffFactory

PATH = "/api/v1/feedback-events"
ANSWER = "Open the settings page."
ASKED = {
    "id": "evt_1",
    "deployment_id": "helpdesk",
    "input": {"prompt": "How do I reset my password?"},
    "output": {"text": ANSWER},
}
REACTION = {"id": "evt_1", "deployment_id": "helpdesk"}


def send(api, *documents):
    return api.post(PATH, {"feedback_events": list(documents)}, format="json")


def exported(api, event_id=None):
    event_id = event_id or Event.objects.get().pk
    return api.get(f"/api/v1/events/{event_id}/feedback-events").json()["results"]


def signals():
    return list(Signal.objects.live().order_by("occurred_at", "pk").values_list("type", "value", "edited_response"))


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        ("thumbs", "up", ("thumbs_up", None, "")),
        ("thumbs", "down", ("thumbs_down", None, "")),
        ("rating", 5, ("rating", 5, "")),
        ("correction", {"original": ANSWER, "corrected": "Ask us."}, ("edit", None, "Ask us.")),
        ("correction", "Ask us.", ("edit", None, "Ask us.")),
        ("edit", {"corrected": "Ask us."}, ("edit", None, "Ask us.")),
        ("label", {"label": "spam", "confidence": 0.95}, ("label", {"label": "spam", "confidence": 0.95}, "")),
        ("flag", {"reason": "rude", "severity": "high"}, ("report", {"reason": "rude", "severity": "high"}, "")),
        ("flag", None, ("report", None, "")),
        ("report", None, ("report", None, "")),
        ("regenerate", None, ("regenerate", None, "")),
        ("copy", 1, ("copy", 1, "")),
        ("share", None, ("share", None, "")),
        ("thumbs_up", None, ("thumbs_up", None, "")),
        ("thumbs", None, None),
        ("rating", None, None),
        ("label", None, None),
        ("correction", None, None),
    ],
)
def test_a_feedback_event_becomes_an_event_and_a_signal(api, write_all, kind, value, stored):
    answer = send(api, ASKED | {"feedback_type": kind, "feedback_value": value})
    write_all()

    assert answer.status_code == 202
    event = Event.objects.get()
    assert answer.json() | {"batch_id": "", "signals_batch_id": ""} == {
        "batch_id": "",
        "signals_batch_id": "",
        "accepted": 1,
        "duplicates": [],
        "ids": [str(event.pk)],
    }
    assert ("signals_batch_id" in answer.json()) == (stored is not None)
    assert (event.prompt, event.response, event.external_id) == (ASKED["input"]["prompt"], ANSWER, "evt_1")
    assert signals() == ([stored] if stored else [])


def test_every_field_of_a_feedback_event_is_kept_and_comes_back(api, write_all):
    document = ASKED | {
        "model_version": "1.0.0",
        "input": {"prompt": "Why?", "context": {"system": "Be kind."}, "tools": None},
        "output": {"text": ANSWER, "tokens_used": 100},
        "feedback_type": "rating",
        "feedback_value": 4,
        "user_id": "ann",
        "session_id": "visit-12",
        "latency_ms": 150,
        "timestamp": "2026-05-04T12:00:00Z",
        "metadata": {
            "page": "/home",
            "crucible_ir": {"feedback": {"name": "tone", "comment": "Too short.", "prompted": True}},
        },
    }

    assert send(api, document).status_code == 202
    write_all()

    event = Event.objects.get()
    [found] = exported(api)
    assert (event.model_version_id, event.latency_ms) == ("1.0.0", 150)
    assert Signal.objects.get().comment == "Too short."
    assert found == document | {
        "input": {"prompt": "Why?", "context": {"system": "Be kind."}},
        "user_id": event.user_hash,
        "session_id": event.session_hash,
    }
    assert ir.validate(ir.from_map(found, ir.FeedbackEvent)) == []


@pytest.mark.parametrize(
    ("sent", "read_back"),
    [
        ({"prompt": "Hello?"}, {"prompt": "Hello?"}),
        (
            {"messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hello?"}]},
            {
                "prompt": "Hello?",
                "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hello?"}],
            },
        ),
    ],
)
def test_an_input_may_be_a_conversation(api, write_all, sent, read_back):
    send(api, ASKED | {"input": sent, "output": {"message": {"role": "assistant", "content": ANSWER}}})
    write_all()

    [found] = exported(api)
    assert (found["input"], found["output"]) == (read_back, {"text": ANSWER})


@pytest.mark.parametrize("name", ["text", "response", "message"])
def test_an_output_has_its_text_under_one_of_three_names(api, write_all, name):
    send(api, ASKED | {"output": {name: ANSWER}})
    write_all()

    assert Event.objects.get().response == ANSWER


def test_a_feedback_event_sent_again_is_a_duplicate(api, write_all):
    document = ASKED | {"feedback_value": "up"}

    answer = send(api, document, document)
    write_all()
    again = send(api, document)
    write_all()

    event = Event.objects.get()
    assert (answer.json()["ids"], answer.json()["duplicates"]) == ([str(event.pk)], [str(event.pk)])
    assert again.status_code == 202
    assert Signal.objects.count() == 1


@pytest.mark.parametrize("named", ["evt_1", "1b0f2f0e-6f5d-4d0c-8a53-0f4f3c0c7a11"])
def test_later_feedback_names_its_event_and_replaces_what_was_said(api, write_all, named):
    send(api, ASKED | {"id": named, "feedback_value": "up"})
    send(api, REACTION | {"id": named, "feedback_value": "down"})
    send(api, REACTION | {"id": named, "feedback_type": "correction", "feedback_value": {"corrected": "Ask us."}})
    write_all()

    assert signals() == [("thumbs_down", None, ""), ("edit", None, "Ask us.")]
    found = exported(api)
    assert [one["id"] for one in found] == [named, named]
    assert [one["feedback_value"] for one in found] == ["down", {"original": ANSWER, "corrected": "Ask us."}]


def test_feedback_alone_finds_an_event_that_came_another_way(api, write_all):
    event = EventFactory(external_id="request-7")

    send(
        api,
        REACTION | {"id": "request-7", "feedback_value": "up"},
        REACTION | {"id": str(event.pk), "feedback_type": "copy"},
    )
    write_all()

    assert sorted(kind for kind, *_ in signals()) == ["copy", "thumbs_up"]
    assert {one["id"] for one in exported(api)} == {str(event.pk)}


def test_lines_of_json_and_one_feedback_event_are_read(api, write_all):
    lines = "\n".join(ir.to_json(ir.from_map(ASKED | {"id": name}, ir.FeedbackEvent)) for name in ("a", "b"))

    answers = [
        api.generic("POST", PATH, lines, content_type="application/x-ndjson"),
        api.post(PATH, ASKED, format="json"),
    ]
    write_all()

    assert [(answer.status_code, answer.json()["accepted"]) for answer in answers] == [(202, 2), (202, 1)]
    assert Event.objects.count() == 3


@pytest.mark.parametrize(
    ("scopes", "deployments", "status"),
    [([Scope.INGEST], [], 202), ([Scope.INGEST], ["shop"], 400), ([Scope.SIGNALS], [], 403), ([Scope.READ], [], 403)],
)
def test_a_feedback_event_needs_a_key_that_may_send_events_of_its_deployment(
    api, write_all, scopes, deployments, status
):
    _, secret = keys.create(StaffFactory(), "key", scopes, deployments=deployments)

    api.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    answer = send(api, ASKED | {"feedback_value": "up"})
    write_all()

    assert answer.status_code == status
    assert Event.objects.count() == Signal.objects.count() == (1 if status == 202 else 0)


def test_what_is_exported_can_be_sent_to_another_deployment(api, write_all):
    event = EventFactory(prompt="Why?", response=ANSWER, metadata={"page": "/"})
    SignalFactory(event_id=event.pk, type="thumbs_down", comment="No.", value=None)
    SignalFactory(event_id=event.pk, type="regenerate")
    SignalFactory(event_id=event.pk, type="thumbs_up", live=False)

    copies = [one | {"deployment_id": "shop", "id": "copy"} for one in exported(api, event.pk)]
    answer = send(api, *copies)
    write_all()

    assert answer.json()["accepted"] == 1
    copied = Event.objects.get(deployment_id="shop")
    assert (copied.prompt, copied.response, copied.metadata) == ("Why?", ANSWER, {"page": "/"})
    found = Signal.objects.filter(event_id=copied.pk).order_by("type").values_list("type", "comment")
    assert list(found) == [("regenerate", ""), ("thumbs_down", "No.")]


def test_an_event_that_is_not_there_has_no_feedback_events(api):
    assert api.get(f"/api/v1/events/{uuid.uuid4()}/feedback-events").status_code == 404


@pytest.mark.parametrize("name", item_examples.FEEDBACK_EVENTS)
def test_an_example_is_taken(api, write_all, name):
    answer = send(api, item_examples.FEEDBACK_EVENTS["An answer and a thumb"], item_examples.FEEDBACK_EVENTS[name])
    write_all()

    assert answer.status_code == 202
    assert Event.objects.count() == 1


@pytest.mark.parametrize("text", ["a\\ud83d", "a\\u0000"])
def test_characters_that_cannot_be_stored_are_replaced_with_a_warning(api, write_all, text):
    body = '{"id": "ID", "deployment_id": "helpdesk", "input": {"prompt": "ID"}, "output": {"text": "b"}}'

    answer = api.generic("POST", PATH, body.replace("ID", text), content_type="application/json")
    write_all()

    assert (answer.status_code, answer.json()["warnings"][0]["code"]) == (202, "replaced_character")
    event = Event.objects.get()
    assert (event.prompt, event.external_id, str(event.pk)) == ("a\ufffd", "a\ufffd", answer.json()["ids"][0])
