from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from drift.models import DriftReport, TriggerEvaluation
from tests.drift.factories import store_window
from tests.factories import NOON, DeploymentFactory

pytestmark = pytest.mark.django_db


def test_detect_drift_runs_now_and_prints_each_metric(rng, capsys):
    store_window("helpdesk", start_at=NOON, prompt_lengths=[40] * 60, version="v1")
    store_window("helpdesk", start_at=NOON + timedelta(days=1), prompt_lengths=[90] * 70, version="v2")

    call_command(
        "detect_drift", "helpdesk", reference={"model_version_id": "v1"}, current={"model_version_id": "v2"}, seed=7
    )

    report = DriftReport.objects.get()
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == f"Drift report {report.pk} of helpdesk: drifting, score 1.0000"
    assert printed[1] == "  reference      60 events, 2026-05-04T12:00:00+00:00 to 2026-05-04T13:00:00+00:00"
    assert "Prompt length: median 40 → 90 characters, +5.2 SD [2.3, 5.2], n = 60 and 70; a clear change." in printed[4]
    assert printed[3] == "  Based on these two windows only; earlier reports are not considered."
    assert len(printed) == 4 + len(report.metrics)
    assert report.seed == 7


def test_detect_drift_takes_the_size_of_both_windows(rng, capsys):
    store_window("helpdesk", start_at=NOON, prompt_lengths=[40] * 30)

    call_command("detect_drift", "helpdesk", "--window-size", "12")

    assert [line.split()[:3] for line in capsys.readouterr().out.splitlines()[1:3]] == [
        ["reference", "12", "events,"],
        ["current", "12", "events,"],
    ]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"reference": {"baseline": "release"}}, "No baseline named release"),
        ({"reference": {"last_events": "many"}}, "A valid integer is required"),
        ({"reference": {"last_events": 10}}, "overlap"),
        ({"reference": {"last_events": 10}, "window_size": 10}, "window_size replaces reference and current"),
        ({"window_size": 0}, "greater than or equal to 1"),
    ],
)
def test_detect_drift_reports_errors_and_stores_nothing(options, words):
    DeploymentFactory(id="helpdesk")

    with pytest.raises(CommandError, match=words):
        call_command("detect_drift", "helpdesk", **options)

    assert DriftReport.objects.count() == 0


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--seed", "-5", "must be a whole number from 0 to 9223372036854775807, not -5"),
        ("--seed", str(2**63), "must be a whole number from 0 to 9223372036854775807"),
        ("--reference", "newest", "not valid JSON: newest"),
    ],
)
def test_detect_drift_rejects_invalid_options(option, value, words):
    DeploymentFactory(id="helpdesk")

    with pytest.raises(CommandError, match=words):
        call_command("detect_drift", "helpdesk", f"{option}={value}")

    assert DriftReport.objects.count() == 0


def test_detect_drift_fails_with_the_reason_of_the_report():
    store_window("helpdesk", start_at=NOON, prompt_lengths=[40] * 60, version="v1")

    with pytest.raises(CommandError, match="share 60 events"):
        call_command("detect_drift", "helpdesk", reference={"last_events": 60}, current={"model_version_id": "v1"})


def test_check_triggers_prints_each_trigger(capsys):
    DeploymentFactory(id="helpdesk")

    call_command("check_triggers", "helpdesk")

    assert capsys.readouterr().out.splitlines()[1:] == [
        "quality_drop     no_data  The checks have scored no event yet.",
        "data_count       quiet    0 events and no training yet; the threshold is 1,000.",
        "scheduled        no_data  No events to train on.",
    ]
    assert list(TriggerEvaluation.objects.values_list("source", "asked_by")) == [("command", None)] * 4


@pytest.mark.parametrize("command", ["detect_drift", "check_triggers"])
def test_an_unknown_deployment_is_rejected(command):
    with pytest.raises(CommandError, match="Deployment nowhere does not exist"):
        call_command(command, "nowhere")
