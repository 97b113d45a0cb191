"""The trigger settings of a deployment.

Three layers, in order of precedence: the deployment's rows, edited in the console and over the API;
`retraining_trigger` and `drift_detection` of its Feedback.Config; the settings of the installation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db import transaction

from drift.choices import (
    CHECKS,
    TriggerName,
    cooldown_problem,
    feedback_threshold_problem,
    judge_of,
    quality_source_problem,
    threshold_problem,
)
from drift.models import TriggerRule
from feedback.deployments import documents
from feedback.field_errors import FieldError
from feedback.models import Deployment, Judge

FEEDBACK_FIELDS = ("feedback_threshold", "feedback_drop")
QUALITY_FIELDS = (*FEEDBACK_FIELDS, "quality_source")
FIELDS = ("is_enabled", "threshold", "cooldown_seconds", *QUALITY_FIELDS)
# Names of the thresholds in an IR document.
_IN_DOCUMENT = {TriggerName.QUALITY_DROP: "accuracy_threshold", TriggerName.DATA_COUNT: "min_feedback_count"}


class InvalidRule(ValueError):
    """Invalid trigger settings, with all errors by field."""

    def __init__(self, errors: list[FieldError]):
        super().__init__(" ".join(error.message for error in errors))
        self.errors = errors


@dataclass(frozen=True)
class Effective:
    """The settings in effect for one trigger, and its row with the overrides of this deployment.

    feedback_threshold, feedback_drop: only of quality drop; without a threshold of approval there is no such condition.
    form: whether quality drop has the condition on the checks, which only a narrowed check leaves out. quality_source:
    whose mean that condition reads.
    """

    row: TriggerRule
    is_enabled: bool
    threshold: float
    cooldown_seconds: int
    feedback_threshold: float | None = None
    feedback_drop: bool | None = None
    form: bool = True
    quality_source: str = CHECKS

    @property
    def name(self) -> TriggerName:
        return TriggerName(self.row.name)

    @property
    def cooldown(self) -> timedelta:
        """The least time between two firings."""
        return timedelta(seconds=self.cooldown_seconds)


def of_deployment(deployment: Deployment) -> list[Effective]:
    """The four triggers in their fixed order."""
    rows = {row.name: row for row in TriggerRule.objects.of_deployment(deployment.pk)}
    return [
        effective(rows.get(name) or TriggerRule(deployment=deployment, name=name), deployment) for name in TriggerName
    ]


def with_rows(deployment: Deployment) -> list[Effective]:
    """The same; triggers that have no row yet get an empty one, which is what a check and a change need."""
    new = [rule.row for rule in of_deployment(deployment) if rule.row.pk is None]
    TriggerRule.objects.bulk_create(new, ignore_conflicts=True)
    return of_deployment(deployment)


def effective(row: TriggerRule, deployment: Deployment) -> Effective:
    is_enabled = _document_enables(row.name, deployment) if row.is_enabled is None else row.is_enabled
    threshold = _default_threshold(row.name, deployment) if row.threshold is None else row.threshold
    cooldown = settings.TRIGGER_COOLDOWN_SECONDS if row.cooldown_seconds is None else row.cooldown_seconds
    if row.name == TriggerName.SCHEDULED:
        cooldown = int(threshold)
    if row.name != TriggerName.QUALITY_DROP:
        return Effective(row, is_enabled, threshold, cooldown)
    return Effective(
        row,
        is_enabled,
        threshold,
        cooldown,
        feedback_threshold=row.feedback_threshold,
        feedback_drop=row.feedback_drop is not False,
        quality_source=row.quality_source or CHECKS,
    )


def check_interval(deployment: Deployment) -> timedelta:
    """The maximum age of a drift report that a check reuses."""
    return interval_in_document(deployment) or timedelta(seconds=settings.TRIGGER_CHECK_INTERVAL_SECONDS)


def interval_in_document(deployment: Deployment) -> timedelta | None:
    """The check interval in the deployment's document, if there is one."""
    hours = _in_document(deployment).get("check_interval_hours")
    return None if hours is None else timedelta(hours=hours)


def change(deployment: Deployment, changes: Mapping[str, Mapping[str, Any]], *, by: User) -> None:
    """Change the named fields of the named triggers; None resets a field to its default. Raises InvalidRule."""
    errors = [error for name, values in changes.items() for error in problems(name, values)]
    errors += _unknown_judges(deployment, changes) if not errors else []
    if errors:
        raise InvalidRule(errors)
    with_rows(deployment)
    with transaction.atomic():
        for row in TriggerRule.objects.of_deployment(deployment.pk).select_for_update().order_by("pk"):
            _write(row, changes.get(row.name, {}), by=by)


