"""A training run from its opening to its end, through the API."""

from datetime import timedelta

import pytest

from drift.models import TrainingMark
from exports.models import TrainingRun
from exports.tasks import sweep_trainers
from feedback.models import Deployment
from tests.drift.factories import store_window
from tests.factories import NOON, DeploymentFactory

RUNS = "/api/v1/training-runs"


@pytest.fixture(autouse=True)
def helpdesk(db, time_machine):
    time_machine.move_to(NOON, tick=True)
    DeploymentFactory(id="helpdesk")
    store_window("helpdesk", start_at=NOON.replace(hour=10), prompt_lengths=[10] * 5)


@pytest.fixture
def run(api):
    return api.post(RUNS, {"deployment_id": "helpdesk", "config": {"id": "sft"}}, format="json").json()


def patch(api, run, **body):
    return api.patch(f"{RUNS}/{run['id']}", body, format="json")


def test_a_run_is_pending_then_running_then_completed(api, run):
    assert (run["status"], run["config"]["id"], run["started_at"]) == ("pending", "sft", None)
    assert (run["config"]["epochs"], run["config"]["dataset_ref"]["provider"]) == (1, "crucible_feedback")

    running = patch(api, run, current_epoch=1, metrics={"loss": 0.7}, checkpoint_uris=["s3://m/1"]).json()
    patch(api, run, current_epoch=2, metrics={"loss": 0.5})
    patch(api, run, current_epoch=2, metrics={"loss": 0.4})
    done = patch(api, run, status="completed", final_model_version="bot-2.0.0", best_metrics={"loss": 0.4}).json()

    assert (running["status"], running["metrics_history"]) == ("running", [{"epoch": 1, "loss": 0.7}])
    assert (done["status"], done["current_epoch"], done["final_model_version"]) == ("completed", 2, "bot-2.0.0")
    assert done["metrics_history"] == [{"epoch": 1, "loss": 0.7}, {"epoch": 2, "loss": 0.4}]
    assert done["mark"]["events_before"] == 0
    assert done["baseline"]["n"] == 5
    made = done["model_version"]
    assert made.pop("created_at")[:10] == "2026-05-04"
    assert made == {
        "id": "bot-2.0.0",
        "model_id": "helpdesk",
        "version": "2.0.0",
        "stage": "development",
        "training_run_id": run["id"],
        "metrics": {"loss": 0.4},
        "artifact_uri": "s3://m/1",
        "parent_version": None,
    }


def test_a_repeated_end_is_accepted_and_another_is_not(api, run):
    end = {"status": "completed", "final_model_version": "bot-2"}

    first, again = patch(api, run, **end), patch(api, run, **end)
    others = [
        patch(api, run, status="completed", final_model_version="bot-3"),
        patch(api, run, status="failed", error_message="out of memory"),
        patch(api, run, current_epoch=3),
        api.post(f"{RUNS}/{run['id']}/cancel"),
    ]

    assert (first.status_code, again.status_code) == (200, 200)
    assert [answer.status_code for answer in others] == [409] * 4
    assert (TrainingMark.objects.count(), TrainingRun.objects.get().final_model_version) == (1, "bot-2")


def test_a_deployment_has_one_unfinished_run(api, run):
    second = api.post(RUNS, {"deployment_id": "helpdesk"}, format="json")
    api.post(f"{RUNS}/{run['id']}/cancel")
    third = api.post(RUNS, {"deployment_id": "helpdesk"}, format="json")

    assert (second.status_code, third.status_code) == (409, 201)
    assert f"Training run {run['id']} of helpdesk is pending." in second.json()["errors"][0]["message"]


def test_a_failed_run_marks_nothing(api, run):
    answer = patch(api, run, status="failed", error_message="out of memory").json()

    assert (answer["status"], answer["error_message"], answer["mark"]) == ("failed", "out of memory", None)
    assert not TrainingMark.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"status": "completed"}, "final_model_version"),
        ({"status": "running", "final_model_version": "bot-2"}, "final_model_version"),
        ({"status": "failed"}, "error_message"),
        ({"status": "pending"}, "status"),
        ({"metrics": {"loss": "NaN"}, "current_epoch": 1}, "metrics.loss"),
        ({"metrics_history": [{"loss": 1}]}, "metrics_history"),
        ({"metrics_history": [{"epoch": 1.5}]}, "metrics_history"),
        ({"current_epoch": -1}, "current_epoch"),
        ({"external_url": "javascript:alert(1)"}, "external_url"),
        ({"pid": 1}, "pid"),
    ],
)
def test_a_report_that_is_wrong_changes_nothing(api, run, body, field):
    answer = patch(api, run, **body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert TrainingRun.objects.get().status == "pending"


@pytest.mark.parametrize("config", [{"epochs": 0}, {"colour": "red"}, {"learning_rate": "fast"}, {"model_ref": 3}])
def test_a_configuration_that_the_ir_does_not_have_opens_no_run(api, config):
    answer = api.post(RUNS, {"deployment_id": "helpdesk", "config": config}, format="json")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "config")
    assert not TrainingRun.objects.exists()


def test_a_silent_run_fails_and_lets_the_next_one_train(api, run, settings, time_machine):
    settings.TRAINING_SILENT_HOURS = 48
    patch(api, run, current_epoch=1)
    heard_at = TrainingRun.objects.get().last_reported_at

    time_machine.move_to(heard_at + timedelta(hours=47), tick=False)
    sweep_trainers()
    before = TrainingRun.objects.get().status
    time_machine.move_to(heard_at + timedelta(hours=49), tick=False)
    sweep_trainers()
    after = TrainingRun.objects.get()

    assert (before, after.status) == ("running", "failed")
    assert after.error_message == "No report for 48 hours (TRAINING_SILENT_HOURS)."
    assert api.post(RUNS, {"deployment_id": "helpdesk"}, format="json").status_code == 201


def test_runs_are_listed_by_deployment_and_status(api, run):
    of_helpdesk = api.get(RUNS, {"deployment_id": "helpdesk", "status": "pending"}).json()["results"]
    others = [api.get(RUNS, {"deployment_id": "shop"}), api.get(RUNS, {"status": "failed"})]

    assert [one["id"] for one in of_helpdesk] == [run["id"]]
    assert [answer.json()["results"] for answer in others] == [[], []]


def test_a_deployment_that_is_deleted_trains_no_more(api, operator):
    Deployment.objects.update(archived=True, deleting=True)

    answers = [
        api.post(RUNS, {"deployment_id": "helpdesk"}, format="json"),
        api.post("/api/v1/deployments/helpdesk/trained", {}, format="json"),
        api.put("/api/v1/deployments/helpdesk/loop-policy", {"level": "curate"}, format="json"),
    ]

    assert [answer.status_code for answer in answers] == [409, 409, 400]
    assert {answer.json()["errors"][0]["message"] for answer in answers} == {"helpdesk is being deleted."}
    assert not TrainingRun.objects.exists()
