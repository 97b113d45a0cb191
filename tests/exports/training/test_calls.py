"""Runs are handed to webhooks at least once, with retries, and the result stands on the run."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from exports import tasks
from exports.choices import RunStatus
from exports.models import TrainerCall, TrainingRun
from exports.training import runs
from exports.training.adapters.base import Observed
from exports.training.handover import calls, keys
from feedback.models import Deployment
from tests import receiver as receivers
from tests.exports.factories import TrainingRunFactory, approved_set
from tests.exports.training.cases import SECRET
from tests.factories import DeploymentFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def receiver(settings, monkeypatch):
    monkeypatch.setenv("TRAINER_SECRET_TEST", SECRET)
    with receivers.running() as running:
        entry = {"url": running.url, "secret_env": "TRAINER_SECRET_TEST", "private_addresses": True}
        settings.TRAINERS = {"gpu": {"adapter": "webhook", **entry}}
        yield running


def open_run(operator, **facts):
    deployment, _ = Deployment.objects.get_or_create(pk="helpdesk")
    return runs.open_run(deployment.pk, by=operator, trainer="gpu", **facts)


def facts_of(run, action="start"):
    call = TrainerCall.objects.get(run=run, action=action)
    return call.status, call.attempts, call.error


def test_a_run_is_handed_over_when_it_is_opened(receiver, operator, export, running_tasks, settings):
    settings.PUBLIC_URL = "https://crucible.example.org"
    batch = export(approved_set([{}]))

    with running_tasks():
        run = open_run(operator, batch=batch, config={"epochs": 3})

    run.refresh_from_db()
    assert (facts_of(run), run.status) == (("delivered", 1, ""), "pending")
    [(_, _, body)] = receiver.requests
    data = json.loads(body)["data"]
    address = "https://crucible.example.org/api/v1"
    assert (data["run_id"], data["deployment"], data["config"]["epochs"]) == (run.pk, "helpdesk", 3)
    assert data["report_url"] == f"{address}/training-runs/{run.pk}"
    assert data["key"] == keys.issue(run.pk)
    dataset = data["dataset"]
    assert (dataset["export_id"], dataset["rows"], dataset["sha256"]) == (batch.pk, 1, batch.sha256)
    assert (dataset["url"], dataset["manifest_url"]) == (
        f"{address}/exports/{batch.pk}/download",
        f"{address}/exports/{batch.pk}/manifest",
    )
    [file] = batch.files
    assert dataset["files"] == [{"path": file["path"], "sha256": file["sha256"], "bytes": file["bytes"]}]
    assert dataset["manifest"] == batch.manifest


def test_a_trainer_that_is_down_is_asked_again_with_growing_pauses(receiver, operator, running_tasks, time_machine):
    receiver.answers = [(503, {})]
    with running_tasks():
        run = open_run(operator)

    at = []
    for pause in calls.PAUSES:
        at.append(TrainerCall.objects.get().next_attempt_at - timezone.now())
        time_machine.shift(pause + timedelta(minutes=1))
        with running_tasks():
            tasks.sweep_trainers()

    run.refresh_from_db()
    host = receiver.url.removeprefix("http://")
    message = f"{host} responded with 503; expected 2xx."
    assert at == calls.PAUSES
    assert facts_of(run) == ("failed", 6, message)
    assert (run.status, run.error_message) == ("failed", f"The trainer gpu did not start: {message}")
    assert len({headers["webhook-id"] for _, headers, _ in receiver.requests}) == 1
    assert len({json.loads(body)["data"]["key"] for _, _, body in receiver.requests}) == 1


def test_a_trainer_that_comes_back_gets_the_run(receiver, operator, running_tasks, time_machine):
    receiver.answers = [(503, {}), (200, {})]
    with running_tasks():
        run = open_run(operator)
    waiting = facts_of(run)

    time_machine.shift(timedelta(minutes=2))
    with running_tasks():
        tasks.sweep_trainers()

    assert waiting[:2] == ("waiting", 1)
    assert facts_of(run) == ("delivered", 2, "")


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (None, "gpu is not a trainer of TRAINERS (known: none)."),
        ({"adapter": "webhook"}, "Object missing required field `url`."),
    ],
)
def test_a_run_whose_trainer_is_gone_waits_and_fails_with_the_reason(
    settings, operator, running_tasks, time_machine, entry, reason
):
    settings.TRAINERS = {} if entry is None else {"gpu": entry}

    with running_tasks():
        run = open_run(operator)
    at_first = facts_of(run)
    for pause in calls.PAUSES:
        time_machine.shift(pause + timedelta(minutes=1))
        with running_tasks():
            tasks.sweep_trainers()

    run.refresh_from_db()
    assert at_first == ("waiting", 1, reason)
    assert (run.status, run.error_message) == ("failed", f"The trainer gpu did not start: {reason}")


def test_a_run_on_deleted_files_fails(receiver, operator, export, running_tasks):
    batch = export(approved_set([{}]))
    batch.files_deleted_at = NOON
    batch.save(update_fields=["files_deleted_at"])

    with running_tasks():
        run = open_run(operator, batch=batch)

    run.refresh_from_db()
    assert run.error_message == f"The trainer gpu did not start: The files of export {batch.pk} are deleted."
    assert receiver.requests == []


def test_a_cancelled_run_is_cancelled_at_its_trainer_once(receiver, operator, running_tasks):
    with running_tasks():
        run = open_run(operator)
    with running_tasks():
        runs.cancel(run.pk, by=operator)
    with running_tasks():
        tasks.sweep_trainers()

    kinds = [json.loads(body)["type"] for _, _, body in receiver.requests]
    assert kinds == ["crucible.training.requested", "crucible.training.cancelled"]
    assert facts_of(run, "cancel") == ("delivered", 1, "")


def test_a_run_that_ended_before_it_was_handed_over_is_not(receiver, operator, running_tasks):
    run = open_run(operator)
    calls.open_calls()
    runs.cancel(run.pk, by=operator)

    with running_tasks():
        tasks.sweep_trainers()

    with running_tasks():
        tasks.sweep_trainers()

    assert receiver.requests == []
    assert facts_of(run) == ("dropped", 1, "")
    assert TrainerCall.objects.count() == 1


def test_a_cancellation_waits_for_the_start_in_flight(settings, operator, running_tasks):
    settings.TRAINERS = {"gpu": {"adapter": f"{__name__}.CancelledMeanwhile"}}
    SEEN.clear()
    run = open_run(operator)
    MEANWHILE[:] = [lambda: runs.cancel(run.pk, by=operator), tasks.sweep_trainers, lambda: SEEN.append("started")]

    with running_tasks():
        tasks.sweep_trainers()
    with running_tasks():
        tasks.sweep_trainers()

    assert SEEN == ["started", "cancelled"]
    assert (facts_of(run), facts_of(run, "cancel")) == (("delivered", 1, ""), ("delivered", 1, ""))


def test_a_start_that_is_repeated_is_dropped_once_its_run_is_cancelled(receiver, operator, running_tasks):
    receiver.answers = [(503, {}), (200, {})]
    with running_tasks():
        run = open_run(operator)
    with running_tasks():
        runs.cancel(run.pk, by=operator)

    with running_tasks():
        tasks.sweep_trainers()

    kinds = [json.loads(body)["type"] for _, _, body in receiver.requests]
    assert kinds == ["crucible.training.requested", "crucible.training.cancelled"]
    assert (facts_of(run)[:2], facts_of(run, "cancel")) == (("dropped", 2), ("delivered", 1, ""))


def test_a_call_is_made_by_one_worker(receiver, operator):
    open_run(operator)
    calls.open_calls()
    calls.open_calls()
    call = TrainerCall.objects.get()

    first, second = calls.make(call.pk), calls.make(call.pk)

    assert (first, second, len(receiver.requests)) == (True, False, 1)


def test_an_adapter_that_raises_is_a_failure_of_its_run(settings, operator, running_tasks, time_machine):
    settings.TRAINERS = {"gpu": {"adapter": f"{__name__}.Broken"}}
    with running_tasks():
        run = open_run(operator)

    assert facts_of(run) == ("waiting", 1, "Its adapter raised ZeroDivisionError: see the log of the worker.")


class Broken:
    is_supervised = False

    def validate(self):
        return []

    def start(self, hand_off):
        return 1 / 0

    def poll(self, hand_off):
        return None

    def cancel(self, hand_off):
        return None


SEEN, MEANWHILE = [], []


class CancelledMeanwhile(Broken):
    def start(self, hand_off):
        for step in MEANWHILE:
            step()
        return Observed(RunStatus.PENDING)

    def cancel(self, hand_off):
        SEEN.append("cancelled")


def test_only_known_trainers_are_asked_for(receiver, api):
    DeploymentFactory(id="helpdesk")

    refused = api.post("/api/v1/training-runs", {"deployment_id": "helpdesk", "trainer": "weekly"}, format="json")
    opened = api.post("/api/v1/training-runs", {"deployment_id": "helpdesk", "trainer": "gpu"}, format="json")

    [error] = refused.json()["errors"]
    assert (refused.status_code, error["field"]) == (400, "trainer")
    assert error["message"] == "weekly is not a trainer of TRAINERS (known: gpu)."
    assert (opened.status_code, TrainingRun.objects.get().trainer) == (201, "gpu")


def test_a_run_that_trains_elsewhere_is_handed_to_no_one(operator, running_tasks):
    with running_tasks():
        TrainingRunFactory()
        tasks.sweep_trainers()

    assert not TrainerCall.objects.exists()
