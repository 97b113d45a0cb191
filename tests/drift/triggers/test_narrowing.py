"""A check can be limited to some types of triggers, to a threshold of its own and to the events of the last hours."""

from datetime import timedelta

import pytest

from drift.choices import CheckSource, TriggerType
from drift.models import DriftReport, TriggerEvaluation, TriggerRule
from drift.triggers import checking
from drift.triggers.narrowing import Narrowing
from feedback.models import Deployment
from tests.drift.factories import DriftReportFactory, store_window
from tests.drift.triggers.evidenced import NOW, evidence

DRIFT, ACCURACY, VOLUME, FEEDBACK = TriggerType


@pytest.fixture(autouse=True)
def helpdesk(db, time_machine):
    time_machine.move_to(NOW, tick=False)
    return Deployment.objects.create(id="helpdesk")


def check(**narrowing):
    found = checking.check("helpdesk", source=CheckSource.PIPELINE, narrowing=Narrowing(**narrowing))
    return {evaluation.name: evaluation for evaluation in found}


@pytest.mark.parametrize(
    ("types", "names"),
    [
        (None, ["drift_threshold", "quality_drop", "data_count", "scheduled"]),
        ((DRIFT,), ["drift_threshold"]),
        ((ACCURACY,), ["quality_drop"]),
        ((VOLUME,), ["data_count"]),
        ((FEEDBACK,), ["quality_drop"]),
        ((FEEDBACK, DRIFT), ["drift_threshold", "quality_drop"]),
    ],
)
def test_only_triggers_of_the_types_are_evaluated(types, names):
    assert list(check(types=types)) == names
    assert list(TriggerEvaluation.objects.order_by("pk").values_list("name", "source")) == [
        (name, "pipeline") for name in names
    ]


@pytest.mark.parametrize(
    ("types", "arms"),
    [
        ((ACCURACY,), ["quiet", "off", "off"]),
        ((FEEDBACK,), ["off", "no_data", "no_data"]),
        ((ACCURACY, FEEDBACK), ["quiet", "no_data", "no_data"]),
    ],
)
def test_accuracy_and_feedback_are_different_conditions_of_quality_drop(types, arms):
    TriggerRule.objects.create(deployment_id="helpdesk", name="quality_drop", feedback_threshold=0.5)
    store_window("helpdesk", start_at=NOW - timedelta(hours=1), prompt_lengths=[10] * 5)

    assert [arm["outcome"] for arm in check(types=types)["quality_drop"].details["arms"]] == arms


@pytest.mark.parametrize(("threshold", "outcome"), [(None, "fired"), (0.3, "fired"), (0.5, "quiet")])
def test_a_threshold_takes_the_place_of_that_of_drift(threshold, outcome):
    DriftReportFactory(score=0.4, verdict="drifting", created_at=NOW)

    found = check(types=(DRIFT,), threshold=threshold)["drift_threshold"]

    assert (found.outcome, found.threshold) == (outcome, threshold or 0.2)


@pytest.mark.parametrize(("threshold", "outcome"), [(None, "quiet"), (0.95, "fired")])
def test_a_threshold_takes_the_place_of_that_of_the_checks(threshold, outcome):
    store_window("helpdesk", start_at=NOW - timedelta(hours=1), prompt_lengths=[10] * 5)

    assert check(types=(ACCURACY,), threshold=threshold)["quality_drop"].outcome == outcome


@pytest.mark.parametrize(("threshold", "outcome"), [(None, "no_data"), (0.9, "fired"), (0.2, "quiet")])
def test_a_threshold_takes_the_place_of_that_of_approval(threshold, outcome):
    evidence([number % 2 == 0 for number in range(200)])

    found = check(types=(FEEDBACK,), threshold=threshold)["quality_drop"]

    if threshold is None:
        assert found.details["arms"][1]["outcome"] == "off"
        return
    assert (found.outcome, found.threshold) == (outcome, threshold)
    assert found.details["arms"][2]["outcome"] == "off"


@pytest.mark.parametrize(("types", "count"), [((VOLUME,), "fired"), ((VOLUME, ACCURACY), "quiet")])
def test_a_threshold_is_a_number_of_events_for_volume_alone(types, count):
    store_window("helpdesk", start_at=NOW - timedelta(hours=1), prompt_lengths=[10] * 5)

    assert check(types=types, threshold=1.0)["data_count"].outcome == count


def test_only_events_of_the_last_hours_count():
    TriggerRule.objects.create(deployment_id="helpdesk", name="data_count", threshold=8)
    store_window("helpdesk", start_at=NOW - timedelta(hours=30), prompt_lengths=[10] * 5, quality=[0.1] * 5)
    store_window("helpdesk", start_at=NOW - timedelta(hours=1), prompt_lengths=[10] * 5)

    whole = check(types=(ACCURACY, VOLUME))
    last_day = check(types=(ACCURACY, VOLUME), window_hours=24)

    assert [(one.outcome, one.value) for one in whole.values()] == [("fired", 0.5), ("fired", 10)]
    assert [one.outcome for one in last_day.values()] == ["quiet", "quiet"]
    assert last_day["quality_drop"].reason == (
        "The average score of the checks over the newest 5 scored events of the last 24 hours is 0.9, not below the "
        "threshold of 0.7."
    )
    assert last_day["data_count"].reason == "5 events of the last 24 hours and no training yet; the threshold is 8."


def test_drift_of_the_last_hours_has_a_report_of_its_own():
    usual = DriftReportFactory(score=0.4, verdict="drifting", created_at=NOW)

    found = check(types=(DRIFT,), window_hours=6)["drift_threshold"]

    assert found.report_id != usual.pk
    assert DriftReport.objects.get(pk=found.report_id).current_window == {"trailing": {"hours": 6, "gap_hours": 0}}


def test_approval_of_the_last_hours_leaves_older_votes_out():
    evidence([False] * 200, before=timedelta(days=2))

    whole = check(types=(FEEDBACK,), threshold=0.5)["quality_drop"]
    last_day = check(types=(FEEDBACK,), threshold=0.5, window_hours=24)["quality_drop"]

    assert (whole.outcome, last_day.outcome) == ("fired", "no_data")
    assert last_day.reason == "Fewer than 20 users voted in the last 1 day."


@pytest.mark.parametrize(
    ("narrowing", "message"),
    [
        ({"types": ()}, "trigger_types must name at least one type."),
        ({"threshold": 1.5}, "threshold must be a score from 0 to 1."),
        ({"threshold": -0.1, "types": (DRIFT, VOLUME)}, "threshold must be a score from 0 to 1."),
        ({"threshold": 0.5, "types": (VOLUME,)}, "threshold must be a whole number of events, from 1."),
        ({"window_hours": 0}, "window_hours must be from 1 to 8,784."),
        ({"window_hours": 9_000}, "window_hours must be from 1 to 8,784."),
    ],
)
def test_values_out_of_range_are_named(narrowing, message):
    assert [problem.message for problem in Narrowing(**narrowing).problems()] == [message]


@pytest.mark.parametrize("narrowing", [{}, {"threshold": 0.0}, {"threshold": 500.0, "types": (VOLUME,)}])
def test_values_in_range_are_no_problem(narrowing):
    assert Narrowing(**narrowing).problems() == []
