"""Evaluates the four retraining triggers: every evaluation is stored, and of concurrent checks only one fires."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

import structlog
from django.db import transaction
from django.utils import timezone

from drift.alerts import outbox
from drift.choices import CheckSource, TriggerName, TriggerOutcome
from drift.measures import methods
from drift.models import DriftReport, TriggerEvaluation, TriggerFiring, TriggerRule
from drift.reading import references
from drift.reports import detection, lifecycle
from drift.triggers import conditions, quality_arms, quality_sources, rules, scheduling, training
from drift.triggers.narrowing import EVERYTHING, Narrowing
from drift.triggers.rules import Effective
from feedback.choices import DriftMethod
from feedback.deployments import documents
from feedback.evidence.keeping import refreshing
from feedback.models import Deployment
from feedback.stores import event_store
from feedback.stores.base import EventFilter

log = structlog.get_logger(__name__)
_OUTCOMES = {None: TriggerOutcome.NO_DATA, False: TriggerOutcome.QUIET, True: TriggerOutcome.FIRED}


def check(
    deployment_id: str,
    *,
    source: CheckSource,
    asked_by_id: int | None = None,
    now: datetime | None = None,
    is_announced: bool = True,
    narrowing: Narrowing = EVERYTHING,
    report: DriftReport | None = None,
    recorded: Callable[[list[TriggerEvaluation]], object] = lambda evaluations: None,
) -> list[TriggerEvaluation]:
    """Evaluate the triggers in their fixed order and send alerts for those that fire.

    Without `is_announced` the alerts wait for `digests.announce_run`. narrowing: which of them, over which events,
    against which threshold. report: the finished drift report to judge by, of `requested_report`. recorded: is called
    in the transaction that stores the evaluations.
    """
    now = now or timezone.now()
    deployment = Deployment.objects.get(pk=deployment_id)
    effective = narrowing.applied(rules.with_rows(deployment))
    evaluations = [_evaluate(rule, deployment, now, narrowing, report) for rule in effective]
    for evaluation in evaluations:
        evaluation.source, evaluation.asked_by_id = source, asked_by_id
    with transaction.atomic():
        for rule, evaluation in zip(effective, evaluations, strict=True):
            if evaluation.outcome == TriggerOutcome.FIRED and not _claim(rule, now):
                _apply_cooldown(evaluation, rule)
            evaluation.fired = evaluation.outcome == TriggerOutcome.FIRED
        TriggerEvaluation.objects.bulk_create(evaluations)
        fired = [evaluation for evaluation in evaluations if evaluation.fired]
        silent = _silent(deployment)
        firings = TriggerFiring.objects.bulk_create(
            _firing(evaluation, is_announced or evaluation.name in silent) for evaluation in fired
        )
        if is_announced:
            outbox.announce([firing for firing in firings if firing.name not in silent])
        recorded(evaluations)
    return evaluations


def check_scheduled(deployment_id: str) -> list[TriggerEvaluation]:
    """A check of the schedule: whether it succeeds or not, the next one that waits is queued."""
    try:
        is_active = Deployment.objects.active().filter(pk=deployment_id).exists()
        return check(deployment_id, source=CheckSource.BEAT, is_announced=False) if is_active else []
    finally:
        scheduling.end(deployment_id)


def _evaluate(
    rule: Effective, deployment: Deployment, now: datetime, narrowing: Narrowing, report: DriftReport | None
) -> TriggerEvaluation:
    evaluation = TriggerEvaluation(
        deployment=deployment,
        name=rule.name,
        threshold=rule.threshold,
        outcome=TriggerOutcome.OFF,
        reason="This trigger is off.",
        created_at=now,
    )
    if rule.is_enabled:
        if rule.name == TriggerName.DRIFT_THRESHOLD:
            evaluation.report = report or _finished(requested_report(deployment, now, narrowing))
        if rule.name == TriggerName.QUALITY_DROP:
            refreshing.before_decision(deployment.pk)
        condition = _MEASURE[rule.name](rule, evaluation, now, narrowing)
        evaluation.outcome, evaluation.value = _OUTCOMES[condition.is_met], condition.value
        evaluation.reason = condition.reason
    return evaluation


def _drift_threshold(rule, evaluation, now, narrowing):
    report = evaluation.report
    method = documents.detection_of(evaluation.deployment.drift_detection).method
    score = report.score
    if score is not None and method != DriftMethod.STANDARD:
        score = methods.largest(report.metrics, method)
    facts = {"report": report.pk, "verdict": report.get_verdict_display(), "measure": methods.MEASURES[method]}
    return conditions.drift_threshold(score, rule.threshold, **facts)


def _quality_drop(rule, evaluation, now, narrowing):
    average, form = quality_sources.evaluate(rule, narrowing, now=now)
    arms = quality_arms.evaluate(rule, form, average=average, now=now, days=narrowing.days)
    evaluation.details = {"arms": [asdict(arm) for arm in arms]}
    decisive = quality_arms.decisive(arms)
    if not rule.form and rule.feedback_threshold is not None:
        evaluation.threshold = rule.feedback_threshold
    if decisive is None:
        return form if rule.form else quality_arms.first_on(arms)
    evaluation.threshold = decisive.threshold
    return conditions.ConditionResult(decisive.value, True, decisive.reason)


def _data_count(rule, evaluation, now, narrowing):
    arrived = training.events_since_last(
        evaluation.deployment_id, at_least=int(rule.threshold), occurred_from=narrowing.occurred_from(now)
    )
    facts = {"is_bound": arrived.is_bound, "trained_at": arrived.trained_at, "within": narrowing.within}
    return conditions.data_count(arrived.count, rule.threshold, **facts)


def _scheduled(rule, evaluation, now, narrowing):
    recorded_at = training.last_recorded_at(evaluation.deployment_id)
    past = [moment for moment in (recorded_at, rule.row.last_fired_at) if moment is not None]
    seconds = max(0.0, (now - max(past)).total_seconds()) if past else None
    has_events = event_store().count(EventFilter(deployment_id=evaluation.deployment_id), at_most=1) > 0
    return conditions.scheduled(seconds, rule.threshold, has_events=has_events)


_MEASURE = {
    TriggerName.DRIFT_THRESHOLD: _drift_threshold,
    TriggerName.QUALITY_DROP: _quality_drop,
    TriggerName.DATA_COUNT: _data_count,
    TriggerName.SCHEDULED: _scheduled,
}


def requested_report(
    deployment: Deployment, now: datetime, narrowing: Narrowing = EVERYTHING, *, enqueue: bool = False
) -> DriftReport:
    """The newest report with a score, if it is younger than the check interval; else a new one, not computed yet.

    A check of the last hours has a report of its own. Raises TooManyRunning with `enqueue`, which has a worker compute
    a new one.
    """
    if narrowing.window_hours:
        return lifecycle.request(deployment.pk, current=narrowing.current_window, enqueue=enqueue)
    since = now - rules.check_interval(deployment)
    recent = DriftReport.objects.of_deployment(deployment.pk).usable_for_triggers(since).newest_first().first()
    if recent is not None:
        return recent
    normal = references.accepted_as_normal(deployment.pk)
    return lifecycle.request(deployment.pk, reference=normal, enqueue=enqueue)


def _finished(report: DriftReport) -> DriftReport:
    """A failed report is returned too: it has a reason and no score, and the other triggers are still evaluated."""
    try:
        return detection.run(report.pk)
    except Exception:
        log.exception("drift_check_failed", deployment=report.deployment_id, report=report.pk)
        report.refresh_from_db()
        return report


def _silent(deployment: Deployment) -> set[str]:
    """The triggers whose firings send no alert."""
    return set() if documents.detection_of(deployment.drift_detection).alerts else {TriggerName.DRIFT_THRESHOLD}


def _claim(rule: Effective, now: datetime) -> bool:
    """Claim the firing: of concurrent checks one succeeds, and none within the cooldown."""
    ready = TriggerRule.objects.not_fired_after(now - rule.cooldown)
    return bool(ready.filter(pk=rule.row.pk).update(last_fired_at=now))


def _apply_cooldown(evaluation: TriggerEvaluation, rule: Effective) -> None:
    last = TriggerRule.objects.values_list("last_fired_at", flat=True).get(pk=rule.row.pk)
    evaluation.outcome = TriggerOutcome.COOLDOWN
    until = f"{last + rule.cooldown:%Y-%m-%d %H:%M:%S}"
    evaluation.reason += f" Last fired at {last:%Y-%m-%d %H:%M:%S} UTC; in cooldown until {until} UTC."


def _firing(evaluation: TriggerEvaluation, is_announced: bool) -> TriggerFiring:
    return TriggerFiring(
        evaluation=evaluation,
        deployment_id=evaluation.deployment_id,
        name=evaluation.name,
        fired_at=evaluation.created_at,
        is_announced=is_announced,
    )
