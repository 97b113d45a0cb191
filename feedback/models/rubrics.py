"""Rubrics: what people and judges are asked about an answer, and how one score follows from what they say."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from feedback.querysets.rubrics import RubricVersionQuerySet


class RubricVersion(models.Model):
    """One version of a rubric, read-only from its creation on; a change makes the next version.

    criteria: objects with name, title, description, minimum, maximum and weight. flags: with name, title and
    description. formula: over their names; without one, the mean of the criteria by weight.
    """

    name = models.CharField(max_length=50)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    prompt = models.TextField("instructions", blank=True)
    criteria = models.JSONField()
    flags = models.JSONField(default=list)
    formula = models.CharField(max_length=500, blank=True)
    is_shipped = models.BooleanField("comes with the application", default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = RubricVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "rubric"
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint("name", "version", name="rubric_version_once"),
            models.CheckConstraint(name="rubric_name_valid", condition=Q(name__regex=r"^[a-z][a-z0-9-]{0,49}$")),
            models.CheckConstraint(name="rubric_version_from_1", condition=Q(version__gte=1)),
        ]

    def __str__(self):
        return self.label

    @property
    def label(self) -> str:
        return f"{self.name}-v{self.version}"
