"""A training happened: the mark, the baseline `training`, the closed firings and the model version that it made."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from drift.models import Baseline
from drift.reading import baselines
from drift.reading.baselines import TRAINING, NothingToPin, TooManyBaselines
from drift.reading.contents import Reading
from drift.triggers import firings, training
from drift.windows.window import EARLIEST, MAX_EVENTS, MAX_SKIP, Window
from exports.choices import RunStatus
from exports.models import ExportBatch, ModelRef, ModelVersion, TrainingRun
from exports.training import runs
from feedback.models import Deployment, IngestCount
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging
from feedback.times import floor_hour

log = structlog.get_logger(__name__)
_SEMANTIC = re.compile(r"(?:^|[^\d.])(\d{1,9})\.(\d{1,9})\.(\d{1,9})$")


@dataclass(frozen=True)
class Used:
    """The data of a training: up to when, how many events had been stored by then, and the traffic of its window.

    window, reading: None without events.
    """

    until: datetime
    events_before: int | None
    window: Window | None
    reading: Reading | None


def record(
    deployment_id: str, *, by: User, batch: ExportBatch | None = None, model_version_id: str = ""
) -> tuple[TrainingRun, bool]:
    """Record that a training happened elsewhere, as a completed run, and whether it was not recorded before.

    With an export or a model version, a second call with the same returns the run of the first. An unfinished run of
    this export is completed. Raises PermissionDenied, ExportNotUsable, and RunUnfinished for a run with a trainer.
    """
    runs.check_permission(by, runs.ADD_PERMISSION)
    runs.check_export(deployment_id, batch)
    used = _used(deployment_id, batch)
    with transaction.atomic():
        runs.lock(deployment_id)
        if earlier := _recorded(deployment_id, batch, model_version_id):
            return earlier, False
        unfinished = TrainingRun.objects.of_deployment(deployment_id).unfinished().first()
        if unfinished and (unfinished.trainer or unfinished.batch_id != (batch and batch.pk)):
            raise runs.RunUnfinished(unfinished)
        run = unfinished or TrainingRun.objects.create(
            deployment_id=deployment_id, batch=batch, requested_by=by, started_at=timezone.now()
        )
        _complete(run, used, model_version_id, by=by)
    run.refresh_from_db()
    return run, True


def _recorded(deployment_id: str, batch: ExportBatch | None, version: str) -> TrainingRun | None:
    if batch is None and not version:
        return None
    completed = TrainingRun.objects.of_deployment(deployment_id).completed()
    return completed.filter(batch=batch, final_model_version=version).first()


def complete(run_id: int, model_version_id: str, **facts: Any) -> TrainingRun:
    """End a run as completed by this model version, with all that follows; once, however often it is reported.

    Raises RunEnded if it ended otherwise.
    """
    run = TrainingRun.objects.select_related("requested_by", "batch__curated_set").get(pk=run_id)
    used = _used(run.deployment_id, run.batch) if run.is_active else None
    with transaction.atomic():
        Deployment.objects.select_for_update(no_key=True).get(pk=run.deployment_id)
        run.refresh_from_db(fields=["status", "final_model_version"])
        if used and run.is_active:
            _complete(run, used, model_version_id, by=run.requested_by, **facts)
        elif run.status != RunStatus.COMPLETED or run.final_model_version != model_version_id:
            raise runs.RunEnded(run)
    run.refresh_from_db()
    return run


def _complete(run: TrainingRun, used: Used, model_version_id: str, *, by: User, **facts: Any) -> None:
    baseline = _pin(run, used, by)
    mark = training.mark(
        run.deployment_id,
        marked_at=used.until,
        events_before=used.events_before,
        model_version_id=model_version_id,
        source=f"training run {run.pk}",
    )
    now = timezone.now()
    facts |= {"mark": mark, "baseline": baseline, "final_model_version": model_version_id}
    facts["firings_handed_off"] = firings.hand_off(run.deployment_id, by=by)
    facts["started_at"] = run.started_at or now
    TrainingRun.objects.filter(pk=run.pk).update(status=RunStatus.COMPLETED, completed_at=now, **facts)
    if model_version_id:
        _register(TrainingRun.objects.get(pk=run.pk))
    log.info("training_recorded", deployment=run.deployment_id, run=run.pk, handed_off=facts["firings_handed_off"])


def _used(deployment_id: str, batch: ExportBatch | None) -> Used:
    if batch is None:
        until, events_before = timezone.now(), IngestCount.objects.events_stored(deployment_id)
        last = training.last_mark(deployment_id)
        since, to = last.marked_at if last else _first_event(deployment_id), until
    else:
        source = batch.curated_set
        # A set from before its reading was recorded counts as read when it was requested.
        until, events_before = source.read_at or source.created_at, source.events_before
        since = source.source_from or _first_event(deployment_id)
        to = datetime.fromisoformat(source.filters["to"]) if "to" in source.filters else until
    if since is None or not EARLIEST <= since < min(to, until):
        return Used(until, events_before, None, None)
    window = Window(start_at=since, end_at=min(to, until))
    return Used(until, events_before, window, _read(deployment_id, window))


def _read(deployment_id: str, window: Window) -> Reading:
    """The very events of the window, or of many events its whole hours that were over: newer traffic is in neither."""
    where = EventFilter(deployment_id=deployment_id, occurred_from=window.start_at, occurred_to=window.end_at)
    count = event_store().count(where, at_most=MAX_EVENTS + 1)
    if not count or count > MAX_EVENTS:
        start, end = window.start_at, floor_hour(window.end_at)
        return baselines.read(deployment_id, replace(window, end_at=end) if start < end else window)
    newer = event_store().count(EventFilter(deployment_id=deployment_id, occurred_from=window.end_at), at_most=MAX_SKIP)
    return baselines.read(deployment_id, Window(last_events=count, skip=newer))


def _first_event(deployment_id: str) -> datetime | None:
    where = EventFilter(deployment_id=deployment_id)
    times = event_store().scan(where, ["occurred_at"], Paging(newest_first=False, limit=1)).read_all()["occurred_at"]
    return times[0].as_py() if len(times) else None


def _pin(run: TrainingRun, used: Used, by: User) -> Baseline | None:
    """All traffic of the window, not the selected rows: those would always look like drift. None without events."""
    if used.window is None or used.reading is None:
        return None
    window, reason = used.window.as_json(), f"Training run {run.pk}"
    try:
        return baselines.keep(run.deployment_id, TRAINING, window, used.reading, created_by=by, reason=reason)
    except (NothingToPin, TooManyBaselines) as error:
        log.info("training_baseline_not_pinned", run=run.pk, reason=str(error))
        return None


def _register(run: TrainingRun) -> ModelVersion:
    """The IR's ModelRef and ModelVersion of a completed run."""
    described = run.config.get("model_ref") or {}
    name = described.get("name") or described.get("id") or run.deployment_id
    model, _ = ModelRef.objects.get_or_create(
        deployment_id=run.deployment_id, name=str(name)[:255], defaults={"facts": described}
    )
    parent = model.versions.first()
    return ModelVersion.objects.create(
        model=model,
        name=run.final_model_version,
        version=_number(model, run.final_model_version),
        training_run=run,
        parent=parent,
        artifact_uri=(run.checkpoint_uris or [""])[-1],
        metrics=run.best_metrics,
    )


def _number(model: ModelRef, name: str) -> list[int]:
    """x.y.z at the end of the name if no version has it, else the next minor version."""
    taken = sorted(model.versions.values_list("version", flat=True))
    if found := _SEMANTIC.search(name):
        number = [int(part) for part in found.groups()]
        if number not in taken:
            return number
    return [taken[-1][0], taken[-1][1] + 1, 0] if taken else [1, 0, 0]
