"""Deletions of deployments."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from exports.choices import DeletionStatus
from exports.querysets import DeploymentDeletionQuerySet


class DeploymentDeletion(models.Model):
    """The deletion of a deployment with everything that it has, except approved sets and their exports."""

    # No reference: the deployment goes and this stays.
    deployment_id = models.CharField("deployment", max_length=255)
    status = models.CharField(max_length=16, choices=DeletionStatus.choices, default=DeletionStatus.REQUESTED)
    events = models.PositiveBigIntegerField(default=0)
    signals = models.PositiveBigIntegerField(default=0)
    sets = models.PositiveIntegerField("curated sets", default=0)
    records = models.PositiveBigIntegerField("figures and other rows", default=0)
    kept_sets = models.PositiveIntegerField("approved sets kept", default=0)
    error = models.TextField(blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("requested at", auto_now_add=True)
    cleared_at = models.DateTimeField("stored traffic removed at", null=True)
    completed_at = models.DateTimeField(null=True)

    objects = DeploymentDeletionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "deletion of a deployment"
        verbose_name_plural = "deletions of deployments"
        constraints = [
            models.UniqueConstraint(
                "deployment_id", name="deployment_deletion_once", condition=~Q(status=DeletionStatus.COMPLETED)
            ),
            models.CheckConstraint(
                name="deployment_deletion_status_valid", condition=Q(status__in=DeletionStatus.values)
            ),
            models.CheckConstraint(
                name="deployment_deletion_completed_in_order",
                condition=~Q(status=DeletionStatus.COMPLETED) | Q(cleared_at__isnull=False, completed_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"Deletion of {self.deployment_id}"
