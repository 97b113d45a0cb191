"""Removes everything of drift that a deployment has: reports, baselines, triggers with their firings and messages."""

from drift.models import (
    AlertDelivery,
    ArmComparison,
    Baseline,
    DriftReport,
    MetricState,
    ScheduledCheck,
    TrainingMark,
    TriggerEvaluation,
    TriggerFiring,
    TriggerRule,
)
from feedback.removal.deployments import in_batches


def remove_of(deployment_id: str) -> int:
    """Delete the rows, those that refer to others first. Digests stay and are about the firings that are left."""
    removed = in_batches(AlertDelivery.objects.filter(firing__deployment_id=deployment_id))
    models = (
        *(TriggerFiring, TriggerEvaluation, MetricState, Baseline, DriftReport),
        *(ScheduledCheck, TriggerRule, TrainingMark, ArmComparison),
    )
    return removed + sum(in_batches(model.objects.of_deployment(deployment_id)) for model in models)