def claim_fall_evaluation(rule: Effective, evidence: str) -> int:
    """The number of this test of a fall, from 1; a test on the same votes as the last one keeps its number.

    evidence: a digest of what is tested. Concurrent tests on different votes get numbers of their own.
    """
    with transaction.atomic():
        row = TriggerRule.objects.select_for_update().get(pk=rule.row.pk)
        if row.fall_evidence != evidence:
            row.fall_evidence, row.fall_evaluations = evidence, row.fall_evaluations + 1
            row.save(update_fields=["fall_evidence", "fall_evaluations"])
    return row.fall_evaluations


def problems(name: str, values: Mapping[str, Any]) -> list[FieldError]:
    found = []
    if values.get("threshold") is not None and (message := threshold_problem(name, values["threshold"])):
        found.append(FieldError(f"{name}.threshold", "out_of_range", message))
    cooldown = values.get("cooldown_seconds")
    if cooldown is not None and (message := cooldown_problem(name, cooldown)):
        found.append(FieldError(f"{name}.cooldown_seconds", "out_of_range", message))
    if name != TriggerName.QUALITY_DROP:
        found += [
            FieldError(f"{name}.{field}", "invalid", "Only quality_drop has conditions on feedback and a source.")
            for field in QUALITY_FIELDS
            if values.get(field) is not None
        ]
        return found
    source = values.get("quality_source")
    if source is not None and (message := quality_source_problem(source)):
        found.append(FieldError(f"{name}.quality_source", "invalid", message))
    threshold = values.get("feedback_threshold")
    if threshold is not None and (message := feedback_threshold_problem(threshold)):
        found.append(FieldError(f"{name}.feedback_threshold", "out_of_range", message))
    return found


def _unknown_judges(deployment: Deployment, changes: Mapping[str, Mapping[str, Any]]) -> list[FieldError]:
    source = changes.get(TriggerName.QUALITY_DROP, {}).get("quality_source")
    if source in (None, CHECKS) or Judge.objects.of_deployment(deployment.pk).filter(name=judge_of(source)).exists():
        return []
    message = f"{deployment.pk} has no judge {judge_of(source)}."
    return [FieldError(f"{TriggerName.QUALITY_DROP}.quality_source", "unknown_judge", message)]


def _write(row: TriggerRule, values: Mapping[str, Any], *, by: User) -> None:
    changed = {field: values[field] for field in FIELDS if field in values and values[field] != getattr(row, field)}
    if not changed:
        return
    changes = "; ".join(f"{field}: {_shown(getattr(row, field))} → {_shown(value)}" for field, value in changed.items())
    for field, value in changed.items():
        setattr(row, field, value)
    row.save(update_fields=list(changed))
    LogEntry.objects.log_actions(by.pk, [row], CHANGE, changes, single_object=True)


def _shown(value: Any) -> str:
    return "default" if value is None else str(value)


def _document_enables(name: str, deployment: Deployment) -> bool:
    if name == TriggerName.DRIFT_THRESHOLD and not documents.detection_of(deployment.drift_detection).is_enabled:
        return False
    return _in_document(deployment).get("enabled", True)


def _default_threshold(name: str, deployment: Deployment) -> float:
    """From the documents if they have a usable value, else from the settings."""
    given = _in_document(deployment).get(_IN_DOCUMENT.get(TriggerName(name), ""))
    if name == TriggerName.DRIFT_THRESHOLD:
        given = documents.detection_of(deployment.drift_detection).threshold
    if given is not None:
        return given
    return {
        TriggerName.DRIFT_THRESHOLD: settings.TRIGGER_DRIFT_THRESHOLD,
        TriggerName.QUALITY_DROP: settings.TRIGGER_QUALITY_THRESHOLD,
        TriggerName.DATA_COUNT: settings.TRIGGER_DATA_COUNT_THRESHOLD,
        TriggerName.SCHEDULED: settings.TRIGGER_INTERVAL_SECONDS,
    }[TriggerName(name)]


def _in_document(deployment: Deployment) -> Mapping[str, Any]:
    return documents.usable("retraining_trigger", deployment.retraining_trigger)
