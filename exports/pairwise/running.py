"""Runs a judge over the pairs of a run, and counts its verdicts."""

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from exports.choices import PairwiseStatus
from exports.models import PairwiseRun
from exports.pairwise import asking, reporting, requesting
from exports.tasks import run_pairwise
from feedback.jobs import leases
from feedback.jobs.leases import Lease, LeaseLost

log = structlog.get_logger(__name__)
SECONDS_BETWEEN_TURNS = 2


class RunEnded(Exception):
    """The run no longer runs: a user cancelled it, or it was given up."""


def run(run_id: int) -> PairwiseRun | None:
    """Continue a running run; any other stays unchanged. Safe to kill and run again at any point."""
    with leases.of_job(run_pairwise.name, run_id) as lease:
        found = PairwiseRun.objects.running().by_themselves().select_related("judge__rubric_version", "gate")
        if lease and (one := found.filter(pk=run_id).first()):
            _run(one, lease)
    return PairwiseRun.objects.filter(pk=run_id).first()


def complete(run: PairwiseRun) -> None:
    """Count the verdicts there are, and end the run with them."""
    PairwiseRun.objects.running().filter(pk=run.pk).update(
        status=PairwiseStatus.COMPLETED, figures=reporting.figures(run.verdicts.all()), completed_at=timezone.now()
    )


def _run(run: PairwiseRun, lease: Lease) -> None:
    def check() -> None:
        lease.require()
        if not PairwiseRun.objects.running().filter(pk=run.pk).exists():
            raise RunEnded

    try:
        asking.ask(run, check)
        complete(run)
    except (LeaseLost, RunEnded) as ended:
        log.info("pairwise_ended", run=run.pk, reason=type(ended).__name__)
    except asking.PairsLeft:
        run_pairwise.apply_async((run.pk,), countdown=SECONDS_BETWEEN_TURNS)
    except SoftTimeLimitExceeded:
        # The verdicts are stored; the sweep queues the run again.
        raise
    except asking.UNUSABLE as error:
        requesting.fail(run.pk, str(error))
    except Exception as error:
        requesting.fail(run.pk, f"{type(error).__name__}. See the log of the worker.")
        raise
