"""Reports, baselines, triggers with their firings, and alerts."""

from drift.models.alerts import AlertChannel, AlertDelivery
from drift.models.baselines import Baseline
from drift.models.comparisons import ArmComparison
from drift.models.reports import DriftReport
from drift.models.states import MetricState
from drift.models.triggers import ScheduledCheck, TrainingMark, TriggerEvaluation, TriggerFiring, TriggerRule

__all__ = [
    "AlertChannel",
    "AlertDelivery",
    "ArmComparison",
    "Baseline",
    "DriftReport",
    "MetricState",
    "ScheduledCheck",
    "TrainingMark",
    "TriggerEvaluation",
    "TriggerFiring",
    "TriggerRule",
]
