"""The outcome of all accepted items, and totals by hour."""

from django.db import models
from django.db.models import F, Q

from feedback.choices import ItemKind
from feedback.models.deployments import ApiKey
from feedback.querysets.ledger import IngestCountQuerySet, RejectedItemQuerySet, RejectionReasonQuerySet


class IngestBatch(models.Model):
    """The ledger: one row per request and deployment, written in the transaction that writes its items."""

    batch_id = models.UUIDField()
    deployment_id = models.CharField("deployment", max_length=255, blank=True)
    accepted = models.IntegerField()
    stored = models.IntegerField(default=0)
    duplicate = models.IntegerField(default=0)
    sampled_out = models.IntegerField(default=0)
    rejected = models.IntegerField(default=0)
    invalid = models.IntegerField(default=0)
    received_at = models.DateTimeField()
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "ingest batches"
        constraints = [
            models.UniqueConstraint("batch_id", "deployment_id", name="ingest_batch_once"),
            models.CheckConstraint(
                name="ingest_batch_balanced",
                condition=Q(accepted=F("stored") + F("duplicate") + F("sampled_out") + F("rejected")),
            ),
        ]

    def __str__(self):
        return str(self.batch_id)


class IngestCount(models.Model):
    """The ledger by deployment and hour of arrival. Writers add rows; a task folds those of one hour into one."""

    deployment_id = models.CharField("deployment", max_length=255, blank=True)
    kind = models.CharField(max_length=16, choices=ItemKind.choices)
    hour_at = models.DateTimeField()
    accepted = models.BigIntegerField(default=0)
    stored = models.BigIntegerField(default=0)
    duplicate = models.BigIntegerField(default=0)
    sampled_out = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    invalid = models.BigIntegerField(default=0)
    flushes = models.BigIntegerField(default=0)
    score_total = models.FloatField("sum of scores", default=0)
    flushed_at = models.DateTimeField()

    objects = IngestCountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="ingest_count_kind_valid", condition=Q(kind__in=ItemKind.values)),
            models.CheckConstraint(
                name="ingest_count_balanced",
                condition=Q(accepted=F("stored") + F("duplicate") + F("sampled_out") + F("rejected")),
            ),
        ]
        indexes = [models.Index("deployment_id", "hour_at", name="ingest_count_hour")]

    def __str__(self):
        return f"{self.deployment_id} {self.hour_at:%Y-%m-%d %H}"


class RejectedItem(models.Model):
    """An accepted item that the database rejected, with its masked payload."""

    batch_id = models.UUIDField()
    deployment_id = models.CharField("deployment", max_length=255, blank=True)
    item_id = models.UUIDField()
    kind = models.CharField(max_length=16, choices=ItemKind.choices)
    field = models.CharField(max_length=64, blank=True)
    reason = models.TextField()
    payload = models.JSONField()
    user_hash = models.CharField(max_length=64, blank=True)
    rejected_at = models.DateTimeField(auto_now_add=True)
    replayed_at = models.DateTimeField(null=True)
    replay_batch_id = models.UUIDField("replayed as", null=True)

    objects = RejectedItemQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(name="rejected_item_kind_valid", condition=Q(kind__in=ItemKind.values))]
        indexes = [models.Index("user_hash", name="rejected_item_user", condition=~Q(user_hash=""))]

    def __str__(self):
        return f"{self.kind} {self.item_id}"


class RejectionReason(models.Model):
    """How many items of a key and hour were rejected for one reason. It holds nothing of the items themselves."""

    hour_at = models.DateTimeField("hour")
    # Without a constraint: a key may be gone, and its rejections stay on record. None: sent from a file.
    key = models.ForeignKey(ApiKey, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    kind = models.CharField(max_length=16, choices=ItemKind.choices)
    deployment_id = models.CharField("deployment", max_length=255, blank=True)
    field = models.CharField(max_length=255, blank=True)
    code = models.CharField(max_length=64)
    message = models.TextField()
    count = models.BigIntegerField()

    objects = RejectionReasonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="rejection_reason_kind_valid", condition=Q(kind__in=ItemKind.values)),
            models.UniqueConstraint(
                fields=["hour_at", "key", "kind", "deployment_id", "field", "code"],
                name="rejection_reason_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [models.Index(fields=["deployment_id", "-hour_at", "-id"], name="rejection_reason_newest")]

    def __str__(self):
        return f"{self.code} {self.hour_at:%Y-%m-%d %H}"
