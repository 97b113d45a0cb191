"""Runs a gate: asks the models that have an endpoint, and compares once both sides are there."""

from contextlib import suppress

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.utils import timezone

from exports.choices import GateStatus
from exports.gates import asking, completing, judges
from exports.gates.answers import storing
from exports.gates.answers.storing import GateEnded
from exports.gates.rows import is_uploaded
from exports.models import GateRun
from exports.pairwise.asking import UNUSABLE, PairsLeft
from exports.tasks import run_gate
from feedback.jobs import leases
from feedback.jobs.leases import Lease, LeaseLost

log = structlog.get_logger(__name__)
SECONDS_BETWEEN_TURNS = 2


def run(gate_id: int) -> GateRun | None:
    """Continue a running gate; any other stays unchanged. Safe to kill and run again at any point.

    Returns None for a gate that was deleted. No question is asked again whose answer is stored. A failure is shown on
    the gate; an unexpected one is raised. The time limit of the task is none: a later task continues.
    """
    with leases.of_job(run_gate.name, gate_id) as lease:
        if lease and (gate := GateRun.objects.running().filter(pk=gate_id).first()):
            _run(gate, lease)
    return GateRun.objects.filter(pk=gate_id).first()


def _run(gate: GateRun, lease: Lease) -> None:
    try:
        is_enough = asking.ask(gate, lease)
        if not _waits(gate, lease):
            _judge(gate, lease)
            completing.complete(gate, lease, is_budget_enough=is_enough)
    except (LeaseLost, GateEnded) as ended:
        log.info("gate_ended", gate=gate.pk, reason=type(ended).__name__)
    except (asking.TurnEnded, PairsLeft):
        # After a moment, since this task holds the lease until it has returned.
        run_gate.apply_async((gate.pk,), countdown=SECONDS_BETWEEN_TURNS)
    except SoftTimeLimitExceeded:
        # The answers are stored; the sweep queues the gate again.
        raise
    except UNUSABLE as error:
        _fail(gate, lease, str(error))
    except Exception as error:
        _fail(gate, lease, f"{type(error).__name__}. See the log of the worker.")
        raise


def _judge(gate: GateRun, lease: Lease) -> None:
    """Have the judge of a gate without enough references compare the answers."""

    def check() -> None:
        lease.require()
        if not GateRun.objects.running().filter(pk=gate.pk).exists():
            raise GateEnded

    if gate.is_judged:
        judges.ask(gate, check)


def _waits(gate: GateRun, lease: Lease) -> bool:
    """Whether uploaded answers are missing yet; the gate waits for them."""
    with transaction.atomic():
        # Uploads are stored under this lock, so the last one cannot be overlooked.
        if not GateRun.objects.select_for_update(no_key=True).filter(pk=gate.pk).exists():
            raise GateEnded
        if is_uploaded(gate):
            return False
        storing.update(gate, lease, status=GateStatus.WAITING)
    return True


def _fail(gate: GateRun, lease: Lease, error: str) -> None:
    with suppress(LeaseLost, GateEnded), transaction.atomic():
        storing.update(gate, lease, status=GateStatus.FAILED, error=error, completed_at=timezone.now())
