"""The types of the IR's Feedback.Event, as signals."""

import json
import math

import pytest

from feedback.models import Event, Signal
from tests.factories import EventFactory

SIGNALS = "/api/v1/signals"
ANSWER = "Open the settings page, choose Security and follow the link."


@pytest.mark.parametrize(
    ("sent", "kind", "stored"),
    [
        ({"type": "thumbs", "value": "up"}, "thumbs_up", (None, "")),
        ({"type": "thumbs", "value": "down"}, "thumbs_down", (None, "")),
        ({"type": "thumbs", "value": 1}, "thumbs_up", (None, "")),
        ({"type": "thumbs", "value": 0}, "thumbs_down", (None, "")),
        ({"type": "thumbs", "value": -1}, "thumbs_down", (None, "")),
        ({"type": "thumbs", "value": True}, "thumbs_up", (None, "")),
        ({"type": "thumbs", "value": False}, "thumbs_down", (None, "")),
        ({"type": "thumbs", "value": "negative"}, "thumbs_down", (None, "")),
        ({"type": "thumbs_up", "value": None}, "thumbs_up", (None, "")),
        (
            {"type": "label", "name": "time", "value": {"value": 12.5, "unit": "min"}},
            "label",
            ({"value": 12.5, "unit": "min"}, ""),
        ),
        ({"type": "label", "name": "resolved", "value": 0}, "label", (0, "")),
        ({"type": "correction", "value": {"original": ANSWER, "corrected": "Ask."}}, "edit", (None, "Ask.")),
        ({"type": "correction", "value": "Ask."}, "edit", (None, "Ask.")),
        ({"type": "correction", "edited_response": "Ask.", "value": 1}, "edit", (1, "Ask.")),
        ({"type": "correction", "value": {"corrected": "Ask.", "by": "qa"}}, "edit", ({"by": "qa"}, "Ask.")),
        ({"type": "flag", "value": {"reason": "wrong", "grade": 2}}, "report", ({"reason": "wrong", "grade": 2}, "")),
        ({"type": "rating", "value": 4.5}, "rating", (4.5, "")),
        ({"type": "label", "value": {"label": "bill", "share": 0.9}}, "label", ({"label": "bill", "share": 0.9}, "")),
    ],
)
def test_a_type_of_the_ir_becomes_a_signal(api, write_all, sent, kind, stored):
    event = EventFactory(response=ANSWER)

    answer = api.post(SIGNALS, sent | {"event_id": str(event.pk)}, format="json")
    write_all()

    assert answer.status_code == 202
    signal = Signal.objects.live().get()
    assert (signal.type, signal.value, signal.edited_response) == (kind, *stored)


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({"type": "thumbs", "value": "sideways"}, ("value", "invalid")),
        ({"type": "thumbs"}, ("value", "invalid")),
        ({"type": "thumbs", "value": 2}, ("value", "invalid")),
        ({"type": "thumbs_up", "name": "tone"}, ("name", "invalid")),
        ({"type": "rating", "value": 3, "name": "tone#1"}, ("name", "invalid")),
        ({"type": "rating"}, ("value", "invalid")),
        ({"type": "label"}, ("value", "required")),
        ({"type": "label", "value": {"value": "long", "unit": "min"}}, ("value", "invalid")),
        ({"type": "rating", "value": 3, "message_index": -1}, ("message_index", "out_of_range")),
        ({"type": "correction", "value": {"original": "Ask.", "corrected": "Ask."}}, ("value", "unchanged")),
        ({"type": "correction", "value": 7}, ("edited_response", "required")),
        ({"type": "edit", "edited_response": ANSWER}, ("edited_response", "unchanged")),
        ({"type": "rating", "value": "5"}, ("value", "invalid")),
        ({"type": "rating", "value": True}, ("value", "invalid")),
        ({"type": "rating", "value": math.inf}, ("value", "invalid")),
        ({"type": "label", "value": ""}, ("value", "required")),
        ({"type": "applause"}, ("type", "invalid")),
    ],
)
def test_a_value_that_does_not_go_with_its_type_is_rejected(api, write_all, sent, error):
    event = EventFactory(response=ANSWER)

    answer = api.generic(
        "POST", SIGNALS, json.dumps(sent | {"event_id": str(event.pk)}), content_type="application/json"
    )
    write_all()

    assert answer.status_code == 400
    (only,) = answer.json()["errors"]
    assert (only["field"], only["code"]) == error
    assert Signal.objects.count() == 0


def test_an_early_edit_that_changes_nothing_never_counts(api, write_all):
    event = {"id": "0199aaaa-0000-7000-8000-000000000000", "deployment_id": "helpdesk", "prompt": "How?"}
    target = {"event_id": event["id"], "deployment_id": "helpdesk", "type": "edit"}
    edits = [target | {"edited_response": text, "user_id": text} for text in ("A.", "B.")]

    api.post(SIGNALS, {"signals": edits}, format="json")
    api.post("/api/v1/events", event | {"response": "A."}, format="json")
    write_all()

    assert Event.objects.count() == 1
    assert list(Signal.objects.live().values_list("edited_response", flat=True)) == ["B."]
    assert Signal.objects.count() == 2
