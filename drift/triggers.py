"""The four reasons to retrain: each evaluation is kept, whether it fired or not."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from drift import detection, reports, training
from drift.choices import TriggerName
from drift.models import DriftReport, TriggerEvaluation
from feedback.models import Deployment
from feedback.quality.rolling import rolling_average
from feedback.stores import event_store
from feedback.stores.base import EventFilter

COUNT_LIMIT = 20_000


def check(deployment_id: str, *, now: datetime | None = None) -> list[TriggerEvaluation]:
    """Evaluate all triggers in their fixed order. Runs a drift check if no recent report has a score."""
    now = now or timezone.now()
    report = _recent_report(deployment_id, now)
    mark = training.last_mark(deployment_id)
    marked_at = mark.marked_at if mark else None
    measured = [_drift_threshold(report), _quality_drop(deployment_id), _data_count(deployment_id, marked_at)]
    with transaction.atomic():
        # One check at a time from here, or two at once would both find that the schedule has not fired.
        Deployment.objects.select_for_update(no_key=True).get(pk=deployment_id)
        evaluations = [*measured, _scheduled(deployment_id, marked_at, now)]
        for evaluation in evaluations:
            evaluation.deployment_id = deployment_id
            evaluation.created_at = now
        return TriggerEvaluation.objects.bulk_create(evaluations)


def _recent_report(deployment_id: str, now: datetime) -> DriftReport:
    since = now - timedelta(seconds=settings.TRIGGER_CHECK_INTERVAL_SECONDS)
    recent = DriftReport.objects.of_deployment(deployment_id).usable_for_triggers(since).newest_first().first()
    if recent is not None:
        return recent
    return detection.run(reports.request(deployment_id, enqueue=False).pk)


def _drift_threshold(report):
    threshold = settings.TRIGGER_DRIFT_THRESHOLD
    if report.score is None:
        fired, reason = False, f"Drift report {report.pk} has no score: {report.get_verdict_display().lower()}."
    else:
        fired = report.score > threshold
        comparison = "is above" if fired else "is not above"
        reason = f"The score {report.score:.4g} of drift report {report.pk} {comparison} {threshold:g}."
    return TriggerEvaluation(
        name=TriggerName.DRIFT_THRESHOLD,
        fired=fired,
        value=report.score,
        threshold=threshold,
        reason=reason,
        report=report,
    )


def _quality_drop(deployment_id):
    threshold = settings.TRIGGER_QUALITY_THRESHOLD
    average = rolling_average(deployment_id, settings.QUALITY_WINDOW)
    if not average.n:
        fired, reason = False, "No event has a quality score."
    else:
        fired = average.mean < threshold
        comparison = "is below" if fired else "is not below"
        reason = f"The average {average.mean:.4g} of the newest {average.n:,} scored events {comparison} {threshold:g}."
    return TriggerEvaluation(
        name=TriggerName.QUALITY_DROP, fired=fired, value=average.mean, threshold=threshold, reason=reason
    )


def _data_count(deployment_id, marked_at):
    threshold = settings.TRIGGER_DATA_COUNT_THRESHOLD
    limit = max(COUNT_LIMIT, threshold)
    where = EventFilter(deployment_id=deployment_id, occurred_from=marked_at)
    count = sum(batch.num_rows for batch in event_store().scan(where, ["id"], limit=limit))
    counted = f"{count:,} or more" if count == limit else f"{count:,}"
    since = f"since the last training at {marked_at:%Y-%m-%d %H:%M} UTC" if marked_at else "and no training so far"
    return TriggerEvaluation(
        name=TriggerName.DATA_COUNT,
        fired=count >= threshold,
        value=count,
        threshold=threshold,
        reason=f"{counted} events {since}; {threshold:,} are enough.",
    )


def _scheduled(deployment_id, marked_at, now):
    interval = settings.TRIGGER_INTERVAL_SECONDS
    last_fired = (
        TriggerEvaluation.objects.of_deployment(deployment_id).fired_by_schedule().order_by("created_at").last()
    )
    past = [moment for moment in (marked_at, last_fired and last_fired.created_at) if moment is not None]
    if not past:
        seconds, fired, reason = None, True, "There was no training and no scheduled firing so far."
    else:
        seconds = max(0.0, (now - max(past)).total_seconds())
        fired = seconds >= interval
        reason = f"{seconds:,.0f} s since the last training or scheduled firing; the interval is {interval:,} s."
    return TriggerEvaluation(name=TriggerName.SCHEDULED, fired=fired, value=seconds, threshold=interval, reason=reason)
