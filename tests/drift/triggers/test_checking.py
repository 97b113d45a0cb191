from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from drift import tasks
from drift.choices import CheckSource, Profile, TriggerName, TriggerOutcome, Verdict
from drift.models import DriftReport, TriggerEvaluation, TriggerFiring, TriggerRule
from drift.reports import detection
from drift.triggers import checking
from tests.drift.factories import DriftReportFactory, TriggerEvaluationFactory, store_window
from tests.factories import NOON, DeploymentFactory

pytestmark = pytest.mark.django_db
CHECK = "/api/v1/deployments/helpdesk/triggers/check"
DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture(autouse=True)
def helpdesk():
    return DeploymentFactory(id="helpdesk")


def check(now=None):
    found = checking.check("helpdesk", source=CheckSource.BEAT, now=now)
    return {evaluation.name: evaluation for evaluation in found}


def test_the_triggers_come_in_the_fixed_order_and_stay_in_the_history(api, operator):
    answer = api.post(CHECK)

    assert answer.status_code == 200
    found = [(item["name"], item["fired"], item["value"], item["threshold"]) for item in answer.json()["triggers"]]
    assert found == [
        ("drift_threshold", False, None, 0.2),
        ("quality_drop", False, None, 0.7),
        ("data_count", False, 0, 1000),
        ("scheduled", False, None, 86_400),
    ]
    assert {(item["source"], item["asked_by"]) for item in answer.json()["triggers"]} == {("api", operator.username)}
    history = api.get("/api/v1/deployments/helpdesk/triggers").json()["results"]
    assert history == answer.json()["triggers"][::-1]


def test_a_check_needs_the_permission(api, operator):
    operator.is_superuser = False
    operator.save()

    assert api.post(CHECK).status_code == 403
    assert TriggerEvaluation.objects.count() == 0


def test_a_deployment_with_three_good_events_fires_neither_drift_nor_quality():
    store_window("helpdesk", start_at=NOON, prompt_lengths=[10, 20, 30])

    found = check()

    assert found["drift_threshold"].outcome == TriggerOutcome.NO_DATA
    assert found["drift_threshold"].reason.endswith("has no score: insufficient data.")
    assert found["quality_drop"].outcome == TriggerOutcome.NO_DATA
    assert found["quality_drop"].reason == "Only 3 events scored so far; at least 5 are needed."


@pytest.mark.parametrize(("score", "fired"), [(0.2, False), (0.2000001, True), (0.0, False)])
def test_drift_fires_strictly_above_its_threshold(score, fired):
    report = DriftReportFactory(score=score, verdict=Verdict.DRIFTING)

    found = check()["drift_threshold"]

    assert (found.fired, found.value, found.report_id) == (fired, score, report.pk)
    assert DriftReport.objects.count() == 1


@pytest.mark.parametrize("hours", [1, 6])
def test_a_recent_report_is_used_and_an_old_one_is_not(settings, helpdesk, hours):
    settings.TRIGGER_CHECK_INTERVAL_SECONDS = 3_600
    helpdesk.retraining_trigger = None if hours == 1 else {"check_interval_hours": hours}
    helpdesk.save()
    now = timezone.now()
    report = DriftReportFactory(score=0.5, verdict=Verdict.DRIFTING, created_at=now - hours * HOUR + SECOND)

    recent, later = check(now), check(now + 2 * SECOND)

    assert recent["drift_threshold"].report_id == report.pk
    assert later["drift_threshold"].report_id != report.pk
    assert (later["drift_threshold"].fired, later["drift_threshold"].value) == (False, None)


@pytest.mark.parametrize(
    "unusable",
    [
        {"score": None, "verdict": Verdict.INSUFFICIENT_DATA},
        {"score": 2.0, "verdict": Verdict.DRIFTING, "profile": Profile.CRUCIBLE},
    ],
)
def test_a_report_without_a_comparable_score_is_not_used(unusable):
    report = DriftReportFactory(**unusable)

    found = check()["drift_threshold"]

    assert found.report_id != report.pk
    assert not found.fired


