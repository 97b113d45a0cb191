"""Quality drop also fires when users approve less than before, or less than they should."""

from datetime import timedelta

import pytest

from drift.choices import CheckSource, TriggerOutcome
from drift.models import TriggerEvaluation, TriggerRule
from drift.triggers import checking
from feedback.models import Deployment, Evidence
from tests.drift.factories import store_window
from tests.drift.triggers.evidenced import NOW, evidence


@pytest.fixture
def deployment(db, time_machine):
    time_machine.move_to(NOW, tick=False)
    return Deployment.objects.create(id="helpdesk")


def quality_drop(deployment):
    checking.check(deployment.pk, source=CheckSource.COMMAND)
    return TriggerEvaluation.objects.filter(name="quality_drop").latest("pk")


def arms(evaluation):
    return {arm["name"]: (arm["outcome"], arm["events"], arm["users"]) for arm in evaluation.details["arms"]}


def test_without_feedback_only_form_is_judged(deployment):
    evaluation = quality_drop(deployment)

    assert evaluation.outcome == TriggerOutcome.NO_DATA
    assert arms(evaluation) == {
        "form": ("no_data", 0, None),
        "feedback_threshold": ("off", 0, None),
        "feedback_drop": ("no_data", 0, None),
    }


def test_a_fall_of_approval_fires_with_its_own_value_and_threshold(deployment):
    evidence([True] * 300 + [False] * 100)

    evaluation = quality_drop(deployment)

    assert evaluation.outcome == TriggerOutcome.FIRED
    assert (evaluation.value, evaluation.threshold) == (0.0, pytest.approx(0.9))
    assert arms(evaluation)["feedback_drop"] == ("fired", 100, 100)
    assert "Approval over the newest 100 events with feedback of 100 users is 0.000" in evaluation.reason
    assert "it has surely fallen, by at least 84.3 points (99 % over all checks)." in evaluation.reason


def test_a_new_deployment_that_most_users_reject_fires(deployment):
    evidence([number % 10 == 0 for number in range(90)])

    evaluation = quality_drop(deployment)

    assert (evaluation.outcome, evaluation.threshold) == (TriggerOutcome.FIRED, pytest.approx(0.4))
    assert arms(evaluation)["feedback_drop"] == ("fired", 90, 90)


def test_steady_approval_is_quiet_and_the_same_votes_are_one_evaluation(deployment):
    evidence([number % 4 != 0 for number in range(400)])

    for _ in range(3):
        assert arms(quality_drop(deployment))["feedback_drop"][0] == "quiet"

    assert TriggerRule.objects.get(name="quality_drop").fall_evaluations == 1


def test_the_same_votes_in_another_window_are_another_evaluation(deployment, time_machine):
    evidence([number % 4 != 0 for number in range(400)], before=timedelta(days=29, hours=12))
    quality_drop(deployment)

    time_machine.shift(timedelta(hours=7))
    quality_drop(deployment)

    assert TriggerRule.objects.get(name="quality_drop").fall_evaluations == 2


def test_a_fall_that_is_switched_off_does_not_fire(deployment, api):
    evidence([True] * 300 + [False] * 100)
    answer = api.patch(
        "/api/v1/deployments/helpdesk/triggers/rules", {"quality_drop": {"feedback_drop": False}}, format="json"
    )

    assert answer.status_code == 200, answer.json()
    assert arms(quality_drop(deployment))["feedback_drop"][0] == "off"


@pytest.mark.parametrize(("threshold", "outcome"), [(0.9, "fired"), (0.5, "quiet")])
def test_approval_surely_below_a_threshold_fires(deployment, api, threshold, outcome):
    evidence([number % 4 != 0 for number in range(400)])
    change = {"quality_drop": {"feedback_threshold": threshold}}
    api.patch("/api/v1/deployments/helpdesk/triggers/rules", change, format="json")

    evaluation = quality_drop(deployment)

    assert arms(evaluation)["feedback_threshold"] == (outcome, 400, 400)
    assert (evaluation.threshold == threshold) is (outcome == "fired")


def test_each_condition_says_by_which_interval_it_was_decided(deployment, api):
    evidence([number % 4 != 0 for number in range(400)])
    store_window("helpdesk", start_at=NOW, prompt_lengths=[9] * 6, quality=[0.8, 0.9] * 3)
    change = {"quality_drop": {"feedback_threshold": 0.5}}
    api.patch("/api/v1/deployments/helpdesk/triggers/rules", change, format="json")
    quality_drop(deployment)

    found = api.get("/api/v1/deployments/helpdesk/triggers").json()["results"]

    listed = next(one for one in found if one["name"] == "quality_drop")["details"]["arms"]
    assert [arm["interval"] for arm in listed] == [
        {
            "of": "mean",
            "low": pytest.approx(0.80617, abs=1e-5),
            "high": pytest.approx(0.89383, abs=1e-5),
            "level": 0.95,
        },
        {"of": "approval", "low": None, "high": pytest.approx(0.78401, abs=1e-5), "level": 0.95},
        {"of": "fall", "low": pytest.approx(-0.13556, abs=1e-5), "high": None, "level": 0.99},
    ]


def test_few_users_are_not_enough_data(deployment):
    evidence([False] * 300, users=19)

    assert arms(quality_drop(deployment))["feedback_drop"][0] == "no_data"


def test_feedback_of_more_than_thirty_days_ago_is_not_judged(deployment):
    evidence([False] * 100, before=timedelta(days=31))

    assert arms(quality_drop(deployment))["feedback_drop"][0] == "no_data"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quality_drop": {"feedback_threshold": 1.5}}, "quality_drop.feedback_threshold"),
        ({"scheduled": {"feedback_drop": True}}, "scheduled.feedback_drop"),
    ],
)
def test_a_condition_out_of_place_is_rejected(deployment, api, change, field):
    answer = api.patch("/api/v1/deployments/helpdesk/triggers/rules", change, format="json")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert not Evidence.objects.exists()
