from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from pgvector.django import HalfVectorField

from feedback.choices import Assessor, ItemKind, Metric, Scope, SignalType
from feedback.querysets import (
    ApiKeyQuerySet,
    EmbeddingQuerySet,
    EventQuerySet,
    MetricRollupQuerySet,
    SignalQuerySet,
)


class Deployment(models.Model):
    """A model in production, made by its first event."""

    id = models.CharField("deployment", primary_key=True, max_length=255)
    enabled = models.BooleanField(default=True, help_text="A disabled deployment refuses events and signals.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="deployment_id_valid", condition=Q(id__regex=r"^[A-Za-z0-9._:-]{1,255}$"))
        ]

    def __str__(self):
        return self.id


class ApiKey(models.Model):
    """A key of a user; only the SHA-256 of its text is kept."""

    name = models.CharField(max_length=100)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys")
    prefix = models.CharField(max_length=16, editable=False)
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=16, choices=Scope.choices))
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(name="api_key_scopes_valid", condition=Q(scopes__contained_by=list(Scope.values)))
        ]

    def __str__(self):
        return f"{self.name} ({self.prefix}…)"


class Event(models.Model):
    """One inference: a prompt, a response and the facts around them. Read it through the event store."""

    id = models.UUIDField(primary_key=True)
    external_id = models.TextField(blank=True)
    deployment_id = models.CharField("deployment", max_length=255)
    model_version_id = models.CharField("model version", max_length=255, blank=True)
    prompt_version = models.CharField(max_length=255, blank=True)
    session_hash = models.CharField(max_length=64, blank=True)
    user_hash = models.CharField(max_length=64, blank=True)
    prompt = models.TextField()
    messages = models.JSONField(null=True)
    response = models.TextField(blank=True)
    latency_ms = models.FloatField(null=True)
    prompt_tokens = models.IntegerField(null=True)
    completion_tokens = models.IntegerField(null=True)
    token_count = models.IntegerField(null=True)
    cost_usd = models.FloatField(null=True)
    finish_reason = models.CharField(max_length=255, blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    experiment = models.CharField(max_length=255, blank=True)
    tags = ArrayField(models.TextField(), default=list)
    trace_id = models.CharField(max_length=255, blank=True)
    span_id = models.CharField(max_length=255, blank=True)
    metadata = models.JSONField(default=dict)
    masked = models.JSONField(default=dict)
    quality_score = models.FloatField(null=True)
    batch_id = models.UUIDField()

    objects = EventQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="event_quality_score_in_range",
                condition=Q(quality_score__isnull=True) | Q(quality_score__range=(0, 1)),
            )
        ]
        indexes = [
            models.Index("deployment_id", F("occurred_at").desc(), F("id").desc(), name="event_newest"),
            models.Index(F("occurred_at").desc(), F("id").desc(), name="event_newest_anywhere"),
            models.Index("deployment_id", "external_id", name="event_external_id", condition=~Q(external_id="")),
        ]

    def __str__(self):
        return str(self.id)


class QualityScore(models.Model):
    """What one assessor says of one event."""

    event_id = models.UUIDField()
    assessor = models.CharField(max_length=32, choices=Assessor.choices)
    profile = models.CharField(max_length=32)
    score = models.FloatField()
    checks = models.JSONField()
    assessed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("event_id", "assessor", name="quality_score_once_per_assessor"),
            models.CheckConstraint(name="quality_score_assessor_valid", condition=Q(assessor__in=Assessor.values)),
            models.CheckConstraint(name="quality_score_in_range", condition=Q(score__range=(0, 1))),
        ]

    def __str__(self):
        return f"{self.assessor} {self.score:.3f}"


class Signal(models.Model):
    """What a user did with a response. The last one of a (event, user, slot) is live, the others are history."""

    id = models.UUIDField(primary_key=True)
    event_id = models.UUIDField(null=True)
    external_id = models.TextField(blank=True)
    deployment_id = models.CharField("deployment", max_length=255, blank=True)
    type = models.CharField(max_length=16, choices=SignalType.choices)
    slot = models.CharField(max_length=16)
    value = models.JSONField(null=True)
    edited_response = models.TextField(blank=True)
    comment = models.TextField(blank=True)
    user_hash = models.CharField(max_length=64, blank=True)
    metadata = models.JSONField(default=dict)
    masked = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    waiting = models.BooleanField(default=False)
    live = models.BooleanField(default=False)
    batch_id = models.UUIDField()

    objects = SignalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="signal_type_valid", condition=Q(type__in=SignalType.values)),
            models.CheckConstraint(
                name="signal_has_a_target", condition=Q(event_id__isnull=False) | ~Q(external_id="")
            ),
            models.CheckConstraint(
                name="signal_edit_has_text", condition=~Q(type=SignalType.EDIT) | ~Q(edited_response="")
            ),
            models.UniqueConstraint(
                "event_id", "user_hash", "slot", condition=Q(live=True), name="signal_one_live_per_slot"
            ),
        ]
        indexes = [
            models.Index("event_id", name="signal_event"),
            models.Index("deployment_id", "external_id", name="signal_waiting", condition=Q(waiting=True)),
            models.Index(
                "deployment_id", "type", F("occurred_at").desc(), name="signal_newest_live", condition=Q(live=True)
            ),
            models.Index(F("occurred_at").desc(), F("id").desc(), name="signal_newest_anywhere"),
        ]

    def __str__(self):
        return f"{self.type} {self.id}"


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


class RejectedItem(models.Model):
    """An accepted item that the database refused, with its masked payload."""

    batch_id = models.UUIDField()
    deployment_id = models.CharField("deployment", max_length=255, blank=True)
    item_id = models.UUIDField()
    kind = models.CharField(max_length=16, choices=ItemKind.choices)
    reason = models.TextField()
    payload = models.JSONField()
    rejected_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(name="rejected_item_kind_valid", condition=Q(kind__in=ItemKind.values))]

    def __str__(self):
        return f"{self.kind} {self.item_id}"


class MetricRollup(models.Model):
    """Sums of one metric over one hour. Rows of one key add up; a task folds them into one."""

    deployment_id = models.CharField("deployment", max_length=255)
    model_version_id = models.CharField("model version", max_length=255, blank=True)
    metric = models.CharField(max_length=32, choices=Metric.choices)
    hour_at = models.DateTimeField()
    n = models.BigIntegerField()
    total = models.FloatField()
    total_squares = models.FloatField()

    objects = MetricRollupQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(name="metric_rollup_metric_valid", condition=Q(metric__in=Metric.values))]
        indexes = [
            models.Index("metric", "hour_at", name="metric_rollup_hour"),
            models.Index("deployment_id", "metric", "hour_at", name="metric_rollup_deployment"),
        ]

    def __str__(self):
        return f"{self.metric} {self.hour_at:%Y-%m-%d %H}"


class Embedding(models.Model):
    """A sampled event's place in the bounded sample of its hour; the vector is filled in by a task."""

    event_id = models.UUIDField(primary_key=True)
    deployment_id = models.CharField("deployment", max_length=255)
    hour_at = models.DateTimeField()
    sample_rank = models.BigIntegerField()
    client = models.CharField(max_length=100, blank=True)
    vector = HalfVectorField(null=True)

    objects = EmbeddingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index("deployment_id", "hour_at", "sample_rank", name="embedding_sample"),
            models.Index("hour_at", name="embedding_missing", condition=Q(vector__isnull=True)),
        ]

    def __str__(self):
        return str(self.event_id)
