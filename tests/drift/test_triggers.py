from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from drift import tasks, training, triggers
from drift.choices import Profile, TriggerName, Verdict
from drift.models import DriftReport, TriggerEvaluation
from tests.drift.factories import DriftReportFactory, TriggerEvaluationFactory, store_window
from tests.factories import NOON, DeploymentFactory

pytestmark = pytest.mark.django_db
CHECK = "/api/v1/deployments/helpdesk/triggers/check"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def helpdesk():
    return DeploymentFactory(id="helpdesk")


def check(now=None):
    return {evaluation.name: evaluation for evaluation in triggers.check("helpdesk", now=now)}


def test_the_triggers_come_in_the_fixed_order_and_stay_in_the_history(api):
    answer = api.post(CHECK)

    assert answer.status_code == 200
    found = [(item["name"], item["fired"], item["value"], item["threshold"]) for item in answer.json()["triggers"]]
    assert found == [
        ("drift_threshold", False, None, 0.2),
        ("quality_drop", False, None, 0.7),
        ("data_count", False, 0, 1000),
        ("scheduled", True, None, 86_400),
    ]
    history = api.get("/api/v1/deployments/helpdesk/triggers").json()["results"]
    assert history == answer.json()["triggers"][::-1]


def test_a_deployment_with_three_good_events_fires_neither_drift_nor_quality():
    store_window("helpdesk", start_at=NOON, prompt_lengths=[10, 20, 30])

    found = check()

    assert not found["drift_threshold"].fired
    assert found["drift_threshold"].reason.endswith("has no score: insufficient data.")
    assert not found["quality_drop"].fired
    assert found["quality_drop"].value == pytest.approx(0.9)


@pytest.mark.parametrize(("score", "fired"), [(0.2, False), (0.2000001, True), (0.0, False)])
def test_drift_fires_strictly_above_its_threshold(score, fired):
    report = DriftReportFactory(score=score, verdict=Verdict.DRIFTING)

    found = check()["drift_threshold"]

    assert (found.fired, found.value, found.report_id) == (fired, score, report.pk)
    assert DriftReport.objects.count() == 1


def test_a_recent_report_is_used_and_an_old_one_is_not(settings):
    settings.TRIGGER_CHECK_INTERVAL_SECONDS = 3_600
    now = timezone.now()
    report = DriftReportFactory(score=0.5, verdict=Verdict.DRIFTING, created_at=now - timedelta(minutes=59))

    recent, later = check(now), check(now + timedelta(minutes=2))

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


@pytest.mark.parametrize(
    ("quality", "fired", "value"),
    [
        ([0.7] * 4, False, 0.7),
        ([0.6999] * 4, True, 0.6999),
        ([0.9, 0.9, None, None], False, 0.9),
        ([None] * 4, False, None),
    ],
)
def test_quality_fires_strictly_below_its_threshold_and_ignores_the_unscored(quality, fired, value):
    store_window("helpdesk", start_at=NOON, prompt_lengths=[10] * 4, quality=quality)

    found = check()["quality_drop"]

    assert found.fired is fired
    assert found.value == (None if value is None else pytest.approx(value))


@pytest.mark.parametrize(("count", "fired"), [(9, False), (10, True)])
def test_data_count_fires_at_its_threshold(settings, count, fired):
    settings.TRIGGER_DATA_COUNT_THRESHOLD = 10
    store_window("helpdesk", start_at=NOON, prompt_lengths=[10] * count)

    found = check()["data_count"]

    assert (found.fired, found.value) == (fired, count)


def test_data_count_starts_again_at_the_last_training(settings):
    settings.TRIGGER_DATA_COUNT_THRESHOLD = 10
    store_window("helpdesk", start_at=NOON, prompt_lengths=[10] * 20)
    training.mark("helpdesk", marked_at=NOON - DAY)
    training.mark("helpdesk", marked_at=NOON + timedelta(seconds=15), source="export 12")

    found = check()["data_count"]

    assert (found.fired, found.value) == (False, 5)
    assert found.reason == "5 events since the last training at 2026-05-04 12:00 UTC; 10 are enough."


@pytest.mark.parametrize(("seconds", "fired"), [(86_399, False), (86_400, True)])
@pytest.mark.parametrize("since", ["training", "firing"])
def test_the_schedule_fires_after_its_interval(seconds, fired, since):
    if since == "training":
        training.mark("helpdesk", marked_at=NOON)
    else:
        TriggerEvaluationFactory(created_at=NOON)
    TriggerEvaluationFactory(created_at=NOON + timedelta(hours=1), fired=False)

    found = check(NOON + timedelta(seconds=seconds))["scheduled"]

    assert (found.fired, found.value) == (fired, seconds)


def test_a_schedule_that_fired_is_quiet_for_its_interval():
    fired = [check(NOON + hours * timedelta(hours=1))["scheduled"].fired for hours in (0, 1, 23, 24, 25)]

    assert fired == [True, False, False, True, False]


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

    assert list(TriggerEvaluation.objects.order_by("pk").values_list("deployment_id", "name")) == [
        ("helpdesk", name) for name in TriggerName.values
    ]


def test_quality_is_averaged_over_the_newest_window(settings):
    settings.QUALITY_WINDOW = 50
    store_window("helpdesk", start_at=NOON, prompt_lengths=[10] * 100, quality=np.repeat([0.9, 0.5], 50))

    found = check()["quality_drop"]

    assert (found.fired, found.value) == (True, pytest.approx(0.5))
    assert found.reason == "The average 0.5 of the newest 50 scored events is below 0.7."
