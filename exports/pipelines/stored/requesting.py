"""Requests and cancels runs of pipelines, and finds those without a worker."""

import structlog
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from exports.choices import PipelineStatus, StageStatus
from exports.models import PipelineRun, PipelineStage
from exports.pipelines.stored.documents import Checked
from exports.tasks import run_pipeline
from feedback import exact_json
from feedback.ir import to_json
from feedback.jobs import sweeping
from feedback.models import Deployment

log = structlog.get_logger(__name__)

PERMISSION = "exports.add_pipelinerun"
# Of one deployment, those that wait for a person included.
MOST_UNFINISHED = 20
OPEN = (StageStatus.PENDING, StageStatus.RUNNING, StageStatus.WAITING)


class TooManyPipelines(Exception):
    """The deployment has so many unfinished runs that no further one is accepted."""

    def __init__(self, deployment_id: str):
        super().__init__(
            f"{MOST_UNFINISHED} pipelines of {deployment_id} are not finished yet. Wait until one is, or cancel one."
        )


class DeploymentClosed(Exception):
    """The deployment is archived or being deleted, so nothing begins for it."""

    def __init__(self, deployment: Deployment):
        super().__init__(f"{deployment.pk} is {'being deleted' if deployment.deleting else 'archived'}.")


class NotCancellable(Exception):
    def __init__(self, run: PipelineRun):
        super().__init__(f"{run} is already {run.get_status_display().lower()}.")


def request(checked: Checked, *, by: User, queue: bool = True) -> PipelineRun:
    """Store a run with its stages, for a worker unless `queue` is off.

    Raises PermissionDenied without a permission that a stage needs, Deployment.DoesNotExist, DeploymentClosed and
    TooManyPipelines.
    """
    for permission in (PERMISSION, checked.missing_permission(by)):
        if permission and not by.has_perm(permission):
            raise PermissionDenied(f"This pipeline needs the permission {permission}.")
    experiment = checked.experiment
    with transaction.atomic():
        deployment = Deployment.objects.select_for_update(no_key=True).get(pk=checked.deployment_id)
        if deployment.archived:
            raise DeploymentClosed(deployment)
        if PipelineRun.objects.of_deployment(deployment.pk).unfinished().count() >= MOST_UNFINISHED:
            raise TooManyPipelines(deployment.pk)
        run = PipelineRun.objects.create(
            deployment=deployment,
            experiment_id=experiment.id,
            experiment=exact_json.decode(to_json(experiment)),
            requested_by=by,
        )
        PipelineStage.objects.bulk_create(
            PipelineStage(
                run=run,
                position=position,
                name=definition.name,
                stage=checked.stages[position].name if position in checked.stages else "",
                options=definition.options or {},
                status=StageStatus.PENDING if position in checked.stages else StageStatus.DISABLED,
            )
            for position, definition in enumerate(experiment.pipeline or [])
        )
        if queue:
            run_pipeline.delay_on_commit(run.pk)
    return run


def cancel(run_id: int, *, by: User) -> PipelineRun:
    """End an unfinished run: no further stage begins. What a stage has started goes on.

    Raises PermissionDenied without the permission, and NotCancellable for a run that has ended.
    """
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("Cancelling a pipeline needs the permission “Can add pipeline”.")
    if not finish(run_id, PipelineStatus.CANCELLED, cancelled_by=by):
        raise NotCancellable(PipelineRun.objects.get(pk=run_id))
    log.info("pipeline_cancelled", pipeline=run_id, by=by.pk)
    return PipelineRun.objects.get(pk=run_id)


def finish(run_id: int, status: PipelineStatus, **facts) -> bool:
    """End an unfinished run, and its stages that are not done; return whether it was unfinished."""
    left = StageStatus.CANCELLED if status == PipelineStatus.CANCELLED else StageStatus.SKIPPED
    with transaction.atomic():
        ended = PipelineRun.objects.unfinished().filter(pk=run_id)
        if not ended.update(status=status, finished_at=timezone.now(), next_check_at=None, **facts):
            return False
        PipelineStage.objects.filter(run_id=run_id, status__in=OPEN).update(status=left)
    return True


def sweep() -> None:
    """Queue runs that wait and are due, and those whose worker died; fail those that crash their workers."""
    due = PipelineRun.objects.due(requested_before=sweeping.overdue_since(), now=timezone.now())
    sweeping.sweep(run_pipeline, due.values_list("pk", flat=True), give_up=_give_up)


def _give_up(run_id: int, reason: str) -> None:
    finish(run_id, PipelineStatus.FAILED, error=reason)
