"""Continues a stored run: its stages in order, until one fails or waits. Safe to kill and run again at any point."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from exports.choices import PipelineStatus, StageStatus
from exports.models import PipelineRun, PipelineStage
from exports.pipelines.context import Context
from exports.pipelines.errors import RunEnded, StageFailed, StageWaits
from exports.pipelines.running import STOPPED
from exports.pipelines.stages import STAGES
from exports.pipelines.stored import requesting
from exports.pipelines.stored.effects import Recorded, hold
from exports.tasks import run_pipeline
from feedback.field_errors import printable
from feedback.ir import Experiment, from_map
from feedback.jobs import leases
from feedback.jobs.leases import Lease, LeaseLost
from feedback.stores.connection_loss import is_database_unavailable

log = structlog.get_logger(__name__)

# Shorter than the time between two sweeps, so that each of them continues the runs that waited before it.
TIME_BETWEEN_CHECKS = timedelta(seconds=5)
# Exceptions may quote all of their input.
LONGEST_REASON = 2_000


def run(run_id: int) -> PipelineRun | None:
    """Continue an unfinished run; any other stays unchanged.

    Returns None for a run that was deleted. A failure is shown on the run; one that no stage foresees is raised too.
    """
    with leases.of_job(run_pipeline.name, run_id) as lease:
        if lease:
            try:
                _continue(run_id, lease)
            except RunEnded:
                log.info("pipeline_ended", pipeline=run_id)
            except LeaseLost as lost:
                log.warning("pipeline_lease_lost", pipeline=run_id, reason=str(lost))
    return PipelineRun.objects.with_stages().filter(pk=run_id).first()


def context_of(run: PipelineRun) -> Context:
    """The context after the last completed stage of a run."""
    return Context(
        experiment_id=run.experiment_id,
        run_id=str(run.pk),
        experiment=from_map(run.experiment, Experiment),
        outputs=tuple(run.outputs),
        metrics=run.metrics,
        artifacts=run.artifacts,
        assigns=run.assigns,
        user=run.requested_by,
    )


def _continue(run_id: int, lease: Lease) -> None:
    unfinished = PipelineRun.objects.unfinished().select_related("requested_by")
    while (run := unfinished.filter(pk=run_id).first()) is not None:
        stage = run.stages.filter(status__in=requesting.OPEN).first()
        stopped = run.assigns.get(STOPPED)
        if stage is None or stopped:
            _end(run, lease, PipelineStatus.COMPLETED, message=stopped or "")
            log.info("pipeline_complete", pipeline=run_id)
        elif not _advance(run, stage, lease):
            return


def _advance(run: PipelineRun, stage: PipelineStage, lease: Lease) -> bool:
    """Go on with one stage; return whether it is completed."""
    if stage.status == StageStatus.PENDING:
        _begin(run, stage, lease)
    try:
        context = STAGES[stage.stage].started(context_of(run), stage.options, Recorded(stage, lease))
    except StageWaits as reason:
        _wait(run, stage, lease, str(reason))
        return False
    except StageFailed as error:
        _fail(run, stage, lease, str(error))
        return False
    except (LeaseLost, RunEnded):
        raise
    except Exception as error:
        if not is_database_unavailable(error):
            _fail(run, stage, lease, f"{type(error).__name__}. See the log of the worker.")
        raise
    _complete(run, stage, lease, context.mark_stage_complete(stage.name))
    return True


def _begin(run: PipelineRun, stage: PipelineStage, lease: Lease) -> None:
    now = timezone.now()
    stage.started_at = now
    _change(run, stage, lease, {"status": StageStatus.RUNNING, "started_at": now}, status=PipelineStatus.RUNNING)


def _wait(run: PipelineRun, stage: PipelineStage, lease: Lease, reason: str) -> None:
    next_check_at = timezone.now() + TIME_BETWEEN_CHECKS
    facts = {"status": StageStatus.WAITING, "message": reason}
    _change(run, stage, lease, facts, status=PipelineStatus.WAITING, next_check_at=next_check_at)


def _complete(run: PipelineRun, stage: PipelineStage, lease: Lease, context: Context) -> None:
    facts = {"status": StageStatus.COMPLETED, "message": "", "finished_at": timezone.now()}
    _change(
        run,
        stage,
        lease,
        facts,
        status=PipelineStatus.RUNNING,
        next_check_at=None,
        artifacts=context.artifacts,
        metrics=context.metrics,
        outputs=list(context.outputs),
        assigns=context.assigns,
    )


def _fail(run: PipelineRun, stage: PipelineStage, lease: Lease, reason: str) -> None:
    reason = printable(reason, most=LONGEST_REASON).replace("\0", "")
    log.warning("pipeline_failed", pipeline=run.pk, stage=stage.name)
    with transaction.atomic():
        facts = {"status": StageStatus.FAILED, "message": "", "error": reason, "finished_at": timezone.now()}
        _change(run, stage, lease, facts)
        requesting.finish(run.pk, PipelineStatus.FAILED, error=f"{stage.name}: {reason}")


def _end(run: PipelineRun, lease: Lease, status: PipelineStatus, *, message: str) -> None:
    with transaction.atomic():
        hold(run.pk, lease)
        run.stages.filter(status=StageStatus.PENDING).update(message=message)
        requesting.finish(run.pk, status)


def _change(run: PipelineRun, stage: PipelineStage, lease: Lease, of_stage: Mapping[str, Any], **of_run: Any) -> None:
    """Change a stage and its run as the holder of the lease. Raises LeaseLost and RunEnded, changing nothing."""
    with transaction.atomic():
        hold(run.pk, lease)
        PipelineStage.objects.filter(pk=stage.pk).update(**of_stage)
        if of_run:
            PipelineRun.objects.filter(pk=run.pk).update(started_at=Coalesce("started_at", Now()), **of_run)
