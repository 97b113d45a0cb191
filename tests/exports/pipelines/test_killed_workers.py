"""Real workers are killed at each step of a pipeline: another one finishes the run, and nothing is made twice."""

import signal
import subprocess
import sys
import textwrap

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from curation.choices import CuratedSetStatus
from curation.models import CuratedSet
from curation.review import approval
from curation.tasks import build_curated_set
from drift.models import TriggerEvaluation, TriggerFiring
from exports import tasks
from exports.choices import ExportStatus
from exports.models import ExportBatch, PipelineRun
from exports.pipelines.stored import documents, requesting
from feedback.models import JobLease
from tests.curation.voting import voted
from tests.exports.pipelines.experiments import experiment
from tests.factories import DeploymentFactory, StaffFactory
from tests.servers.processes import environment
from tests.servers.workers import tasks_run_at_once

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

DIES_AT_A_STEP = textwrap.dedent(
    """
    import os, signal, sys
    import django
    django.setup()
    from django.utils.module_loading import import_string
    from exports import tasks
    from exports.pipelines.stored import continuing

    _, run_id, owner, name, moment = sys.argv
    owner = import_string(owner)
    step = getattr(owner, name)

    def dies(*arguments, **keywords):
        if moment == "after":
            step(*arguments, **keywords)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, dies)
    tasks.run_pipeline(int(run_id))
    """
)
STAGES = (
    ("check_triggers", {"trigger_types": ["volume"], "threshold": 1.0}),
    ("curate", {"strategies": ["high_quality"]}),
    "await_approval",
    "export_feedback",
)


def killed_at(settings, run, *step):
    """A worker in a process of its own is killed at this step; its lease has run out."""
    worker = subprocess.run(
        [sys.executable, "-c", DIES_AT_A_STEP, str(run.pk), *step],
        cwd=django_settings.BASE_DIR,
        env=environment() | {"EXPORT_URL": settings.EXPORT_URL, "DJANGO_SETTINGS_MODULE": "config.settings"},
        check=False,
    )
    assert worker.returncode == -signal.SIGKILL
    JobLease.objects.update(expires_at=timezone.now())


def others_work(user):
    """Other workers build and write, and a person approves, all that is there."""
    for made in CuratedSet.objects.building():
        build_curated_set(made.pk)
    for made in CuratedSet.objects.filter(status=CuratedSetStatus.DRAFT):
        approval.approve(made.pk, by=user)
    for batch in ExportBatch.objects.filter(status=ExportStatus.APPROVED):
        tasks.write_export(batch.pk)


def swept():
    """Beat sweeps once a waiting run is due."""
    PipelineRun.objects.filter(next_check_at__isnull=False).update(next_check_at=timezone.now())
    with tasks_run_at_once():
        tasks.sweep_pipelines()


@pytest.mark.parametrize(
    ("rounds", "step"),
    [
        (0, ("exports.pipelines.stored.effects.Recorded", "note", "after")),
        (0, ("exports.pipelines.stored.continuing", "_complete", "before")),
        (0, ("exports.pipelines.stored.continuing", "_complete", "after")),
        (0, ("curation.sets.requesting", "create", "after")),
        (0, ("exports.pipelines.stored.continuing", "_wait", "before")),
        (1, ("exports.pipelines.stages.await_approval", "chosen_set", "after")),
        (1, ("exports.batches.requesting", "request", "after")),
        (1, ("exports.batches.review.approval", "approve", "after")),
        (1, ("exports.pipelines.stages.export_feedback", "_require_published", "before")),
        (2, ("exports.pipelines.stored.continuing", "_complete", "before")),
        (2, ("exports.pipelines.stored.requesting", "finish", "before")),
    ],
)
def test_a_worker_killed_at_any_step_doubles_nothing(settings, step, rounds):
    user = StaffFactory()
    DeploymentFactory(id="helpdesk")
    settings.EMBEDDING_CLIENT = "noop"
    voted(up=2)
    run = requesting.request(documents.read(experiment(*STAGES)), by=user, queue=False)
    for _ in range(rounds):
        with tasks_run_at_once():
            tasks.run_pipeline(run.pk)
        others_work(user)

    killed_at(settings, run, *step)
    for _ in range(4):
        others_work(user)
        swept()

    run.refresh_from_db()
    assert (run.status, run.error) == ("completed", "")
    assert list(run.stages.values_list("status", flat=True)) == ["completed"] * 4
    made, batch = CuratedSet.objects.get(), ExportBatch.objects.get()
    assert (made.status, batch.status, batch.curated_set_id) == ("approved", "published", made.pk)
    assert list(run.stages.values_list("curated_set", "export")) == [
        (None, None),
        (made.pk, None),
        (None, None),
        (None, batch.pk),
    ]
    assert (TriggerEvaluation.objects.count(), TriggerFiring.objects.count()) == (1, 1)
    assert run.metrics == {"trigger_count": 1, "curated_count": 1}
    assert not JobLease.objects.filter(task=tasks.run_pipeline.name).exists()


def test_a_pipeline_that_crashes_its_workers_is_given_up():
    DeploymentFactory(id="helpdesk")
    run = requesting.request(documents.read(experiment(*STAGES)), by=StaffFactory(), queue=False)
    PipelineRun.objects.update(status="running", started_at=timezone.now())
    JobLease.objects.create(
        task=tasks.run_pipeline.name, key=str(run.pk), attempts=5, expires_at=timezone.now(), worker=""
    )

    swept()

    run.refresh_from_db()
    assert (run.status, run.error) == (
        "failed",
        "The worker crashed 5 times on this job. See its log, then try again.",
    )
    assert set(run.stages.values_list("status", flat=True)) == {"skipped"}
