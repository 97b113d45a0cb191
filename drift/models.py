from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from drift.choices import Profile, ReportStatus, TriggerName, Verdict
from drift.querysets import DriftReportQuerySet, TrainingMarkQuerySet, TriggerEvaluationQuerySet
from feedback.models import Deployment


class DriftReport(models.Model):
    """Two windows of one deployment compared, with everything that is needed to compute it again."""

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="drift_reports")
    profile = models.CharField(max_length=16, choices=Profile.choices, default=Profile.STANDARD)
    status = models.CharField(max_length=16, choices=ReportStatus.choices, default=ReportStatus.RUNNING)
    verdict = models.CharField(max_length=32, choices=Verdict.choices, blank=True)
    score = models.FloatField(null=True)
    reference_window = models.JSONField()
    current_window = models.JSONField()
    resolved_windows = models.JSONField(default=dict)
    n_reference = models.IntegerField(null=True, verbose_name="reference events")
    n_current = models.IntegerField(null=True, verbose_name="current events")
    metrics = models.JSONField(default=list)
    parameters = models.JSONField(default=dict)
    methods = models.JSONField(default=dict)
    seed = models.BigIntegerField(default=0)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = DriftReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="drift_report_profile_valid", condition=Q(profile__in=Profile.values)),
            models.CheckConstraint(name="drift_report_status_valid", condition=Q(status__in=ReportStatus.values)),
            models.CheckConstraint(
                name="drift_report_verdict_when_finished",
                condition=Q(status=ReportStatus.RUNNING, verdict="", finished_at__isnull=True)
                | Q(status=ReportStatus.COMPLETED, verdict__in=Verdict.values, finished_at__isnull=False)
                | Q(status=ReportStatus.FAILED, verdict=Verdict.ERROR, finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="drift_report_no_score_without_judgement",
                condition=Q(score__isnull=True) | ~Q(verdict__in=["", Verdict.INSUFFICIENT_DATA, Verdict.ERROR]),
            ),
            models.CheckConstraint(
                name="drift_report_failure_has_a_reason", condition=~Q(status=ReportStatus.FAILED) | ~Q(error="")
            ),
        ]
        indexes = [
            models.Index("deployment", F("created_at").desc(), F("id").desc(), name="drift_report_newest"),
            models.Index(F("created_at").desc(), F("id").desc(), name="drift_report_newest_anywhere"),
        ]

    def __str__(self):
        return f"{self.deployment_id} {self.created_at:%Y-%m-%d %H:%M}"


class TriggerEvaluation(models.Model):
    """One trigger looked at once, whether it fired or not."""

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="trigger_evaluations")
    name = models.CharField("trigger", max_length=32, choices=TriggerName.choices)
    fired = models.BooleanField()
    value = models.FloatField(null=True)
    threshold = models.FloatField()
    reason = models.TextField()
    report = models.ForeignKey(DriftReport, null=True, on_delete=models.PROTECT, related_name="trigger_evaluations")
    created_at = models.DateTimeField(default=timezone.now)

    objects = TriggerEvaluationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="trigger_evaluation_name_valid", condition=Q(name__in=TriggerName.values))
        ]
        indexes = [
            models.Index("deployment", F("created_at").desc(), F("id").desc(), name="trigger_evaluation_newest"),
            models.Index(F("created_at").desc(), F("id").desc(), name="trigger_evaluation_newest_any"),
            models.Index(
                "deployment", "name", F("created_at").desc(), name="trigger_evaluation_fired", condition=Q(fired=True)
            ),
        ]

    def __str__(self):
        return f"{self.name} {self.deployment_id} {self.created_at:%Y-%m-%d %H:%M}"


class TrainingMark(models.Model):
    """A training that used this deployment's data: counting and the schedule start again from here."""

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="training_marks")
    marked_at = models.DateTimeField()
    source = models.CharField(max_length=255, blank=True, help_text="What trained, such as an export batch.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TrainingMarkQuerySet.as_manager()

    class Meta:
        indexes = [models.Index("deployment", F("marked_at").desc(), name="training_mark_newest")]

    def __str__(self):
        return f"{self.deployment_id} {self.marked_at:%Y-%m-%d %H:%M}"
