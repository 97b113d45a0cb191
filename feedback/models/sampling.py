"""Records about events, kept besides the event store."""

from django.db import models
from django.db.models import F, Q

from feedback.choices import ItemKind
from feedback.querysets.sampling import SampledEventQuerySet, StoreClaimQuerySet
from feedback.signatures import KEY_BYTES


class SampledEvent(models.Model):
    """A member of the bounded sample of its hour; a task embeds its texts. An event displaced by a lower rank stays as
    a non-member until the task has removed its vectors.

    The keys are those of `feedback.quality.keys`; an hourly task sets them. answer_characters: 0 for an answer in a
    prescribed form.
    """

    event_id = models.UUIDField(primary_key=True)
    deployment_id = models.CharField("deployment", max_length=255)
    model_version_id = models.CharField("model version", max_length=255, blank=True)
    prompt_version = models.CharField(max_length=255, blank=True)
    occurred_at = models.DateTimeField()
    hour_at = models.DateTimeField()
    sample_rank = models.BigIntegerField()
    is_member = models.BooleanField(default=True)
    client = models.CharField("embedded by", max_length=100, blank=True)
    prompt_key = models.BinaryField(max_length=KEY_BYTES, null=True)
    answer_key = models.BinaryField(max_length=KEY_BYTES, null=True)
    answer_characters = models.IntegerField(null=True)

    objects = SampledEventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index("deployment_id", "hour_at", "sample_rank", name="sampled_event_place"),
            models.Index("hour_at", name="sampled_event_to_do", condition=Q(client="") | Q(is_member=False)),
        ]

    def __str__(self):
        return str(self.event_id)


class RepeatedShare(models.Model):
    """How many of the newest sampled answers of a model version are one answer to many prompts.

    answers: how many different ones. first_at: when the oldest of the `n` sampled events occurred.
    """

    deployment_id = models.CharField("deployment", max_length=255)
    model_version_id = models.CharField("model version", max_length=255, blank=True)
    n = models.IntegerField()
    repeated = models.IntegerField()
    answers = models.IntegerField()
    first_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deployment_id", "model_version_id"], name="repeated_share_once_a_version"),
            models.CheckConstraint(name="repeated_share_is_a_part", condition=Q(repeated__range=(0, F("n")))),
        ]

    def __str__(self):
        return f"{self.deployment_id} {self.model_version_id}"


class StoreClaim(models.Model):
    """An item that is on its way into, or out of, a store outside of this database.

    It is made before the store is touched and goes in the transaction that counts the item, so that after a crash each
    item is counted once. `batch_id` is the request that brings the item, or empty for a removal.
    """

    item_id = models.UUIDField()
    kind = models.CharField(max_length=16, choices=ItemKind.choices)
    batch_id = models.UUIDField(null=True)

    objects = StoreClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("kind", "item_id", name="store_claim_once"),
            models.CheckConstraint(name="store_claim_kind_valid", condition=Q(kind__in=ItemKind.values)),
        ]
        indexes = [models.Index("batch_id", name="store_claim_batch")]

    def __str__(self):
        return f"{self.kind} {self.item_id}"


class ScoreClaim(models.Model):
    """Scores on their way into a store outside of this database, and those they replace.

    It is made before the store is touched and goes in the transaction that counts the scores, so that after a crash
    each of them is counted once. replaced, stored: rows of `stores.schema.SCORE`, as JSON.
    """

    replaced = models.JSONField()
    stored = models.JSONField()
    claimed_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return f"{len(self.stored)} scores"
