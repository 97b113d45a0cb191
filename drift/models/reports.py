from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from drift.choices import Profile, ReportStatus, Verdict
from drift.querysets.reports import DriftReportQuerySet
from drift.windows.window import parse
from feedback.models import Deployment


class DriftReport(models.Model):
    """A comparison of two windows of one deployment, with everything needed to recompute it."""

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="drift_reports")
    profile = models.CharField(max_length=16, choices=Profile.choices, default=Profile.STANDARD)
    status = models.CharField(max_length=16, choices=ReportStatus.choices, default=ReportStatus.RUNNING)
    verdict = models.CharField(max_length=32, choices=Verdict.choices, blank=True)
    score = models.FloatField(null=True)
    reference_window = models.JSONField()
    current_window = models.JSONField()
    resolved_windows = models.JSONField(default=dict)
    segments = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    # Only scheduled reports use the history of earlier windows and add to it.
    is_scheduled = models.BooleanField(default=False)
    n_reference = models.IntegerField(null=True, verbose_name="reference events")
    n_current = models.IntegerField(null=True, verbose_name="current events")
    metrics = models.JSONField(default=list)
    # By "segment|name" of a metric; not in metrics, so that lists of reports stay small.
    histograms = models.JSONField(default=dict)
    parameters = models.JSONField(default=dict)
    methods = models.JSONField(default=dict)
    seed = models.BigIntegerField(default=0)
    error = models.TextField(blank=True)
    acknowledged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_reason = models.TextField(blank=True)
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
            models.CheckConstraint(
                name="drift_report_acknowledged_by_somebody_for_a_reason",
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True, acknowledged_reason="")
                | (Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False) & ~Q(acknowledged_reason="")),
            ),
        ]
        indexes = [
            models.Index("deployment", F("created_at").desc(), F("id").desc(), name="drift_report_newest"),
            models.Index(F("created_at").desc(), F("id").desc(), name="drift_report_newest_anywhere"),
        ]

    def __str__(self):
        return f"{self.deployment_id} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def reference_kind(self) -> str:
        """The kind of reference; scheduled reports of one kind share a history."""
        return parse(self.reference_window).key

    @property
    def is_acceptable(self) -> bool:
        """Whether its current window can become the new normal."""
        is_judged = self.status == ReportStatus.COMPLETED and self.profile == Profile.STANDARD
        # Reports of earlier versions lack the source of their windows.
        is_known = "source" in self.resolved_windows.get("current", {})
        return is_judged and is_known and self.acknowledged_at is None

    @property
    def notes(self) -> list[str]:
        """Notes on the windows and verdicts for the reader."""
        of_windows = [
            f"{side.capitalize()}: {note}"
            for side, resolved in sorted(self.resolved_windows.items(), reverse=True)
            for note in _notes_of(resolved)
        ]
        needed = self.parameters.get("persistence")
        if self.status != ReportStatus.COMPLETED or self.profile == Profile.CRUCIBLE:
            return of_windows
        of_windows += [
            f"No value of {name} has enough events in both windows for a comparison of its own."
            for name in self.segments
            if not any(metric["segment"].startswith(f"{name}=") for metric in self.metrics)
        ]
        if needed is None:
            return [*of_windows, "Based on these two windows only; earlier reports are not considered."]
        rule = f"{needed['needed']} of the last {needed['windows']} scheduled windows show a clear change"
        return [*of_windows, f"A metric counts as drifting once {rule}."]


def _notes_of(resolved: dict) -> list[str]:
    return [*resolved.get("notes", ()), *(one["sentence"] for one in resolved.get("new_tool_lists", ()))]
