"""Scores that applications send: the names that deployments declare, and scores that wait for their event."""

from django.db import models
from django.db.models import F, Q

from feedback.choices import LABEL_FORM
from feedback.models.deployments import Deployment
from feedback.querysets.scores import DeclaredScoreQuerySet, WaitingScoreQuerySet


class DeclaredScore(models.Model):
    """A name that an application's scores have, its range, and whether such a score counts as gold.

    `is_applied` is off from a change of `is_gold` until every event with such a score is queued for its evidence.
    """

    # Without a constraint: the first score of a new deployment may come before its first event is written.
    deployment = models.ForeignKey(
        Deployment, on_delete=models.CASCADE, db_constraint=False, related_name="declared_scores"
    )
    name = models.CharField(max_length=64, help_text="As it is sent: a-z, 0-9, _ . : and -, at most 64.")
    minimum = models.FloatField(default=0.0, help_text="The lowest value.")
    maximum = models.FloatField(default=1.0, help_text="The highest value. The range of scores sent before stays.")
    is_gold = models.BooleanField(
        "gold", default=False, help_text="Whether such a score is the truth about an answer, as evidence has it."
    )
    is_applied = models.BooleanField(default=True, db_default=True, editable=False)

    objects = DeclaredScoreQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint("deployment", "name", name="declared_score_once"),
            models.CheckConstraint(name="declared_score_name_valid", condition=Q(name__regex=LABEL_FORM)),
            models.CheckConstraint(name="declared_score_has_a_range", condition=Q(minimum__lt=F("maximum"))),
        ]
        indexes = [
            models.Index("deployment", name="declared_score_gold", condition=Q(is_gold=True)),
            models.Index("id", name="declared_score_to_apply", condition=Q(is_applied=False)),
        ]

    def __str__(self):
        return f"{self.deployment_id} {self.name}"


class WaitingScore(models.Model):
    """An accepted score on its way to its event, which may not be stored yet.

    It is written in the transaction that counts it in the ledger, and goes in the one that records it. minimum,
    maximum: the range when the score was accepted.
    """

    event_id = models.UUIDField(null=True)
    external_id = models.TextField(blank=True)
    deployment_id = models.CharField("deployment", max_length=255, blank=True)
    name = models.CharField(max_length=64)
    value = models.FloatField()
    minimum = models.FloatField()
    maximum = models.FloatField()
    version = models.CharField(max_length=100, blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()

    objects = WaitingScoreQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="waiting_score_names_its_event", condition=Q(event_id__isnull=False) | ~Q(external_id="")
            ),
            models.CheckConstraint(name="waiting_score_name_valid", condition=Q(name__regex=LABEL_FORM)),
        ]
        indexes = [
            models.Index("event_id", name="waiting_score_event"),
            models.Index("deployment_id", "external_id", name="waiting_score_external_id"),
            models.Index("deployment_id", "received_at", name="waiting_score_received"),
        ]

    def __str__(self):
        return f"{self.name} {self.value:g}"
