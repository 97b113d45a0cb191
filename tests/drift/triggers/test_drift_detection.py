"""What drift_detection of a Feedback.Config changes, key by key, and which values it takes."""

import pytest

from drift.choices import CheckSource, TriggerOutcome, Verdict
from drift.models import AlertDelivery, DriftReport, TriggerFiring, TriggerRule
from drift.reports import schedule
from drift.triggers import checking
from feedback.models import Deployment
from tests.drift.factories import AlertChannelFactory, DriftReportFactory, report_metric, store_window
from tests.factories import NOON, DeploymentFactory

pytestmark = pytest.mark.django_db
CONFIG = "/api/v1/deployments/helpdesk/config"
METRICS = [
    report_metric("response_length", "drifting", 0.5, statistics={"effect": "cliffs_delta", "ks": 0.3, "psi": 0.45}),
    report_metric("latency_ms", "ok", 0.6, statistics={"effect": "cliffs_delta", "ks": 0.8, "psi": 2.5}),
    report_metric("refusal", "watch", 0.1, statistics={"effect": "difference", "total_variation": 0.15}),
    report_metric("prompt_embedding", "watch", 0.05, statistics={"effect": "mmd"}),
]
METHODS = "standard, psi, ks, total_variation, mmd"


@pytest.fixture(autouse=True)
def helpdesk():
    return DeploymentFactory(id="helpdesk")


def configure(api, document):
    return api.put(CONFIG, {"enabled": True, "drift_detection": document}, format="json")


def check(**options):
    found = checking.check("helpdesk", source=CheckSource.BEAT, **options)
    return {evaluation.name: evaluation for evaluation in found}["drift_threshold"]


@pytest.mark.parametrize(
    ("method", "value", "measure"),
    [
        (None, 0.3, "a score"),
        ("standard", 0.3, "a score"),
        ("psi", 0.45, "a largest population stability index"),
        ("ks", 0.3, "a largest Kolmogorov-Smirnov statistic"),
        ("total_variation", 0.15, "a largest total variation"),
        ("mmd", 0.05, "a largest distance of embeddings"),
    ],
)
def test_the_method_says_what_is_compared_with_the_threshold(api, method, value, measure):
    report = DriftReportFactory(score=0.3, verdict=Verdict.DRIFTING, metrics=METRICS)
    configure(api, {"method": method, "threshold": 0.2})

    found = check()

    comparison = "above" if value > 0.2 else "not above"
    assert (found.value, found.fired) == (value, value > 0.2)
    assert found.reason == f"Drift report {report.pk} has {measure} of {value}, {comparison} the threshold of 0.2."


def test_a_report_without_a_score_has_no_figure_of_any_method(api):
    DriftReportFactory(score=None, verdict=Verdict.INSUFFICIENT_DATA, metrics=METRICS)
    configure(api, {"method": "psi"})

    assert check().outcome == TriggerOutcome.NO_DATA


@pytest.mark.parametrize(
    ("document", "own", "threshold"),
    [
        (None, None, 0.2),
        ({}, None, 0.2),
        ({"threshold": None}, None, 0.2),
        ({"threshold": 0.4}, None, 0.4),
        ({"threshold": 0}, None, 0),
        ({"threshold": 3, "method": "psi"}, None, 3),
        ({"threshold": 0.4}, 0.5, 0.5),
    ],
)
def test_the_threshold_holds_unless_the_trigger_has_its_own(api, helpdesk, document, own, threshold):
    TriggerRule.objects.create(deployment=helpdesk, name="drift_threshold", threshold=own)
    configure(api, document)

    rules = api.get("/api/v1/deployments/helpdesk/triggers/rules").json()["triggers"]

    assert (rules[0]["name"], rules[0]["threshold"]) == ("drift_threshold", threshold)
    DriftReportFactory(score=0.3, verdict=Verdict.DRIFTING, metrics=METRICS)
    assert check().threshold == threshold


