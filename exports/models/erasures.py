"""Erasures of users, and the sets and exports that they affect."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from curation.models import CuratedSet
from exports.choices import ErasureStatus
from exports.models.batches import ExportBatch
from exports.querysets import ErasureQuerySet


class Erasure(models.Model):
    """The erasure of one user, identified by hashes of their id only, which go once it is completed.

    At `cleared_at` all stored data had been removed once; at `drained_at` also what was then waiting to be written.
    """

    hashes = ArrayField(models.CharField(max_length=64), blank=True)
    status = models.CharField(max_length=16, choices=ErasureStatus.choices, default=ErasureStatus.REQUESTED)
    events = models.PositiveIntegerField(default=0)
    signals = models.PositiveIntegerField(default=0)
    rejected_items = models.PositiveIntegerField(default=0)
    examples = models.PositiveIntegerField("examples of open sets", default=0)
    error = models.TextField(blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("requested at", auto_now_add=True)
    cleared_at = models.DateTimeField(null=True)
    drained_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)

    objects = ErasureQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(name="erasure_status_valid", condition=Q(status__in=ErasureStatus.values)),
            models.CheckConstraint(
                name="erasure_of_somebody", condition=Q(hashes__len__gte=1) | Q(status=ErasureStatus.COMPLETED)
            ),
            models.CheckConstraint(
                name="erasure_completed_in_order",
                condition=~Q(status=ErasureStatus.COMPLETED)
                | Q(cleared_at__isnull=False, drained_at__isnull=False, completed_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"Erasure {self.pk}"


class BlankedSet(models.Model):
    """A decided set in which an erasure blanked rows."""

    erasure = models.ForeignKey(Erasure, on_delete=models.CASCADE, related_name="blanked_sets")
    curated_set = models.ForeignKey(CuratedSet, on_delete=models.CASCADE, related_name="blanked_by")
    rows = models.PositiveIntegerField()

    class Meta:
        ordering = ["curated_set_id"]
        constraints = [models.UniqueConstraint("erasure", "curated_set", name="blanked_set_once")]

    def __str__(self):
        return f"{self.rows} rows of {self.curated_set_id}"


class AffectedExport(models.Model):
    """An export whose file held rows that an erasure blanked."""

    erasure = models.ForeignKey(Erasure, on_delete=models.CASCADE, related_name="affected_exports")
    batch = models.ForeignKey(ExportBatch, on_delete=models.PROTECT, related_name="affected_by")

    class Meta:
        ordering = ["batch_id"]
        constraints = [models.UniqueConstraint("erasure", "batch", name="affected_export_once")]

    def __str__(self):
        return f"{self.batch_id} by {self.erasure_id}"
