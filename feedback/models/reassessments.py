"""Ranges of events that are scored again."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from feedback.choices import ReassessmentStatus
from feedback.querysets.reassessments import ReassessmentQuerySet


class Reassessment(models.Model):
    """Events of a deployment that are scored again, oldest first, up to the position that is reached.

    key: the profile key of its scores, `default` where they replace those of the events. version: that of the profile.
    before, after: sums of the `compared` scores that were replaced and of those that replaced them.
    """

    deployment_id = models.CharField("deployment", max_length=255)
    occurred_from = models.DateTimeField("from", null=True)
    occurred_to = models.DateTimeField("to")
    model_version_id = models.CharField("model version", max_length=255, blank=True)
    key = models.CharField(max_length=64)
    version = models.CharField("profile", max_length=64)
    status = models.CharField(max_length=10, choices=ReassessmentStatus.choices, default=ReassessmentStatus.REQUESTED)
    total = models.PositiveIntegerField(null=True)
    scored = models.PositiveIntegerField(default=0)
    dropped = models.PositiveIntegerField("without texts", default=0)
    failures = models.PositiveIntegerField("check failures", default=0)
    compared = models.PositiveIntegerField(default=0)
    before = models.FloatField(default=0.0)
    after = models.FloatField(default=0.0)
    position_at = models.DateTimeField(null=True)
    position_id = models.UUIDField(null=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("requested at", auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    objects = ReassessmentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(name="reassessment_status_valid", condition=Q(status__in=ReassessmentStatus.values)),
            models.CheckConstraint(
                name="reassessment_has_a_range",
                condition=Q(occurred_from__isnull=True) | Q(occurred_from__lt=F("occurred_to")),
            ),
        ]
        indexes = [models.Index("deployment_id", F("created_at").desc(), F("id").desc(), name="reassessment_newest")]

    def __str__(self):
        return f"Reassessment {self.pk}"

    @property
    def is_own(self) -> bool:
        """Whether its scores are those of the events."""
        return self.key == "default"

    @property
    def done(self) -> int:
        return self.scored + self.dropped

    @property
    def is_unfinished(self) -> bool:
        return self.status in ReassessmentStatus.unfinished()

    @property
    def mean_before(self) -> float | None:
        return self.before / self.compared if self.compared else None

    @property
    def mean_after(self) -> float | None:
        return self.after / self.compared if self.compared else None

    @property
    def percent(self) -> int | None:
        """Of 100; None until the events are counted."""
        return None if self.total is None else min(100, round(100 * self.done / max(self.total, 1)))
