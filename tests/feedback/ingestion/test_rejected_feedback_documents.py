"""Feedback.Events that are rejected over the API, each whole and alone."""

import pytest

from feedback.models import Event, RejectionReason, Signal
from tests.factories import DeploymentFactory

PATH = "/api/v1/feedback-events"
ASKED = {
    "id": "evt_1",
    "deployment_id": "helpdesk",
    "input": {"prompt": "How do I reset my password?"},
    "output": {"text": "Open the settings page."},
}
REACTION = {"id": "evt_1", "deployment_id": "helpdesk"}


def send(api, *documents):
    return api.post(PATH, {"feedback_events": list(documents)}, format="json")


@pytest.mark.parametrize(
    ("document", "field", "message"),
    [
        (ASKED | {"id": None}, "id", "id is required"),
        (ASKED | {"id": ""}, "id", "id is required"),
        (ASKED | {"id": "x" * 256}, "id", "id has more than 255 characters"),
        ({**ASKED, "deployment_id": None}, "deployment_id", "deployment_id is required"),
        (
            ASKED | {"deployment_id": "a b"},
            "deployment_id",
            "deployment_id has 1 to 255 characters of A-Z a-z 0-9 . _ : -",
        ),
        (ASKED | {"input": None}, "input", "input and output are sent together, or neither is for feedback alone"),
        (ASKED | {"output": None}, "output", "input and output are sent together, or neither is for feedback alone"),
        (ASKED | {"input": {"text": "a"}}, "input", "input needs a prompt or messages"),
        (ASKED | {"output": {"words": "a"}}, "output", "output needs one of message, text, response"),
        (ASKED | {"input": {"prompt": " "}}, "input.prompt", "input.prompt is blank"),
        (ASKED | {"latency_ms": -1}, "latency_ms", "latency_ms: expected `float` >= 0.0"),
        (
            ASKED | {"feedback_type": "applause"},
            "feedback_type",
            "feedback_type applause is not one of thumbs, correction, flag, rating, label, regenerate, copy, share, "
            "thumbs_up, thumbs_down, edit, report",
        ),
        (
            ASKED | {"feedback_value": "sideways"},
            "feedback_value",
            'the feedback_value of a signal of type thumbs must be "up" or "down", 1 or 0, true or false; '
            "null takes it back",
        ),
        (
            ASKED | {"feedback_type": "rating", "feedback_value": "five"},
            "feedback_value",
            "the feedback_value of a signal of type rating must be a number",
        ),
        (
            ASKED | {"feedback_type": "correction", "feedback_value": {"original": "a", "corrected": "a"}},
            "feedback_value",
            "corrected is identical to original",
        ),
        (REACTION, "feedback_value", "feedback_value is required where input and output are not sent"),
        (
            ASKED | {"timestamp": "yesterday"},
            "",
            "No Feedback.Event: Invalid RFC3339 encoded datetime - at `$.timestamp`",
        ),
        (
            ASKED | {"timestamp": "2999-01-01T00:00:00Z"},
            "timestamp",
            "timestamp is more than 5 minutes ahead of this server",
        ),
        ({"deployment_id": "helpdesk"}, "", "No Feedback.Event: Object missing required field `id`"),
        (ASKED | {"metadata": {"crucible_ir": 1}}, "metadata", "crucible_ir in metadata must be an object of objects"),
    ],
)
def test_an_invalid_feedback_event_is_rejected_whole_with_the_reason(api, write_all, document, field, message):
    answer = send(api, document)
    write_all()

    assert answer.status_code == 400
    assert [(error["field"], error["message"]) for error in answer.json()["errors"]] == [(field, message)]
    assert (Event.objects.count(), Signal.objects.count()) == (0, 0)


def test_valid_feedback_events_are_accepted_beside_invalid_ones(api, write_all):
    answer = send(
        api,
        ASKED | {"feedback_value": "up"},
        ASKED | {"id": "evt_2", "feedback_value": "sideways"},
        ASKED | {"id": "evt_3", "latency_ms": -1, "feedback_value": "up"},
        ASKED | {"id": "evt_4"},
    )
    write_all()

    assert (answer.status_code, answer.json()["accepted"]) == (207, 2)
    assert [(item["index"], item["id"]) for item in answer.json()["rejected"]] == [(1, "evt_2"), (2, "evt_3")]
    assert sorted(Event.objects.values_list("external_id", flat=True)) == ["evt_1", "evt_4"]
    assert Signal.objects.count() == 1
    reasons = RejectionReason.objects.values_list("deployment_id", "field", "code", "count").order_by("field")
    assert list(reasons) == [
        ("helpdesk", "feedback_value", "invalid", 1),
        ("helpdesk", "latency_ms", "out_of_range", 1),
    ]


def test_feedback_types_of_the_deployment_hold(api, write_all):
    DeploymentFactory(id="helpdesk", feedback_types=["rating"])

    answer = send(
        api, ASKED | {"feedback_value": "up"}, ASKED | {"id": "b", "feedback_type": "rating", "feedback_value": 1}
    )
    write_all()

    [rejected] = answer.json()["rejected"]
    message = "Deployment helpdesk collects no feedback of this type (feedback_types)"
    assert (rejected["id"], rejected["errors"][0]["message"]) == ("evt_1", message)
    assert list(Signal.objects.values_list("type", flat=True)) == ["rating"]
