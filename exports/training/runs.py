"""The states of a training run: opened, started, reported on, ended. Each step is one conditional UPDATE."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from drift.models import TriggerFiring
from exports import tasks
from exports.choices import RunStatus
from exports.models import ExportBatch, TrainingRun
from exports.training import configs
from feedback.models import Deployment

log = structlog.get_logger(__name__)

ADD_PERMISSION, CHANGE_PERMISSION = "exports.add_trainingrun", "exports.change_trainingrun"
MOST_EPOCHS, MOST_CHECKPOINTS = 10_000, 10_000


class RunNotAllowed(Exception):
    """A step that the state of a run, of its deployment or of its export does not allow."""


class RunUnfinished(RunNotAllowed):
    def __init__(self, run: TrainingRun):
        super().__init__(f"{run} is {run.status}. A deployment has one unfinished training run; wait, or cancel it.")
        self.run = run


class RunEnded(RunNotAllowed):
    def __init__(self, run: TrainingRun):
        super().__init__(f"{run} is {run.status} already, so it takes no further report.")


class DeploymentDeleted(RunNotAllowed):
    def __init__(self, deployment_id: str):
        super().__init__(f"{deployment_id} is being deleted.")


class ExportNotUsable(RunNotAllowed):
    """The export is of another deployment, or has no files."""


class TooManyReports(RunNotAllowed):
    def __init__(self, what: str, most: int):
        super().__init__(f"A run has at most {most:,} {what}.")


@dataclass(frozen=True)
class Report:
    """What a trainer reports about its run; None: nothing about it.

    metrics: of `current_epoch`; replaces what was reported for it before. metrics_history: one object an epoch, each
    with `epoch`; replaces all before. checkpoint_uris: all so far.
    """

    current_epoch: int | None = None
    metrics: Mapping[str, Any] | None = None
    metrics_history: list[dict[str, Any]] | None = None
    best_metrics: dict[str, Any] | None = None
    checkpoint_uris: list[str] | None = None
    external_url: str | None = None


def open_run(
    deployment_id: str,
    *,
    by: User,
    batch: ExportBatch | None = None,
    firing: TriggerFiring | None = None,
    trainer: str = "",
    config: Mapping[str, Any] | None = None,
) -> TrainingRun:
    """Open a run in status pending.

    config: fields of an IR Training.Config; the others have the defaults of the IR. Raises PermissionDenied,
    ExportNotUsable, InvalidConfig, and RunUnfinished if the deployment has an unfinished run.
    """
    check_permission(by, ADD_PERMISSION)
    check_export(deployment_id, batch)
    completed = configs.complete(deployment_id, batch, config or {})
    with transaction.atomic():
        lock(deployment_id)
        if unfinished := TrainingRun.objects.of_deployment(deployment_id).unfinished().first():
            raise RunUnfinished(unfinished)
        run = TrainingRun.objects.create(
            deployment_id=deployment_id,
            batch=batch,
            firing=firing,
            trainer=trainer,
            config=completed,
            requested_by=by,
        )
        if trainer:
            tasks.sweep_trainers.delay_on_commit()
    log.info("training_run_opened", deployment=deployment_id, run=run.pk, trainer=trainer)
    return run


def lock(deployment_id: str) -> Deployment:
    """Lock a deployment, so that one run of it is opened or recorded at a time. Raises DeploymentDeleted."""
    deployment = Deployment.objects.select_for_update(no_key=True).get(pk=deployment_id)
    if deployment.deleting:
        raise DeploymentDeleted(deployment_id)
    return deployment


def check_permission(by: User, permission: str) -> None:
    """Raises PermissionDenied."""
    if not by.has_perm(permission):
        raise PermissionDenied(f"Training runs need the permission {permission}.")


def check_export(deployment_id: str, batch: ExportBatch | None) -> None:
    """Raises ExportNotUsable for one that no training of this deployment can have used."""
    if batch is None:
        return
    if batch.curated_set.deployment_id != deployment_id:
        raise ExportNotUsable(f"Export {batch.pk} is of {batch.curated_set.deployment_id}, not of {deployment_id}.")
    if batch.published_at is None:
        raise ExportNotUsable(f"Export {batch.pk} is {batch.status}; only a published export can train a model.")


def start(run_id: int, **facts: Any) -> bool:
    """Mark a pending run as running, with what its trainer is known by; return whether it was pending."""
    pending = TrainingRun.objects.pending().filter(pk=run_id)
    is_started = bool(pending.update(status=RunStatus.RUNNING, started_at=timezone.now(), **facts))
    if is_started:
        log.info("training_run_started", run=run_id)
    return is_started


def report(run_id: int, reported: Report) -> TrainingRun:
    """Store what a trainer reports; a pending run is running from then on. Raises RunEnded and TooManyReports."""
    with transaction.atomic():
        run = TrainingRun.objects.select_for_update().get(pk=run_id)
        if not run.is_active:
            raise RunEnded(run)
        now = timezone.now()
        facts = _facts(run, reported) | {"status": RunStatus.RUNNING, "last_reported_at": now}
        facts["started_at"] = run.started_at or now
        TrainingRun.objects.filter(pk=run_id).update(**facts)
    return TrainingRun.objects.get(pk=run_id)


def _facts(run: TrainingRun, reported: Report) -> dict[str, Any]:
    names = ("current_epoch", "metrics_history", "best_metrics", "checkpoint_uris", "external_url")
    facts = {name: getattr(reported, name) for name in names if getattr(reported, name) is not None}
    if reported.metrics is not None:
        history = facts.get("metrics_history", run.metrics_history)
        epoch = reported.current_epoch if reported.current_epoch is not None else run.current_epoch or 0
        others = [entry for entry in history if entry.get("epoch") != epoch]
        facts["metrics_history"] = sorted([*others, {"epoch": epoch, **reported.metrics}], key=lambda one: one["epoch"])
    for name, most, what in (
        ("metrics_history", MOST_EPOCHS, "epochs"),
        ("checkpoint_uris", MOST_CHECKPOINTS, "checkpoints"),
    ):
        if len(facts.get(name, ())) > most:
            raise TooManyReports(what, most)
    return facts


def fail(run_id: int, reason: str, **facts: Any) -> bool:
    """End an unfinished run as failed; return whether it was unfinished."""
    return _end(run_id, RunStatus.FAILED, error_message=reason, **facts)


def fail_silent() -> None:
    """Fail the unfinished runs that nothing was heard of for TRAINING_SILENT_HOURS, so that none blocks the next."""
    hours = settings.TRAINING_SILENT_HOURS
    for run in TrainingRun.objects.given_up(timezone.now() - timedelta(hours=hours)):
        fail(run.pk, f"No report for {hours:,} hours (TRAINING_SILENT_HOURS).")


def cancel(run_id: int, *, by: User | None = None, reason: str = "") -> bool:
    """End an unfinished run as cancelled; return whether it was unfinished. by: None for the trainer itself.

    Raises PermissionDenied.
    """
    if by is not None:
        check_permission(by, CHANGE_PERMISSION)
        reason = reason or f"Cancelled by {by.get_username()}."
    return _end(run_id, RunStatus.CANCELLED, error_message=reason)


def _end(run_id: int, status: RunStatus, **facts: Any) -> bool:
    unfinished = TrainingRun.objects.unfinished().filter(pk=run_id)
    is_ended = bool(unfinished.update(status=status, completed_at=timezone.now(), **facts))
    if is_ended:
        tasks.sweep_trainers.delay_on_commit()
        log.info("training_run_ended", run=run_id, status=status.value)
    return is_ended
