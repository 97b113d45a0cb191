"""Asks trainers that do not report by themselves how their runs stand."""

import math
from collections.abc import Mapping
from datetime import timedelta

import redis
import structlog
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from exports.choices import RunStatus
from exports.models import TrainerCall, TrainingRun
from exports.training import completing, runs, trainers
from exports.training.adapters.base import Observed, TrainerFailed
from exports.training.handover import calls, hand_offs, keys
from exports.training.runs import Report, RunEnded, TooManyReports

log = structlog.get_logger(__name__)
# A running process is noted as heard of this often.
HEARD = timedelta(minutes=1)
NO_VERSION = (
    "The trainer ended without a model version. Report one before it ends: PATCH the run with"
    ' {"status": "completed", "final_model_version": "..."}, or set the tag model_version of a run of MLflow.'
)

MOST_VERSION_CHARACTERS = 255
INVALID_VERSION = (
    "The trainer ended with a model version that cannot be stored: "
    f"it has more than {MOST_VERSION_CHARACTERS} characters or a NUL character."
)


def observe_all() -> None:
    """Ask about all runs that need no `run_trainers`, and revoke the keys of those that are over."""
    supervised = trainers.supervised()
    try:
        for run in started().exclude(trainer__in=supervised):
            observe(run)
    finally:
        keys.revoke_ended()


def started(machine: str | None = None):
    """The handed over runs that are not over, or whose process has no exit code yet. machine: those of one machine."""
    starts = TrainerCall.objects.delivered_starts()
    if machine is not None:
        starts = starts.filter(machine=machine)
    return TrainingRun.objects.observable().filter(calls__in=starts).select_related("batch", "requested_by")


def observe(run: TrainingRun) -> None:
    """Ask about one run and store what its trainer reports.

    A trainer that this process does not know is left to those that do: TRAINERS may have changed since it started.
    """
    try:
        observed = trainers.adapter(run.trainer).poll(hand_offs.of(run))
        if observed is not None:
            _store(run, observed)
    except (trainers.UnknownTrainer, trainers.InvalidTrainer) as error:
        log.warning("trainer_unknown", run=run.pk, trainer=run.trainer, reason=str(error))
    except TrainerFailed as failure:
        log.warning("trainer_not_observed", run=run.pk, trainer=run.trainer, is_temporary=failure.is_temporary)
    except (OperationalError, InterfaceError, redis.RedisError, BrokerError):
        raise
    except Exception as error:  # noqa: BLE001 - one adapter must not stop the others
        calls.log_raised(error)


def _store(run: TrainingRun, observed: Observed) -> None:
    ended = {} if observed.exit_code is None else {"exit_code": observed.exit_code}
    try:
        _report(run, observed)
        match observed.status:
            case RunStatus.COMPLETED if _is_valid(observed.model_version):
                completing.complete(run.pk, observed.model_version, **ended)
            case RunStatus.COMPLETED:
                runs.fail(run.pk, INVALID_VERSION if observed.model_version else NO_VERSION, **ended)
            case RunStatus.FAILED:
                runs.fail(run.pk, observed.error.replace("\0", "") or "The trainer gave no reason.", **ended)
            case RunStatus.CANCELLED:
                runs.cancel(run.pk, reason="The trainer ended the run.")
    except RunEnded:
        pass  # The trainer reported meanwhile.
    if ended or observed.status in (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED):
        # Without an exit code the process is not asked about any more.
        TrainingRun.objects.filter(pk=run.pk).update(**ended or {"process_id": None})


def _is_valid(version: str) -> bool:
    return 1 <= len(version) <= MOST_VERSION_CHARACTERS and "\0" not in version


def _report(run: TrainingRun, observed: Observed) -> None:
    if not run.is_active:
        return
    if run.status == RunStatus.PENDING and observed.status == RunStatus.RUNNING:
        runs.start(run.pk)
    metrics = _storable(observed.metrics)
    if observed.process_id is not None and run.process_id is None:
        facts = {"process_id": observed.process_id, "process_started": observed.process_started}
        TrainingRun.objects.filter(pk=run.pk).update(**facts)
    if observed.page and not run.external_url:
        TrainingRun.objects.filter(pk=run.pk).update(external_url=observed.page)
    if metrics and _is_new(run, metrics, observed.epoch):
        _report_metrics(run, metrics, observed.epoch)
    elif observed.status == RunStatus.RUNNING:
        now = timezone.now()
        TrainingRun.objects.silent_since(now - HEARD).filter(pk=run.pk).update(last_reported_at=now)


def _report_metrics(run: TrainingRun, metrics: dict[str, float], epoch: int | None) -> None:
    try:
        runs.report(run.pk, Report(current_epoch=epoch, metrics=metrics))
    except TooManyReports as error:
        # The end of the run is stored all the same.
        log.warning("training_metrics_dropped", run=run.pk, reason=str(error))
        TrainingRun.objects.filter(pk=run.pk).update(last_reported_at=timezone.now())


def _is_new(run: TrainingRun, metrics: Mapping[str, float], epoch: int | None) -> bool:
    at = epoch if epoch is not None else run.current_epoch or 0
    return {"epoch": at, **metrics} not in run.metrics_history


def _storable(metrics: Mapping[str, float]) -> dict[str, float]:
    """What the database can hold of them: a diverged value is left out."""
    return {name: value for name, value in metrics.items() if math.isfinite(value) and "\0" not in name}
