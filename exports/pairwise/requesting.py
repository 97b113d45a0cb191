"""Requests pairwise runs, cancels them, and finds those that lost their worker."""

import secrets

import structlog
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from curation.models import CuratedSet
from exports.choices import GateStatus, PairwiseSource, PairwiseStatus
from exports.models import GateRun, PairwiseRun
from exports.tasks import run_pairwise
from feedback.jobs import sweeping
from feedback.models import Judge, JudgeConsent

log = structlog.get_logger(__name__)
PERMISSION = "exports.add_pairwiserun"
MOST_PAIRS = 1_000


class PairwiseNotAllowed(Exception):
    """What the state of the judge, its deployment or the source does not allow."""


class NoEndpoints(PairwiseNotAllowed):
    def __init__(self, judge: Judge):
        super().__init__(f"The judge {judge.name} has no endpoint, so it cannot be asked about pairs.")


class JudgeConsentMissing(PairwiseNotAllowed):
    def __init__(self, deployment_id: str):
        super().__init__(f"No user has accepted that masked texts of {deployment_id} are sent to judges.")


class OtherDeployment(PairwiseNotAllowed):
    def __init__(self, judge: Judge, deployment_id: str):
        super().__init__(f"The judge is of {judge.deployment_id}, the pairs of {deployment_id}.")


def request(
    judge: Judge, source: GateRun | CuratedSet, *, kind: PairwiseSource, most: int = MOST_PAIRS, by: User
) -> PairwiseRun:
    """Have a worker ask a judge about the pairs of a gate or a set. Raises PermissionDenied and PairwiseNotAllowed."""
    check_permission(by)
    check_judge(judge, source.deployment_id)
    of_gate = isinstance(source, GateRun)
    if of_gate and source.status != GateStatus.COMPLETED:
        raise PairwiseNotAllowed(f"{source} is not completed.")
    if of_gate and PairwiseRun.objects.filter(gate=source, judge=judge).exists():
        raise PairwiseNotAllowed(f"The judge {judge.name} has compared the answers of {source} already.")
    run = make(judge, source, kind=kind, most=most, by=by)
    run_pairwise.delay_on_commit(run.pk)
    return run


def make(
    judge: Judge, source: GateRun | CuratedSet, *, kind: PairwiseSource, most: int = MOST_PAIRS, by: User
) -> PairwiseRun:
    """Store a run without a task for it."""
    of_gate = isinstance(source, GateRun)
    return PairwiseRun.objects.create(
        deployment_id=source.deployment_id,
        judge=judge,
        judge_name=judge.name,
        rubric=judge.rubric_version.label,
        source=kind,
        gate=source if of_gate else None,
        curated_set=None if of_gate else source,
        most=most,
        seed=secrets.randbits(32),
        requested_by=by,
    )


def check_judge(judge: Judge, deployment_id: str) -> None:
    """Raise PairwiseNotAllowed unless the judge may be asked about pairs of this deployment."""
    if judge.deployment_id != deployment_id:
        raise OtherDeployment(judge, deployment_id)
    if not judge.endpoints:
        raise NoEndpoints(judge)
    if not JudgeConsent.objects.filter(deployment_id=deployment_id).exists():
        raise JudgeConsentMissing(deployment_id)
    if not Judge.objects.at_work().filter(pk=judge.pk).exists():
        raise PairwiseNotAllowed(f"The judge {judge.name} is not at work: it is disabled or paused.")


def check_permission(by: User) -> None:
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("This needs the permission “Can add pairwise run”.")


def cancel(run_id: int, *, by: User) -> PairwiseRun:
    """Cancel a run that has not ended. Raises PermissionDenied and PairwiseNotAllowed."""
    check_permission(by)
    cancelled = PairwiseRun.objects.running().filter(pk=run_id)
    is_cancelled = cancelled.update(status=PairwiseStatus.CANCELLED, completed_at=timezone.now())
    run = PairwiseRun.objects.get(pk=run_id)
    if not is_cancelled:
        raise PairwiseNotAllowed(f"{run} is {run.get_status_display().lower()} already.")
    log.info("pairwise_cancelled", run=run_id, by=by.pk)
    return run


def fail(run_id: int, error: str) -> None:
    """End a run without figures."""
    PairwiseRun.objects.running().filter(pk=run_id).update(
        status=PairwiseStatus.FAILED, error=error, completed_at=timezone.now()
    )


def sweep() -> None:
    """Queue running runs without a worker, and fail those that crash their workers."""
    overdue = PairwiseRun.objects.running().by_themselves().filter(created_at__lte=sweeping.overdue_since())
    sweeping.sweep(run_pairwise, overdue.values_list("pk", flat=True), give_up=fail)
