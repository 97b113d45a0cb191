"""A stored pattern that masking can no longer use keeps out what belongs to its deployment, and nothing else."""

import uuid

import pytest
from django.urls import reverse
from structlog.testing import capture_logs

from config import doctor
from feedback.deployments import policies
from feedback.models import Event, IngestBatch, MaskingPattern, Signal
from tests.factories import DeploymentFactory, EventFactory

EVENTS, SIGNALS = "/api/v1/events", "/api/v1/signals"
EVENT = {"deployment_id": "helpdesk", "prompt": "How do I reset it?", "response": "Ask for ORDER-7731 by e-mail."}
MESSAGE = "Deployment helpdesk rejects all items until these masking patterns are fixed: OLD"


@pytest.fixture
def helpdesk(db):
    """A deployment with a pattern that is fine and one that an older release took."""
    deployment = DeploymentFactory(id="helpdesk")
    MaskingPattern.objects.create(deployment=deployment, name="ORDER", expression=r"ORDER-\d+")
    MaskingPattern.objects.create(deployment=deployment, name="OLD", expression="(?=x)")
    policies.forget()
    return deployment


def test_only_the_events_of_that_deployment_are_rejected(api, write_all, helpdesk):
    answer = api.post(EVENTS, {"events": [EVENT, EVENT | {"deployment_id": "other"}]}, format="json")
    write_all()

    assert answer.status_code == 207
    (rejected,) = answer.json()["rejected"]
    assert rejected["index"] == 0
    assert rejected["errors"] == [{"field": "deployment_id", "code": "masking_unusable", "message": MESSAGE}]
    assert list(Event.objects.values_list("deployment_id", flat=True)) == ["other"]
    assert set(IngestBatch.objects.values_list("deployment_id", "stored", "invalid")) == {
        ("other", 1, 0),
        ("helpdesk", 0, 1),
    }


@pytest.mark.parametrize(
    ("named", "content", "code"),
    [
        ({"deployment_id": "helpdesk"}, {}, "masking_unusable"),
        ({}, {"comment": "ORDER-1"}, "required"),
        ({}, {}, None),
        ({"deployment_id": "other"}, {"comment": "ORDER-1"}, None),
    ],
)
def test_signals_that_may_be_of_that_deployment_are_rejected(api, write_all, helpdesk, named, content, code):
    signal = {"event_id": str(uuid.uuid4()), "type": "report"} | named | content

    answer = api.post(SIGNALS, signal, format="json")
    write_all()

    assert [error["code"] for error in answer.json().get("errors", [])] == ([code] if code else [])
    assert Signal.objects.count() == (code is None)


def test_a_signal_on_a_stored_event_of_that_deployment_is_rejected(api, write_all, helpdesk):
    event = EventFactory(deployment_id="helpdesk")

    answer = api.post(SIGNALS, {"event_id": str(event.pk), "type": "copy"}, format="json")

    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (400, MESSAGE)


def test_where_nothing_is_masked_no_pattern_is_missed(api, write_all, helpdesk):
    helpdesk.content_policy = "off"
    helpdesk.save()

    answer = api.post(EVENTS, EVENT, format="json")
    write_all()

    assert (answer.status_code, Event.objects.get().response) == (202, EVENT["response"])
    assert doctor.masking() is None


def test_the_log_names_it_once_and_doctor_and_the_system_page_until_it_is_fixed(console, helpdesk):
    problem = "Masking patterns cannot be used, so everything sent to these deployments is rejected: helpdesk (NEWS)."
    MaskingPattern.objects.filter(name="OLD").update(name="NEWS")

    with capture_logs() as logs:
        for _ in range(2):
            policies.forget()
            policies.policy_of("helpdesk")

    assert [line for line in logs if line["event"] == "masking_patterns_unusable"] == [
        {"event": "masking_patterns_unusable", "log_level": "error", "deployment": "helpdesk", "patterns": ["NEWS"]}
    ]
    assert doctor.masking().problem == problem
    assert problem in console.get(reverse("admin:system")).content.decode()
    MaskingPattern.objects.get(name="NEWS").delete()
    policies.forget()
    assert doctor.masking() is None


def test_the_masking_preview_reports_what_is_wrong(api, console, helpdesk):
    answer = api.post("/api/v1/mask", {"text": "a@example.org", "deployment_id": "helpdesk"}, format="json")
    page = console.post(reverse("admin:masking"), {"text": "a@example.org", "deployment": "helpdesk"})

    reason = "The pattern OLD is not a regular expression in RE2 syntax: invalid perl operator: (?="
    assert answer.status_code == 409
    assert answer.json() == {"errors": [{"field": "deployment_id", "code": "masking_unusable", "message": reason}]}
    assert page.context["form"].errors == {"deployment": [reason]}
    assert page.context["page"] is None
