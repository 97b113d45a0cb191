"""A deletion of a deployment asks trainers to stop before it removes what is known of them."""

import json
from datetime import timedelta

import pytest

from exports import tasks
from exports.models import DeploymentDeletion, TrainingRun
from exports.training import runs
from exports.training.handover import keys
from feedback.models import ApiKey, Deployment
from tests import receiver as receivers
from tests.exports.training.cases import SECRET
from tests.factories import NOON, DeploymentFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/deployments/helpdesk"


@pytest.fixture
def receiver(settings, monkeypatch, time_machine):
    time_machine.move_to(NOON, tick=False)
    monkeypatch.setenv("TRAINER_SECRET_TEST", SECRET)
    with receivers.running() as running:
        entry = {"url": running.url, "secret_env": "TRAINER_SECRET_TEST", "private_addresses": True}
        settings.TRAINERS = {"gpu": {"adapter": "webhook", **entry}}
        yield running


@pytest.fixture
def run(receiver, operator, running_tasks):
    """A run that was handed over, with its key."""
    DeploymentFactory(id="helpdesk")
    with running_tasks():
        return runs.open_run("helpdesk", by=operator, trainer="gpu")


def kinds(receiver):
    return [json.loads(body)["type"].rpartition(".")[2] for _, _, body in receiver.requests]


def sweep(running_tasks, time_machine, **later):
    time_machine.move_to(NOON + timedelta(**later), tick=False)
    with running_tasks():
        tasks.sweep_erasures()


@pytest.mark.parametrize("answer", [200, 503])
def test_a_trainer_is_asked_to_stop_and_the_key_is_revoked(receiver, run, api, running_tasks, time_machine, answer):
    keys.issue(run.pk)
    receiver.answers = [(answer, {})]

    with running_tasks():
        api.delete(URL)
    sweep(running_tasks, time_machine, seconds=30)

    assert kinds(receiver) == ["requested", "cancelled"]
    assert ApiKey.objects.unrevoked().filter(name=f"training run {run.pk}").count() == 0
    assert (TrainingRun.objects.count(), Deployment.objects.count()) == (0, 0)
    assert DeploymentDeletion.objects.get().status == "completed"


def test_a_deletion_waits_an_hour_for_a_trainer_that_is_not_asked(
    receiver, run, api, running_tasks, time_machine, monkeypatch
):
    monkeypatch.setattr(tasks.call_trainer, "delay", lambda *args, **kwargs: None)
    monkeypatch.setattr(tasks.call_trainer, "apply_async", lambda *args, **kwargs: None)
    with running_tasks():
        api.delete(URL)

    sweep(running_tasks, time_machine, minutes=59)
    waiting = DeploymentDeletion.objects.get().status, TrainingRun.objects.get().status
    sweep(running_tasks, time_machine, minutes=61)

    assert waiting == ("running", "cancelled")
    assert kinds(receiver) == ["requested"]
    assert (DeploymentDeletion.objects.get().status, TrainingRun.objects.count()) == ("completed", 0)