def test_a_check_runs_drift_itself_when_there_is_no_report(settings, rng):
    settings.DRIFT_WINDOW = 150
    store_window("helpdesk", start_at=NOON, prompt_lengths=rng.integers(20, 40, 150))
    store_window("helpdesk", start_at=NOON + DAY, prompt_lengths=rng.integers(60, 90, 150))

    found = check()["drift_threshold"]

    assert (found.fired, found.value) == (True, 1.0)
    assert DriftReport.objects.get().verdict == Verdict.DRIFTING


def test_a_drift_check_that_fails_is_no_data_and_stops_no_other_trigger(monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("The vectors are gone.")

    monkeypatch.setattr(detection, "_standard", fail)
    store_window("helpdesk", start_at=NOON, prompt_lengths=[10] * 5, quality=[0.5] * 5)

    found = check()

    report = DriftReport.objects.get()
    assert (report.status, report.error) == ("failed", "RuntimeError: The vectors are gone.")
    assert found["drift_threshold"].outcome == TriggerOutcome.NO_DATA
    assert found["drift_threshold"].reason == f"Drift report {report.pk} has no score: error."
    assert found["quality_drop"].fired


@pytest.mark.parametrize(
    ("quality", "outcome", "value"),
    [
        ([0.7] * 7, TriggerOutcome.QUIET, 0.7),
        ([0.6999] * 7, TriggerOutcome.FIRED, 0.6999),
        ([0.9] * 5 + [None] * 2, TriggerOutcome.QUIET, 0.9),
        ([None] * 7, TriggerOutcome.NO_DATA, None),
    ],
)
def test_quality_fires_strictly_below_its_threshold_and_ignores_the_unscored(quality, outcome, value):
    store_window("helpdesk", start_at=NOON, prompt_lengths=[10] * 7, quality=quality)

    found = check()["quality_drop"]

    assert found.outcome == outcome
    assert found.value == (None if value is None else pytest.approx(value))


def test_quality_is_averaged_over_the_newest_window(settings):
    settings.QUALITY_WINDOW = 50
    store_window("helpdesk", start_at=NOON, prompt_lengths=[10] * 100, quality=np.repeat([0.9, 0.5], 50))

    found = check()["quality_drop"]

    assert (found.fired, found.value) == (True, pytest.approx(0.5))
    assert (
        found.reason
        == "The average score of the checks over the newest 50 scored events is 0.5, below the threshold of 0.7."
    )


def test_a_trigger_creates_a_firing_and_then_waits_for_its_cooldown(settings):
    settings.TRIGGER_COOLDOWN_SECONDS = 7_200
    store_window("helpdesk", start_at=NOON, prompt_lengths=[10] * 5, quality=[0.5] * 5)

    outcomes = [check(NOON + hours * HOUR)["quality_drop"].outcome for hours in (0, 1, 2, 3)]

    assert outcomes == ["fired", "cooldown", "fired", "cooldown"]
    firings = TriggerFiring.objects.filter(name=TriggerName.QUALITY_DROP).order_by("pk")
    assert list(firings.values_list("state", "fired_at", "evaluation__outcome")) == [
        ("open", NOON, "fired"),
        ("open", NOON + 2 * HOUR, "fired"),
    ]
    held_back = TriggerEvaluation.objects.filter(name=TriggerName.QUALITY_DROP, outcome="cooldown").order_by("pk")[0]
    assert held_back.reason == (
        "The average score of the checks over the newest 5 scored events is 0.5, below the threshold of 0.7. "
        "Last fired at 2026-05-04 12:00:00 UTC; in cooldown until 2026-05-04 14:00:00 UTC."
    )


def test_a_cooldown_of_the_deployment_counts_before_the_default():
    TriggerRule.objects.create(deployment_id="helpdesk", name="quality_drop", cooldown_seconds=60)
    store_window("helpdesk", start_at=NOON, prompt_lengths=[10] * 5, quality=[0.5] * 5)

    fired = [check(NOON + seconds * SECOND)["quality_drop"].fired for seconds in (0, 59, 60)]

    assert fired == [True, False, True]


def test_a_trigger_that_is_off_measures_nothing_and_never_fires():
    names = ["drift_threshold", "scheduled"]
    TriggerRule.objects.bulk_create(
        TriggerRule(deployment_id="helpdesk", name=name, is_enabled=False) for name in names
    )

    found = check()

    assert [(look.outcome, look.value, look.reason) for look in map(found.get, names)] == [
        ("off", None, "This trigger is off.")
    ] * 2
    assert (DriftReport.objects.count(), TriggerFiring.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("document", "fired"),
    [
        ({"accuracy_threshold": 0.4}, False),
        ({"accuracy_threshold": 0.6}, True),
        ({"accuracy_threshold": 0.6, "enabled": False}, False),
        ({"accuracy_threshold": "none", "enabled": True}, True),
    ],
)
def test_the_document_of_the_ir_counts_where_no_row_says_otherwise(helpdesk, document, fired):
    helpdesk.retraining_trigger = document
    helpdesk.save()
    store_window("helpdesk", start_at=NOON, prompt_lengths=[10] * 5, quality=[0.5] * 5)

    assert check()["quality_drop"].fired is fired


def test_a_schedule_that_fired_is_quiet_for_its_interval():
    store_window("helpdesk", start_at=NOON, prompt_lengths=[10])

    fired = [check(NOON + hours * HOUR)["scheduled"].fired for hours in (0, 1, 23, 24, 25)]

    assert fired == [True, False, False, True, False]


def test_the_interval_of_a_deployment_spaces_its_schedule_whatever_the_cooldown():
    TriggerRule.objects.create(deployment_id="helpdesk", name="scheduled", threshold=3_600)
    store_window("helpdesk", start_at=NOON, prompt_lengths=[10])

    found = [check(NOON + seconds * SECOND)["scheduled"] for seconds in (0, 3_599, 3_600)]

    assert [(look.fired, look.value) for look in found] == [(True, None), (False, 3_599), (True, 3_600)]


def test_the_evaluations_of_one_check_are_paged_forth_and_back(api):
    TriggerEvaluationFactory.create_batch(4, created_at=NOON)

    first = api.get("/api/v1/deployments/helpdesk/triggers?page_size=2").json()
    second = api.get(first["next"]).json()

    numbers = [row["id"] for row in first["results"] + second["results"]]
    assert numbers == list(TriggerEvaluation.objects.order_by("-id").values_list("id", flat=True))
    assert second["next"] is None
    assert api.get(second["previous"]).json()["results"] == first["results"]


def test_the_triggers_of_all_enabled_deployments_are_checked(running_tasks):
    DeploymentFactory(id="off", enabled=False)

    with running_tasks():
        tasks.check_all_triggers()

    found = TriggerEvaluation.objects.order_by("pk").values_list("deployment_id", "name", "source", "asked_by")
    assert list(found) == [("helpdesk", name, "beat", None) for name in TriggerName.values]


@pytest.mark.parametrize(("source", "hours", "looks"), [("beat", 23, 1), ("beat", 24, 5), ("api", 1, 5)])
def test_the_schedule_checks_as_seldom_as_the_document_wants(
    running_tasks, time_machine, helpdesk, source, hours, looks
):
    helpdesk.retraining_trigger = {"check_interval_hours": 24}
    helpdesk.save()
    TriggerEvaluationFactory(source=source, created_at=NOON)
    time_machine.move_to(NOON + hours * HOUR, tick=False)

    with running_tasks():
        tasks.check_all_triggers()

    assert TriggerEvaluation.objects.count() == looks
