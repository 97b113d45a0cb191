"""Signals that are taken back, have a name or a message, or are about a session; and who sent them."""

import uuid

import pytest

from feedback.access import keys
from feedback.choices import Scope
from feedback.deployments import signal_names
from feedback.models import Event, Signal
from tests.factories import EventFactory, UserFactory

SIGNALS, EVENTS = "/api/v1/signals", "/api/v1/events"


def send(api, write_all, *signals):
    """Send signals of one user one after the other; return what is live at last, as (type, name, index)."""
    for sent in signals:
        answer = api.post(SIGNALS, {"user_id": "ann"} | sent, format="json")
        assert answer.status_code == 202, answer.json()
        write_all()
    return sorted(Signal.objects.live().values_list("type", "name", "message_index"))


@pytest.mark.parametrize(
    ("said", "taken_back"),
    [
        ({"type": "thumbs_up"}, {"type": "thumbs", "value": None}),
        ({"type": "thumbs_down"}, {"type": "thumbs_up", "retracted": True}),
        ({"type": "rating", "value": 4}, {"type": "rating", "value": None}),
        ({"type": "label", "name": "topic", "value": "bill"}, {"type": "label", "name": "topic", "value": None}),
        ({"type": "edit", "edited_response": "Ask us."}, {"type": "edit", "retracted": True}),
        ({"type": "edit", "edited_response": "Ask us."}, {"type": "correction", "retracted": True, "value": "Ask."}),
        ({"type": "report"}, {"type": "flag", "retracted": True}),
        ({"type": "copy"}, {"type": "copy", "retracted": True}),
        ({"type": "rating", "value": 4, "message_index": 2}, {"type": "rating", "value": None, "message_index": 2}),
    ],
)
def test_a_signal_is_taken_back(api, write_all, said, taken_back):
    about = {"event_id": str(EventFactory(response="Open the settings page.").pk)}

    assert len(send(api, write_all, said | about)) == 1
    assert send(api, write_all, taken_back | about) == []
    assert len(send(api, write_all, said | about)) == 1


def test_a_retraction_takes_back_only_its_own_slot(api, write_all):
    about = {"event_id": str(EventFactory().pk)}
    ratings = [{"type": "rating", "value": 4, "name": name, **about} for name in ("tone", "truth")]

    live = send(
        api,
        write_all,
        *ratings,
        {"type": "rating", "value": 2, **about},
        {"type": "rating", "name": "tone", "value": None, **about},
    )

    assert live == [("rating", "", None), ("rating", "truth", None)]


def test_a_retracted_signal_is_shown_and_counts_for_nothing(api, write_all):
    event = str(EventFactory().pk)

    send(
        api,
        write_all,
        {"type": "thumbs_up", "event_id": event, "prompted": True},
        {"type": "thumbs", "value": None, "event_id": event},
    )

    shown = api.get(f"{EVENTS}/{event}").json()["signals"]
    assert [(s["type"], s["live"], s["retracted"], s["prompted"]) for s in shown] == [
        ("thumbs_up", False, True, None),
        ("thumbs_up", False, False, True),
    ]
    assert api.get(EVENTS, {"signal": "thumbs_up"}).json()["results"] == []


def test_a_number_that_json_does_not_have_takes_no_rating_back(api, write_all):
    event = str(EventFactory().pk)
    send(api, write_all, {"type": "rating", "value": 4, "event_id": event})

    body = f'{{"type": "rating", "value": NaN, "event_id": "{event}", "user_id": "ann"}}'
    answer = api.generic("POST", SIGNALS, body, content_type="application/json")
    write_all()

    assert answer.status_code == 400
    assert Signal.objects.live().count() == 1


def test_a_deployment_has_few_names_of_ratings(api, write_all, monkeypatch):
    monkeypatch.setattr(signal_names, "MOST_NAMES", 2)
    about = {"type": "rating", "value": 3, "event_id": str(EventFactory().pk), "deployment_id": "helpdesk"}

    answers = [api.post(SIGNALS, about | {"name": name}, format="json") for name in ("a", "b", "c", "a")]

    assert [answer.status_code for answer in answers] == [202, 202, 400, 202]
    assert [(e["field"], e["code"]) for e in answers[2].json()["errors"]] == [("name", "too_many")]


def test_a_name_that_is_personal_data_is_a_hash(api, write_all):
    about = {"event_id": str(EventFactory().pk)}

    send(api, write_all, {"type": "rating", "value": 3, "name": "4111 1111 1111 1111", **about})

    name = Signal.objects.get().name
    assert "4111" not in name
    assert len(name) == 64


def test_a_signal_about_a_session_is_kept_with_the_session(api, write_all):
    sent = {"deployment_id": "helpdesk", "session_id": "s-1", "prompt": "How?", "response": "So."}
    api.post(EVENTS, sent, format="json")

    live = send(api, write_all, {"type": "rating", "value": 5, "session_id": "s-1", "deployment_id": "helpdesk"})

    signal = Signal.objects.get()
    assert live == []
    assert (signal.session_hash, signal.waiting, signal.event_id) == (Event.objects.get().session_hash, False, None)


@pytest.mark.parametrize(
    "sent",
    [
        {"type": "rating", "value": 5, "session_id": "s-1"},
        {"type": "rating", "value": 5, "session_id": "", "deployment_id": "helpdesk"},
        {"type": "edit", "edited_response": "So.", "session_id": "s-1", "deployment_id": "helpdesk"},
    ],
)
def test_a_signal_names_an_event_or_a_session_of_a_deployment(api, sent):
    answer = api.post(SIGNALS, sent, format="json")

    assert answer.status_code == 400
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [("event_id", "required")]


def test_the_key_that_sent_a_signal_is_stored(client, write_all):
    _, secret = keys.create(UserFactory(), "shop", scopes=[Scope.SIGNALS], deployments=["helpdesk"], is_public=True)
    sent = {"type": "thumbs_up", "event_id": str(uuid.uuid4())}

    client.post(SIGNALS, sent, content_type="application/json", headers={"authorization": f"Bearer {secret}"})
    write_all()

    signal = Signal.objects.get()
    assert (signal.through_public_key, secret.startswith(signal.key_prefix)) == (True, True)
