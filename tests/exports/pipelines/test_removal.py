"""The runs of pipelines go with their deployment; sets and exports that stay forget them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from exports import tasks
from exports.deletions import deleting
from exports.models import DeploymentDeletion, ExportBatch, PipelineRun, PipelineStage
from exports.pipelines.stored import continuing, documents, requesting
from tests.exports.factories import PipelineRunFactory, approved_set
from tests.exports.pipelines.experiments import CHECK, PIPELINES, experiment
from tests.factories import DeploymentFactory


def test_runs_go_with_their_deployment(operator, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    DeploymentFactory(id="helpdesk")
    approved_set([{}])
    run = requesting.request(documents.read(experiment(CHECK, "export_feedback", "train")), by=operator, queue=False)
    continuing.run(run.pk)
    other = PipelineRunFactory(deployment=DeploymentFactory(id="shop"))
    deletion = deleting.request("helpdesk", by=operator)

    deleting.run(deletion.pk)
    time_machine.shift(timedelta(seconds=30))
    deleting.run(deletion.pk)

    assert DeploymentDeletion.objects.get().status == "completed"
    assert list(PipelineRun.objects.all()) == [other]
    assert not PipelineStage.objects.exists()
    assert ExportBatch.objects.count() == 1


def test_a_worker_at_a_deleted_run_makes_nothing(operator):
    DeploymentFactory(id="helpdesk")
    run = requesting.request(documents.read(experiment("export_feedback")), by=operator, queue=False)
    PipelineRun.objects.filter(pk=run.pk).delete()

    tasks.sweep_pipelines()

    assert not ExportBatch.objects.exists()


def test_a_task_of_a_deleted_run_ends(operator):
    run = PipelineRunFactory()
    PipelineRun.objects.filter(pk=run.pk).delete()

    tasks.run_pipeline(run.pk)

    assert not PipelineRun.objects.exists()


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"archived": True}, "helpdesk is archived."),
        ({"archived": True, "deleting": True}, "helpdesk is being deleted."),
    ],
)
def test_a_closed_deployment_begins_no_pipeline(api, state, message):
    DeploymentFactory(id="helpdesk", **state)

    answer = api.post(PIPELINES, experiment(CHECK), format="json")

    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (409, message)
    assert not PipelineRun.objects.exists()
