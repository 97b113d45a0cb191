"""Tools that got another name."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from feedback.choices import RenameStatus
from feedback.querysets.tools import ToolRenameQuerySet


def unknown_shape() -> dict:
    return {"calls": 0, "arguments": [], "results": []}


class ToolRename(models.Model):
    """The new name of a tool, as proposed by the shape of its calls; nothing uses it unless a person confirmed it.

    Shapes are objects with calls, arguments (name, share, kind) and results (name, share), and hold no values.
    """

    deployment_id = models.CharField("deployment", max_length=255)
    old_name = models.CharField(max_length=255)
    new_name = models.CharField(max_length=255)
    similarity = models.FloatField()
    evidence = models.JSONField(default=dict)
    old_shape = models.JSONField(default=unknown_shape)
    new_shape = models.JSONField(default=unknown_shape)
    status = models.CharField(max_length=9, choices=RenameStatus.choices, default=RenameStatus.PROPOSED)
    proposed_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = ToolRenameQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint("deployment_id", "old_name", "new_name", name="tool_rename_once"),
            models.UniqueConstraint(
                "deployment_id",
                "old_name",
                condition=Q(status=RenameStatus.CONFIRMED),
                name="tool_rename_one_confirmed_name",
            ),
            models.CheckConstraint(name="tool_rename_status_valid", condition=Q(status__in=RenameStatus.values)),
            models.CheckConstraint(
                name="tool_rename_similarity_in_range", condition=Q(similarity__gte=0, similarity__lte=1)
            ),
            models.CheckConstraint(name="tool_rename_changes_the_name", condition=~Q(old_name=F("new_name"))),
            models.CheckConstraint(
                name="tool_rename_decided_by_a_person",
                condition=Q(status=RenameStatus.PROPOSED, decided_by__isnull=True, decided_at__isnull=True)
                | ~Q(status=RenameStatus.PROPOSED) & Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
        ]
        indexes = [models.Index("deployment_id", F("proposed_at").desc(), F("id").desc(), name="tool_rename_newest")]

    def __str__(self):
        return f"{self.old_name} → {self.new_name}"
