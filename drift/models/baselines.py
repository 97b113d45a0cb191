"""Pinned windows with their measurements."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone

from drift.models.reports import DriftReport
from drift.querysets.reports import BaselineQuerySet
from feedback.models import Deployment


class Baseline(models.Model):
    """One version of a named reference window. It stores histograms, so retention and erasures do not change it.

    parts: by segment ("" is all events) and metric, the bins and counts of `measures.binning` in this scheme.
    """

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="baselines")
    name = models.CharField(max_length=255)
    version = models.PositiveIntegerField(default=1)
    window = models.JSONField()
    resolved_window = models.JSONField()
    n = models.BigIntegerField("events")
    scheme = models.PositiveSmallIntegerField("bin scheme")
    parts = models.JSONField()
    # By metric; missing metrics were measured before measures had versions.
    measure_versions = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    reason = models.TextField(blank=True)
    report = models.ForeignKey(DriftReport, on_delete=models.PROTECT, null=True, related_name="baselines")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = BaselineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("deployment", "name", "version", name="baseline_version_once"),
            models.CheckConstraint(name="baseline_is_named", condition=~Q(name="")),
            models.CheckConstraint(name="baseline_holds_events", condition=Q(n__gte=1)),
        ]
        indexes = [models.Index("deployment", "name", F("version").desc(), name="baseline_newest")]

    def __str__(self):
        return f"{self.name} of {self.deployment_id}, version {self.version}"

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Its hours, or the time from its first to its last event; the end is exclusive."""
        first, last = (datetime.fromisoformat(self.resolved_window[name]) for name in ("first_at", "last_at"))
        return first, last if self.resolved_window["source"] == "rollups" else last + timedelta(microseconds=1)
