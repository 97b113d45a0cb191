"""Requests gates, cancels them, and finds those that lost their worker."""

import secrets
from dataclasses import dataclass, replace

import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from curation.models import GoldenRow, GoldenSet
from curation.review import golden
from exports.choices import GateMetric, GateReason, GateStatus, GateVerdict
from exports.gates import judges
from exports.gates.limits import LEAST_JUDGED, LEAST_REFERENCES
from exports.gates.rows import is_uploaded
from exports.gates.scoring import metric_for
from exports.models import GateConsent, GateRun, TrainingRun
from exports.pairwise import requesting as pairwise
from exports.tasks import run_gate
from feedback.endpoints.endpoints import endpoints
from feedback.jobs import sweeping
from feedback.models import Judge

log = structlog.get_logger(__name__)
PERMISSION = "exports.add_gaterun"


class GateNotAllowed(Exception):
    """What the state of the gate, the golden set or the deployment does not allow."""


class UnknownEndpoint(GateNotAllowed):
    """`side`: whose endpoint has no entry in LLM_ENDPOINTS."""

    def __init__(self, side: str, name: str):
        self.side = side
        super().__init__(f"LLM_ENDPOINTS has no endpoint {name}.")


class SameModel(GateNotAllowed):
    def __init__(self, name: str):
        super().__init__(f"Candidate and current model are both the endpoint {name}.")


class OtherDeployment(GateNotAllowed):
    def __init__(self, golden_set: GoldenSet, training_run: TrainingRun):
        super().__init__(f"The golden set is of {golden_set.deployment_id}, the run of {training_run.deployment_id}.")


class ConsentMissing(GateNotAllowed):
    def __init__(self, deployment_id: str):
        super().__init__(
            f"No user has accepted that masked texts of {deployment_id} are sent to endpoints: choose “Allow "
            "endpoints” on the page of a golden set, or PUT deployments/{id}/gate-consent. Or upload the answers."
        )


class NotWaiting(GateNotAllowed):
    def __init__(self, gate):
        super().__init__(f"{gate} is {gate.get_status_display().lower()}, so it takes no answers.")


class AlreadyEnded(GateNotAllowed):
    def __init__(self, gate):
        super().__init__(f"{gate} is {gate.get_status_display().lower()} already.")


@dataclass(frozen=True)
class Model:
    """One side of a gate. endpoint: its name in LLM_ENDPOINTS; "" if its answers are uploaded."""

    endpoint: str = ""
    version: str = ""


def request(
    *,
    golden_set: GoldenSet,
    candidate: Model,
    current: Model,
    by: User,
    training_run: TrainingRun | None = None,
    judge: Judge | None = None,
    queue: bool = True,
) -> GateRun:
    """Compare two models with the references of a golden set; a worker asks those that have an endpoint.

    training_run: the one that made the candidate, whose version is then that of the run unless it is given. With fewer
    than 50 references the gate is complete at once, without evidence, and no model is asked, unless `judge` agrees
    enough with people: then it compares the answers. queue: whether a worker runs it, rather than the caller.

    Raises PermissionDenied, GateNotAllowed, UnknownEndpoint, SameModel, ConsentMissing, OtherDeployment and
    InvalidEndpoints.
    """
    check_permission(by)
    if judge:
        _check_judge(judge, golden_set)
    if training_run:
        if training_run.deployment_id != golden_set.deployment_id:
            raise OtherDeployment(golden_set, training_run)
        candidate = replace(candidate, version=candidate.version or training_run.final_model_version)
    _check_endpoints(golden_set, candidate, current)
    with transaction.atomic():
        golden_set = (
            GoldenSet.objects.select_for_update(of=("self",)).select_related("deployment").get(pk=golden_set.pk)
        )
        if golden_set.deployment.deleting:
            raise GateNotAllowed(f"{golden_set.deployment_id} is being deleted.")
        gate = _make(golden_set, candidate, current, training_run, judge, by)
        golden.use(golden_set, f"gate {gate.pk}", by=by)
        if queue and gate.status == GateStatus.RUNNING:
            run_gate.delay_on_commit(gate.pk)
    log.info("gate_requested", gate=gate.pk, golden_set=golden_set.pk, by=by.pk, status=gate.status)
    return gate


