"""How long a metric has been changing: the history that scheduled reports share."""

from django.db import models
from django.db.models import Q

from drift.choices import Verdict
from drift.models.reports import DriftReport
from drift.querysets.reports import MetricStateQuerySet
from feedback.models import Deployment


class MetricState(models.Model):
    """The last windows of one metric, segment and kind of reference of a deployment.

    windows: newest last, each {"verdict", "first_at", "last_at"}. since_at: start of the first window that showed the
    change; null while it is ok.
    """

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="metric_states")
    metric = models.CharField(max_length=100)
    segment = models.CharField(max_length=300, blank=True)
    reference_kind = models.CharField(max_length=300)
    verdict = models.CharField(max_length=32, choices=Verdict.choices)
    windows = models.JSONField(default=list)
    since_at = models.DateTimeField(null=True)
    report = models.ForeignKey(DriftReport, on_delete=models.CASCADE, related_name="+")

    objects = MetricStateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("deployment", "metric", "segment", "reference_kind", name="metric_state_once"),
            models.CheckConstraint(name="metric_state_verdict_valid", condition=Q(verdict__in=Verdict.values)),
            models.CheckConstraint(
                name="metric_state_since_when_moving",
                condition=Q(verdict=Verdict.OK, since_at__isnull=True)
                | (~Q(verdict=Verdict.OK) & Q(since_at__isnull=False)),
            ),
        ]

    def __str__(self):
        return f"{self.metric} of {self.deployment_id}"
