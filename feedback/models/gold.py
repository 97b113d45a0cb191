"""Scores of judges and of people that count as gold."""

from django.db import models
from django.db.models import Q

from feedback.models.deployments import Deployment
from feedback.querysets.gold import GoldAssessorQuerySet


class GoldAssessor(models.Model):
    """Whether the scores of an assessor under a name, that of a rubric, count as gold for the events of a deployment.

    `is_applied` is off from a change of `is_gold` until every event with such a score is queued for its evidence.
    """

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="gold_assessors")
    assessor = models.CharField(max_length=64)
    name = models.CharField("rubric", max_length=64)
    is_gold = models.BooleanField("gold", default=False)
    is_applied = models.BooleanField(default=True, db_default=True, editable=False)

    objects = GoldAssessorQuerySet.as_manager()

    class Meta:
        ordering = ["assessor", "name"]
        constraints = [
            models.UniqueConstraint("deployment", "assessor", "name", name="gold_assessor_once"),
        ]
        indexes = [
            models.Index("deployment", name="gold_assessor_gold", condition=Q(is_gold=True)),
            models.Index("id", name="gold_assessor_to_apply", condition=Q(is_applied=False)),
        ]

    def __str__(self):
        return f"{self.deployment_id} {self.assessor} {self.name}"
