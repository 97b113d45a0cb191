"""What people say of answers by the questions of a rubric."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from feedback.models.rubrics import RubricVersion
from feedback.querysets.human_scores import HumanScoreQuerySet, ScoringSampleQuerySet


class HumanScore(models.Model):
    """One person's answers to a rubric about the answer of one event.

    person: the number of the scorer's account. It stays when the account is deleted and then leads to no one, so that
    the scores of one person still count as one person's. first_answers, first_score: as sent before other scores of
    the event were visible; `changed_at`: when others replaced them. score: the composite `raw` from 0 to 1.
    """

    event_id = models.UUIDField()
    deployment_id = models.CharField("deployment", max_length=255)
    occurred_at = models.DateTimeField()
    rubric_version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="human_scores")
    scorer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    person = models.BigIntegerField()
    answers = models.JSONField()
    raw = models.FloatField()
    score = models.FloatField()
    first_answers = models.JSONField()
    first_score = models.FloatField()
    note = models.TextField(blank=True)
    curated_set_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(null=True)

    objects = HumanScoreQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("event_id", "rubric_version", "person", name="human_score_once_per_person"),
            models.CheckConstraint(
                name="human_score_in_range", condition=Q(score__range=(0, 1), first_score__range=(0, 1))
            ),
        ]
        indexes = [
            models.Index("deployment_id", F("occurred_at").desc(), name="human_score_newest"),
            models.Index("curated_set_id", name="human_score_of_set", condition=Q(curated_set_id__isnull=False)),
        ]

    def __str__(self):
        return f"{self.rubric_version_id} {self.score:.3f}"


class ScoringSample(models.Model):
    """Events of a deployment that were drawn at random for people to score, each as likely as any other.

    read: of how many events, the newest of those that occurred since `source_from` with their texts. seed: of the draw.
    """

    deployment_id = models.CharField("deployment", max_length=255)
    rubric_version = models.ForeignKey(
        RubricVersion, on_delete=models.PROTECT, related_name="samples", verbose_name="rubric"
    )
    seed = models.PositiveIntegerField()
    read = models.PositiveIntegerField("events read")
    source_from = models.DateTimeField("events since")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScoringSampleQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index("deployment_id", F("id").desc(), name="scoring_sample_newest")]

    def __str__(self):
        return f"Sample {self.pk} of {self.deployment_id}"


class SampledForScoring(models.Model):
    """One event of a sample, in the order in which people score them."""

    sample = models.ForeignKey(ScoringSample, on_delete=models.CASCADE, related_name="events", db_index=False)
    event_id = models.UUIDField(db_index=True)
    occurred_at = models.DateTimeField()
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint("sample", "event_id", name="sampled_for_scoring_once"),
            models.UniqueConstraint("sample", "position", name="sampled_for_scoring_in_order"),
        ]

    def __str__(self):
        return f"{self.sample_id} {self.event_id}"