@pytest.mark.parametrize(
    ("document", "own", "outcome", "reports"),
    [
        ({"enabled": True}, None, "fired", 1),
        ({}, None, "fired", 1),
        ({"enabled": False}, None, "off", 0),
        ({"enabled": False}, True, "fired", 0),
    ],
)
def test_disabled_detection_has_no_scheduled_report_and_no_trigger(api, helpdesk, document, own, outcome, reports):
    store_window("helpdesk", start_at=NOON, prompt_lengths=[10])
    TriggerRule.objects.create(deployment=helpdesk, name="drift_threshold", is_enabled=own)
    configure(api, document)

    schedule.request_where_new()

    assert DriftReport.objects.count() == reports
    DriftReportFactory(score=0.3, verdict=Verdict.DRIFTING)
    assert check().outcome == outcome


@pytest.mark.parametrize("size", [60, 60.0, 20_000])
def test_the_window_size_is_the_default_of_reports(api, size):
    store_window("helpdesk", start_at=NOON, prompt_lengths=[10])
    configure(api, {"window_size": size})

    schedule.request_where_new()

    [report] = DriftReport.objects.all()
    assert report.current_window["last_events"] == size


@pytest.mark.parametrize(
    ("document", "alerts"), [({}, 1), ({"alert_on_drift": True}, 1), ({"alert_on_drift": False}, 0)]
)
@pytest.mark.parametrize("is_announced", [True, False])
def test_drift_fires_without_an_alert_if_none_is_wanted(api, document, alerts, is_announced):
    AlertChannelFactory()
    DriftReportFactory(score=0.3, verdict=Verdict.DRIFTING)
    configure(api, document)

    assert check(is_announced=is_announced).fired

    [firing] = TriggerFiring.objects.all()
    assert AlertDelivery.objects.count() == (alerts if is_announced else 0)
    assert firing.is_announced is (is_announced or not alerts)


@pytest.mark.parametrize(
    ("field", "document", "errors"),
    [
        ("drift_detection", {"method": "kl"}, {"method": f"one of {METHODS}"}),
        ("drift_detection", {"method": ["psi"]}, {"method": f"one of {METHODS}"}),
        ("drift_detection", {"enabled": "yes"}, {"enabled": "true or false"}),
        ("drift_detection", {"alert_on_drift": 1}, {"alert_on_drift": "true or false"}),
        ("drift_detection", {"threshold": 1.1}, {"threshold": "a number from 0 to 1, or to 100 with method psi"}),
        (
            "drift_detection",
            {"threshold": 101, "method": "psi"},
            {"threshold": "a number from 0 to 1, or to 100 with method psi"},
        ),
        ("drift_detection", {"window_size": 20_001}, {"window_size": "a whole number of events from 1 to 20,000"}),
        ("drift_detection", {"window_size": True}, {"window_size": "a whole number of events from 1 to 20,000"}),
        (
            "drift_detection",
            {"window_size": 0, "method": "x"},
            {"method": f"one of {METHODS}", "window_size": "a whole number of events from 1 to 20,000"},
        ),
        ("retraining_trigger", {"enabled": 0}, {"enabled": "true or false"}),
        (
            "retraining_trigger",
            {"min_feedback_count": -1},
            {"min_feedback_count": "a whole number of events from 1 to 1,000,000,000"},
        ),
        ("retraining_trigger", {"accuracy_threshold": 75}, {"accuracy_threshold": "a score from 0 to 1"}),
        (
            "retraining_trigger",
            {"check_interval_hours": 0},
            {"check_interval_hours": "a number of hours above 0, at most 8,784"},
        ),
    ],
)
def test_a_value_that_a_key_cannot_have_is_rejected_with_what_is_allowed(api, field, document, errors):
    answer = api.put(CONFIG, {"enabled": True, field: document}, format="json")

    assert answer.status_code == 400
    assert {error["field"]: error["message"] for error in answer.json()["errors"]} == {
        f"{field}.{name}": f"{name} of {field} must be {allowed}" for name, allowed in errors.items()
    }
    assert getattr(Deployment.objects.get(), field) is None


def test_null_and_other_keys_are_kept_and_say_nothing(api):
    document = {"method": None, "threshold": None, "window_size": None, "reviewers": ["ann"]}

    assert configure(api, document).json()["drift_detection"] == document


def test_a_value_of_an_earlier_version_that_is_no_value_is_ignored(helpdesk):
    Deployment.objects.update(drift_detection={"method": "kl", "threshold": 7, "enabled": "no"})
    DriftReportFactory(score=0.3, verdict=Verdict.DRIFTING)

    assert (check().value, check().threshold) == (0.3, 0.2)
