from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from drift.choices import ComparisonStatus, Correction
from drift.querysets.comparisons import ArmComparisonQuerySet
from drift.windows.arms import names_of, parse_arm
from feedback.models import Deployment


class ArmComparison(models.Model):
    """Two or more arms of one deployment compared by outcomes.

    arms: as requested. results: one object for each outcome, of `comparisons.results`, with ids of events and no texts.
    counts: of each arm, the events and users that were read. test, margin: "" and null for the defaults.
    is_live: watched, so that results follow the events. looks: what each look found, oldest first. tuning: what the
    intervals of looks are tuned to, by outcome and arm, from the first look on.
    """

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="comparisons")
    status = models.CharField(max_length=16, choices=ComparisonStatus.choices, default=ComparisonStatus.RUNNING)
    arms = models.JSONField()
    outcomes = ArrayField(models.CharField(max_length=264))
    segments = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    test = models.CharField(max_length=32, blank=True)
    correction = models.CharField(max_length=20, choices=Correction.choices, default=Correction.HOLM)
    margin = models.FloatField(null=True)
    seed = models.BigIntegerField(default=0)
    verdict = models.TextField(blank=True)
    counts = models.JSONField(default=list)
    results = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    is_live = models.BooleanField(default=False)
    looks = models.JSONField(default=list)
    tuning = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    requested_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = ArmComparisonQuerySet.as_manager()

    class Meta:
        verbose_name = "comparison"
        constraints = [
            models.CheckConstraint(name="arm_comparison_status_valid", condition=Q(status__in=ComparisonStatus.values)),
            models.CheckConstraint(
                name="arm_comparison_correction_valid", condition=Q(correction__in=Correction.values)
            ),
            models.CheckConstraint(
                name="arm_comparison_finished_or_running",
                condition=Q(status=ComparisonStatus.RUNNING, finished_at__isnull=True)
                | (~Q(status=ComparisonStatus.RUNNING) & Q(finished_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="arm_comparison_failure_has_a_reason",
                condition=~Q(status=ComparisonStatus.FAILED) | ~Q(error=""),
            ),
            models.CheckConstraint(
                name="arm_comparison_margin_above_0", condition=Q(margin__isnull=True) | Q(margin__gt=0)
            ),
        ]
        indexes = [models.Index("deployment", F("created_at").desc(), F("id").desc(), name="arm_comparison_newest")]

    def __str__(self):
        return f"{' and '.join(self.names)} of {self.deployment_id}"

    @property
    def names(self) -> list[str]:
        """A name for each arm."""
        return names_of([parse_arm(arm) for arm in self.arms])
