"""Calls of trainers: each is a row, repeated with growing pauses until the trainer takes it."""

import traceback
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from exports import tasks
from exports.choices import CallAction, CallStatus, RunStatus
from exports.models import TrainerCall, TrainingRun
from exports.training import runs, trainers
from exports.training.adapters.base import Observed, TrainerFailed
from exports.training.handover import hand_offs
from feedback.jobs import leases, sweeping

log = structlog.get_logger(__name__)
# Between attempts; the attempt after the last pause is the final one.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480)]
# A call that was queued this recently is not queued again.
QUEUED = timedelta(minutes=1)
# The clock of the machine that made a row may be ahead by this much.
SKEW = timedelta(seconds=5)


def open_calls() -> None:
    """Make the calls that runs need: a start for pending ones, a cancellation for those cancelled after a start.

    The start of a run that has ended is due at once, to be dropped: only after it can the cancellation be made, which
    would else reach a trainer before the start that is in flight.
    """
    now = timezone.now()
    TrainerCall.objects.waiting_starts_of_ended(now).update(next_attempt_at=now - QUEUED)
    pending = TrainingRun.objects.pending().with_trainer().exclude(calls__action=CallAction.START)
    cancelled = TrainingRun.objects.cancelled().exclude(calls__action=CallAction.CANCEL)
    starts = TrainerCall.objects.made_starts().filter(run__in=cancelled)
    wanted = [TrainerCall(run=run, action=CallAction.START) for run in pending]
    # On the machine that started the run: only there its command is known.
    wanted += [TrainerCall(run_id=each.run_id, action=CallAction.CANCEL, machine=each.machine) for each in starts]
    TrainerCall.objects.bulk_create(wanted, ignore_conflicts=True)


def sweep() -> None:
    """Make the calls that runs need, and queue those that are due and need no `run_trainers`."""
    open_calls()
    others = TrainerCall.objects.exclude(run__trainer__in=trainers.supervised())
    due = others.due(timezone.now() - QUEUED).values_list("pk", flat=True)
    fresh = others.due(timezone.now()).filter(attempts=0).values_list("pk", flat=True)
    sweeping.sweep(tasks.call_trainer, {*due, *fresh}, give_up=_give_up)


def make(call_id: int, *, now: datetime | None = None) -> bool:
    """Try once to make a call that is due; return whether the trainer took it."""
    with leases.of_job(tasks.call_trainer.name, call_id) as lease:
        return lease is not None and attempt(call_id, now=now)


def attempt(call_id: int, *, machine: str = "", now: datetime | None = None) -> bool:
    """As `make`, without a lease: for `run_trainers`, which is alone on its machine."""
    now = now or timezone.now()
    due = TrainerCall.objects.of_machine(machine).due(now + SKEW)
    if not due.filter(pk=call_id).update(attempts=F("attempts") + 1, machine=machine):
        return False
    call = TrainerCall.objects.select_related("run__batch", "run__requested_by").get(pk=call_id)
    if call.action == CallAction.START and not call.run.is_active:
        return _finish(call, CallStatus.DROPPED)
    try:
        _fail_if_crashed(call)
        _ask(call)
    except TrainerFailed as failure:
        _record_failure(call, failure, now)
        return False
    except Exception as error:  # noqa: BLE001 - one adapter must not stop the calls of others
        _record_failure(call, _raised(error), now)
        return False
    return _finish(call, CallStatus.DELIVERED)


def _ask(call: TrainerCall) -> None:
    """Start or cancel the run. Raises TrainerFailed."""
    run = call.run
    try:
        adapter = trainers.adapter(run.trainer)
    except (trainers.UnknownTrainer, trainers.InvalidTrainer) as error:
        # This process may have been started before TRAINERS changed; another one may know the trainer.
        raise TrainerFailed(str(error), is_temporary=True) from error
    if call.action == CallAction.CANCEL:
        adapter.cancel(hand_offs.of(run))
        return
    hand_offs.require_files(run)
    _record_start(run, adapter.start(hand_offs.of(run, with_key=True)))


def log_raised(error: Exception) -> None:
    """Log what an adapter raised and where, without its message, which may hold what it was handed."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    log.error("adapter_raised", error=type(error).__name__, at=f"{frame.filename}:{frame.lineno}")


def _raised(error: Exception) -> TrainerFailed:
    """The failure of an adapter that raised anything else; another package may have written it."""
    log_raised(error)
    return TrainerFailed(f"Its adapter raised {type(error).__name__}: see the log of the worker.", is_temporary=True)


def _record_start(run: TrainingRun, started: Observed) -> None:
    facts = {"external_url": started.page} if started.page else {}
    if started.process_id is not None:
        facts |= {"process_id": started.process_id, "process_started": started.process_started}
    is_running = started.status == RunStatus.RUNNING and runs.start(run.pk, **facts)
    if facts and not is_running:
        # The trainer reported before, or the run was cancelled meanwhile.
        TrainingRun.objects.filter(pk=run.pk).update(**facts)


def _fail_if_crashed(call: TrainerCall) -> None:
    """An attempt beyond the final one means that the final one ended without a result."""
    if call.attempts > len(PAUSES) + 1:
        raise TrainerFailed("The last attempt ended without a result: see the log of the worker.", is_temporary=False)


def _record_failure(call: TrainerCall, failure: TrainerFailed, now: datetime) -> None:
    log.warning("trainer_call_failed", run=call.run_id, action=call.action, attempt=call.attempts)
    if failure.is_temporary and call.attempts <= len(PAUSES):
        _of_this_attempt(call).update(next_attempt_at=now + PAUSES[call.attempts - 1], error=str(failure))
        return
    _end_failed(call, str(failure))


def _end_failed(call: TrainerCall, reason: str) -> None:
    with transaction.atomic():
        is_ours = _of_this_attempt(call).update(status=CallStatus.FAILED, error=reason, **_ended_now())
        if is_ours and call.action == CallAction.START:
            runs.fail(call.run_id, f"The trainer {call.run.trainer} did not start: {reason}")


def _give_up(call_id: int, reason: str) -> None:
    _end_failed(TrainerCall.objects.select_related("run").get(pk=call_id), reason)


def _finish(call: TrainerCall, status: CallStatus) -> bool:
    is_ours = _of_this_attempt(call).update(status=status, error="", **_ended_now())
    return bool(is_ours) and status == CallStatus.DELIVERED


def _ended_now() -> dict:
    return {"next_attempt_at": None, "finished_at": timezone.now()}


def _of_this_attempt(call: TrainerCall):
    """The row, unless this worker lost its lease and another attempt has begun."""
    return TrainerCall.objects.waiting().filter(pk=call.pk, attempts=call.attempts)
