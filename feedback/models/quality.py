"""How deployments chose to score answers, and checks of the installation's own that gave no result."""

from django.conf import settings
from django.db import models
from django.db.models import F

from feedback.querysets.quality import CheckFailureQuerySet, QualityChoiceQuerySet


class QualityChoice(models.Model):
    """A profile that a deployment had from a moment on; an empty document is the default profile."""

    deployment_id = models.CharField("deployment", max_length=255)
    document = models.JSONField(null=True)
    chosen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField(auto_now_add=True)

    objects = QualityChoiceQuerySet.as_manager()

    class Meta:
        ordering = ["-chosen_at", "-id"]
        indexes = [models.Index("deployment_id", F("chosen_at").desc(), name="quality_choice_newest")]

    def __str__(self):
        return f"{self.deployment_id} {self.chosen_at:%Y-%m-%d %H:%M}"


class CheckFailure(models.Model):
    """How many answers an own check gave no result for on one day, and why; no text is part of a reason."""

    deployment_id = models.CharField("deployment", max_length=255)
    check_name = models.CharField(max_length=32)
    reason = models.CharField(max_length=100)
    day = models.DateField()
    n = models.PositiveIntegerField()
    last_at = models.DateTimeField()

    objects = CheckFailureQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "check_name", "reason"]
        constraints = [
            models.UniqueConstraint("deployment_id", "check_name", "reason", "day", name="check_failure_once_a_day")
        ]

    def __str__(self):
        return f"{self.check_name} {self.reason}"
