"""Retraining triggers: settings, evaluations and firings."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone

from drift.choices import (
    LARGEST_COUNT,
    LONGEST_SECONDS,
    QUALITY_SOURCE_FORM,
    SHORTEST_SECONDS,
    CheckSource,
    FiringState,
    TriggerName,
    TriggerOutcome,
)
from drift.models.reports import DriftReport
from drift.querysets.triggers import (
    ScheduledCheckQuerySet,
    TrainingMarkQuerySet,
    TriggerEvaluationQuerySet,
    TriggerFiringQuerySet,
    TriggerRuleQuerySet,
)
from feedback.models import Deployment


class TriggerRule(models.Model):
    """The settings of one trigger of one deployment; empty fields use the defaults."""

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="trigger_rules")
    name = models.CharField("trigger", max_length=32, choices=TriggerName.choices)
    is_enabled = models.BooleanField("on", null=True, blank=True)
    threshold = models.FloatField(null=True, blank=True)
    cooldown_seconds = models.PositiveIntegerField(null=True, blank=True)
    # Of quality drop: conditions on what users say of the answers.
    feedback_threshold = models.FloatField(null=True, blank=True)
    feedback_drop = models.BooleanField("fall of approval", null=True, blank=True)
    # Whose rolling mean quality drop reads: checks, or judge:NAME.
    quality_source = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - null is the default
    # How often a fall was tested on new votes, and which votes the last test read: each spends a part of the level.
    fall_evaluations = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    fall_evidence = models.CharField(max_length=16, default="", db_default="", editable=False)
    # Set by an UPDATE that is conditional on its old value, so concurrent checks fire once.
    last_fired_at = models.DateTimeField(null=True, editable=False)

    objects = TriggerRuleQuerySet.as_manager()

    class Meta:
        ordering = ["deployment", "id"]
        constraints = [
            models.UniqueConstraint("deployment", "name", name="trigger_rule_once"),
            models.CheckConstraint(name="trigger_rule_name_valid", condition=Q(name__in=TriggerName.values)),
            models.CheckConstraint(
                name="trigger_rule_threshold_in_range",
                condition=Q(threshold__isnull=True)
                | Q(name=TriggerName.DRIFT_THRESHOLD, threshold__gte=0, threshold__lte=1)
                | Q(name=TriggerName.QUALITY_DROP, threshold__gte=0, threshold__lte=1)
                | Q(name=TriggerName.DATA_COUNT, threshold__gte=1, threshold__lte=LARGEST_COUNT)
                | Q(name=TriggerName.SCHEDULED, threshold__gte=SHORTEST_SECONDS, threshold__lte=LONGEST_SECONDS),
            ),
            models.CheckConstraint(
                name="trigger_rule_feedback_threshold_in_range",
                condition=Q(feedback_threshold__isnull=True)
                | Q(name=TriggerName.QUALITY_DROP, feedback_threshold__gte=0, feedback_threshold__lte=1),
            ),
            models.CheckConstraint(
                name="trigger_rule_quality_source_valid",
                condition=Q(quality_source__isnull=True)
                | Q(name=TriggerName.QUALITY_DROP, quality_source__regex=QUALITY_SOURCE_FORM),
            ),
            models.CheckConstraint(
                name="trigger_rule_feedback_drop_of_quality",
                condition=Q(feedback_drop__isnull=True) | Q(name=TriggerName.QUALITY_DROP),
            ),
            models.CheckConstraint(
                name="trigger_rule_cooldown_in_range",
                condition=Q(cooldown_seconds__isnull=True)
                | Q(cooldown_seconds__gte=SHORTEST_SECONDS, cooldown_seconds__lte=LONGEST_SECONDS),
            ),
        ]

    def __str__(self):
        return f"{self.get_name_display()} of {self.deployment_id}"


class TriggerEvaluation(models.Model):
    """One evaluation of a trigger, fired or not, with who started it.

    details: for quality drop, `arms`, one object for each of its conditions.
    """

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="trigger_evaluations")
    name = models.CharField("trigger", max_length=32, choices=TriggerName.choices)
    outcome = models.CharField(max_length=16, choices=TriggerOutcome.choices)
    fired = models.BooleanField()
    value = models.FloatField(null=True)
    threshold = models.FloatField()
    reason = models.TextField()
    details = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    source = models.CharField("started from", max_length=16, choices=CheckSource.choices)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="started by", null=True, related_name="+"
    )
    report = models.ForeignKey(DriftReport, null=True, on_delete=models.PROTECT, related_name="trigger_evaluations")
    created_at = models.DateTimeField(default=timezone.now)

    objects = TriggerEvaluationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="trigger_evaluation_name_valid", condition=Q(name__in=TriggerName.values)),
            models.CheckConstraint(
                name="trigger_evaluation_outcome_valid", condition=Q(outcome__in=TriggerOutcome.values)
            ),
            models.CheckConstraint(
                name="trigger_evaluation_fired_is_its_outcome",
                condition=Q(fired=True, outcome=TriggerOutcome.FIRED)
                | (Q(fired=False) & ~Q(outcome=TriggerOutcome.FIRED)),
            ),
            models.CheckConstraint(name="trigger_evaluation_source_valid", condition=Q(source__in=CheckSource.values)),
        ]
        indexes = [
            models.Index("deployment", F("created_at").desc(), F("id").desc(), name="trigger_evaluation_newest"),
            models.Index(F("created_at").desc(), F("id").desc(), name="trigger_evaluation_newest_any"),
        ]

    def __str__(self):
        return f"{self.get_name_display()} of {self.deployment_id} {self.created_at:%Y-%m-%d %H:%M}"


class TriggerFiring(models.Model):
    """A reason to retrain; open until it is acknowledged or used by a training."""

    evaluation = models.OneToOneField(TriggerEvaluation, on_delete=models.PROTECT, related_name="firing")
    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="trigger_firings")
    name = models.CharField("trigger", max_length=32, choices=TriggerName.choices)
    state = models.CharField(max_length=16, choices=FiringState.choices, default=FiringState.OPEN)
    fired_at = models.DateTimeField()
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="closed by", null=True, related_name="+"
    )
    settled_at = models.DateTimeField("closed at", null=True)
    # A scheduled check announces its firings together with those of the whole run.
    is_announced = models.BooleanField(default=True, db_default=True)

    objects = TriggerFiringQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("deployment", "name", "fired_at", name="trigger_firing_once"),
            models.CheckConstraint(name="trigger_firing_name_valid", condition=Q(name__in=TriggerName.values)),
            models.CheckConstraint(name="trigger_firing_state_valid", condition=Q(state__in=FiringState.values)),
            models.CheckConstraint(
                name="trigger_firing_settled_when_not_open",
                condition=Q(state=FiringState.OPEN, settled_at__isnull=True, settled_by__isnull=True)
                | (~Q(state=FiringState.OPEN) & Q(settled_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index("deployment", F("id").desc(), name="trigger_firing_newest"),
            models.Index("deployment", "fired_at", name="trigger_firing_open", condition=Q(state=FiringState.OPEN)),
            models.Index("fired_at", name="trigger_firing_unannounced", condition=Q(is_announced=False)),
        ]

    def __str__(self):
        return f"{self.get_name_display()} of {self.deployment_id} {self.fired_at:%Y-%m-%d %H:%M}"


class ScheduledCheck(models.Model):
    """A scheduled check of a deployment's triggers that is not done yet; each deployment has at most one."""

    deployment = models.OneToOneField(
        Deployment, on_delete=models.CASCADE, primary_key=True, related_name="scheduled_check"
    )
    requested_at = models.DateTimeField(default=timezone.now)

    objects = ScheduledCheckQuerySet.as_manager()

    class Meta:
        indexes = [models.Index("requested_at", "deployment", name="scheduled_check_oldest")]

    def __str__(self):
        return f"Scheduled check of {self.deployment_id}"


class TrainingMark(models.Model):
    """A training that used this deployment's data up to `marked_at`; data count and schedule restart with it."""

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="training_marks")
    marked_at = models.DateTimeField()
    events_before = models.BigIntegerField(
        default=0, help_text="Events of the deployment stored by then, according to the ingest ledger."
    )
    source = models.CharField(max_length=255, blank=True, help_text="What trained, such as an export batch.")
    model_version_id = models.CharField("model version", max_length=255, blank=True, default="", db_default="")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TrainingMarkQuerySet.as_manager()

    class Meta:
        indexes = [models.Index("deployment", F("marked_at").desc(), name="training_mark_newest")]

    def __str__(self):
        return f"{self.deployment_id} {self.marked_at:%Y-%m-%d %H:%M}"
