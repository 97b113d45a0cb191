"""The key of a training run: it opens the run and its export, and nothing else."""

import re

import pytest
from django.test import Client

from exports.models import TrainingRun
from exports.training import runs
from exports.training.handover import keys
from feedback.models import ApiKey
from tests.config.web.test_routes import METHODS, VIEWS
from tests.exports.factories import ExportBatchFactory, TrainingRunFactory, approved_set
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
OPEN = {
    ("GET", "api/v1/training-runs/<int:pk>"),
    ("HEAD", "api/v1/training-runs/<int:pk>"),
    ("PATCH", "api/v1/training-runs/<int:pk>"),
    ("GET", "api/v1/exports/<int:pk>"),
    ("HEAD", "api/v1/exports/<int:pk>"),
    ("GET", "api/v1/exports/<int:pk>/download"),
    ("HEAD", "api/v1/exports/<int:pk>/download"),
    ("GET", "api/v1/exports/<int:pk>/manifest"),
    ("HEAD", "api/v1/exports/<int:pk>/manifest"),
}


@pytest.fixture
def run(export):
    """A run of a user without any permission, on a published export."""
    batch = export(approved_set([{}]))
    return TrainingRunFactory(batch=batch, requested_by=UserFactory())


def client(run):
    return Client(headers={"Authorization": f"Bearer {keys.issue(run.pk)}"})


def test_the_same_key_is_handed_over_again_and_only_its_hash_is_stored(run):
    secret = keys.issue(run.pk)

    assert keys.issue(run.pk) == secret
    key = ApiKey.objects.get(training_run=run)
    assert (key.name, key.scopes, key.deployments) == (f"training run {run.pk}", ["train"], ["helpdesk"])
    assert secret not in [str(value) for value in vars(key).values()]


def test_a_key_that_is_no_longer_valid_is_replaced(run, settings):
    first = keys.issue(run.pk)
    settings.SECRET_KEY = "another secret key of the installation"
    second = keys.issue(run.pk)
    ApiKey.objects.get(training_run=run).delete()
    third = keys.issue(run.pk)

    assert len({first, second, third}) == 3
    assert ApiKey.objects.unrevoked().count() == 1


def test_two_runs_have_two_keys(run):
    other = TrainingRunFactory(status="completed", completed_at=run.created_at)

    assert keys.issue(run.pk) != keys.issue(other.pk)


def test_a_trainer_reads_and_reports_its_run_and_downloads_its_export(run):
    trainer = client(run)

    manifest = trainer.get(f"/api/v1/exports/{run.batch_id}/manifest")
    file = b"".join(trainer.get(f"/api/v1/exports/{run.batch_id}/download"))
    report = {"current_epoch": 1, "metrics": {"loss": 0.5}}
    reported = trainer.patch(f"/api/v1/training-runs/{run.pk}", report, "application/json")
    ended = {"status": "completed", "final_model_version": "bot-2.0.0"}
    completed = [trainer.patch(f"/api/v1/training-runs/{run.pk}", ended, "application/json") for _ in range(2)]

    assert (manifest.status_code, manifest.json()["set"]) == (200, run.batch.curated_set.name)
    assert file.count(b"\n") == 1
    assert (reported.status_code, reported.json()["metrics_history"]) == (200, [{"epoch": 1, "loss": 0.5}])
    assert [(answer.status_code, answer.json()["status"]) for answer in completed] == [(200, "completed")] * 2


def test_every_other_call_is_denied(run):
    """With the ids of its own run and export in every address."""
    trainer = client(run)

    def status(method, route):
        address = "/" + route.path
        for name, pk in (("training-runs/", run.pk), ("exports/", run.batch_id)):
            address = address.replace(f"{name}<int:pk>", f"{name}{pk}")
        address = address.replace("<deployment:deployment_id>", "helpdesk")
        address = re.sub("<(any)?uuid:[a-z_]+>", "0f0e0d0c-0b0a-4908-8706-050403020100", address)
        address = re.sub("<[a-z]+:[a-z_]+>", "1", address)
        return trainer.generic(method, address, b"{}", "application/json").status_code

    answers = {
        (method, route.path): status(method, route)
        for route in VIEWS
        for method in METHODS
        if method in getattr(route.view, "scopes", {})
        or (method == "HEAD" and "GET" in getattr(route.view, "scopes", {}))
    }

    assert {call: answer for call, answer in answers.items() if answer != 403}.keys() == OPEN
    assert {answers[call] for call in OPEN} == {200}


def test_another_run_and_another_export_are_denied(run):
    other = TrainingRunFactory(
        status="failed", error_message="-", completed_at=run.created_at, batch=ExportBatchFactory()
    )
    trainer = client(run)

    addresses = [
        f"training-runs/{other.pk}",
        *(f"exports/{other.batch_id}{part}" for part in ("", "/download", "/manifest")),
    ]
    answers = [trainer.get(f"/api/v1/{address}").status_code for address in addresses]
    answers.append(trainer.patch(f"/api/v1/training-runs/{other.pk}", {}, "application/json").status_code)

    assert answers == [403] * 5


def test_the_key_ends_with_the_run(run):
    trainer = client(run)
    address, export = f"/api/v1/training-runs/{run.pk}", f"/api/v1/exports/{run.batch_id}"

    runs.fail(run.pk, "The machine is gone.")
    at_once = trainer.get(address).status_code, trainer.get(export).status_code
    revoked = keys.revoke_ended(), keys.revoke_ended()

    assert at_once == (200, 403)
    assert revoked == (1, 0)
    assert (trainer.get(address).status_code, trainer.get(export).status_code) == (401, 401)
    assert TrainingRun.objects.get().key.revoked_at is not None