def cancel(gate_id: int, *, by: User) -> GateRun:
    """Cancel a gate that has not ended; its answers stay. Raises PermissionDenied and AlreadyEnded."""
    check_permission(by)
    cancelled = GateRun.objects.unfinished().filter(pk=gate_id)
    is_cancelled = cancelled.update(status=GateStatus.CANCELLED, completed_at=timezone.now())
    gate = GateRun.objects.get(pk=gate_id)
    if not is_cancelled:
        raise AlreadyEnded(gate)
    log.info("gate_cancelled", gate=gate_id, by=by.pk)
    return gate


def check_permission(by: User) -> None:
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("This needs the permission “Can add gate”.")


def sweep() -> None:
    """Queue running gates without a worker, fail those that crash their workers, and end waits that are over.

    An erasure may delete the last row that had no answer yet.
    """
    for gate in GateRun.objects.waiting():
        if is_uploaded(gate):
            GateRun.objects.waiting().filter(pk=gate.pk).update(status=GateStatus.RUNNING)
    overdue = GateRun.objects.running().filter(created_at__lte=sweeping.overdue_since())
    sweeping.sweep(run_gate, overdue.values_list("pk", flat=True), give_up=fail)


def fail(gate_id: int, error: str) -> None:
    """End a gate without a verdict."""
    GateRun.objects.unfinished().filter(pk=gate_id).update(
        status=GateStatus.FAILED, error=error, completed_at=timezone.now()
    )


def _check_endpoints(golden_set: GoldenSet, candidate: Model, current: Model) -> None:
    known = endpoints()
    for side, model in (("candidate", candidate), ("current", current)):
        if model.endpoint and model.endpoint not in known:
            raise UnknownEndpoint(side, model.endpoint)
    if candidate.endpoint and candidate.endpoint == current.endpoint:
        raise SameModel(candidate.endpoint)
    is_asked = candidate.endpoint or current.endpoint
    if is_asked and not GateConsent.objects.filter(deployment_id=golden_set.deployment_id).exists():
        raise ConsentMissing(golden_set.deployment_id)


def _check_judge(judge: Judge, golden_set: GoldenSet) -> None:
    """Raise GateNotAllowed for a judge that cannot be asked."""
    try:
        pairwise.check_judge(judge, golden_set.deployment_id)
    except pairwise.PairwiseNotAllowed as error:
        raise GateNotAllowed(str(error)) from error


def _make(
    golden_set: GoldenSet,
    candidate: Model,
    current: Model,
    training_run: TrainingRun | None,
    judge: Judge | None,
    by: User,
) -> GateRun:
    rows = GoldenRow.objects.filter(golden_set=golden_set).by_people()
    references = list(rows.order_by("pk").values_list("pk", "reference"))
    made = GateRun(
        deployment_id=golden_set.deployment_id,
        golden_set=golden_set,
        golden_name=golden_set.name,
        training_run=training_run,
        candidate_endpoint=candidate.endpoint,
        candidate_version=candidate.version,
        current_endpoint=current.endpoint,
        current_version=current.version,
        status=GateStatus.RUNNING if candidate.endpoint or current.endpoint else GateStatus.WAITING,
        metric=_metric(golden_set, [reference for _, reference in references]),
        seed=secrets.randbits(32),
        last_row=references[-1][0] if references else 0,
        rows=len(references),
        token_budget=settings.GATE_TOKEN_BUDGET,
        details={"uses_before": golden_set.used.count()},
        requested_by=by,
    )
    if judge:
        made.judge, made.judge_name = judge, judge.name
        made.details["judge"] = judges.described(judge)
    if len(references) < LEAST_REFERENCES:
        if reason := _lacking(made):
            made.status, made.completed_at, made.n = GateStatus.COMPLETED, timezone.now(), 0
            made.verdict, made.reason = GateVerdict.NO_EVIDENCE, reason
        else:
            made.metric = GateMetric.PAIRWISE
    made.save(force_insert=True)
    return made


def _lacking(gate: GateRun) -> GateReason | None:
    """Why a gate with few references cannot be decided by its judge, so that no model is asked; None if it can."""
    if not gate.judge or gate.rows < LEAST_JUDGED:
        return GateReason.FEW_REFERENCES
    return None if gate.details["judge"]["is_enough"] else GateReason.WEAK_JUDGE


def _metric(golden_set: GoldenSet, references: list[str]) -> GateMetric:
    """The metric of the set's first gate with enough references, which was chosen before any answer was read."""
    earlier = GateRun.objects.filter(golden_set=golden_set, rows__gte=LEAST_REFERENCES).order_by("pk")
    earlier = earlier.values_list("metric", flat=True).first()
    return GateMetric(earlier) if earlier else metric_for(references)
