"""Events and signals, and their scores and embeddings."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q, Value
from pgvector.django import HalfVectorField

from feedback.choices import LABEL_FORM, EmbeddedField, ScoreName, SignalType
from feedback.querysets.traffic import EventQuerySet, SignalQuerySet, ToolListQuerySet


class Event(models.Model):
    """One inference: a prompt, a response and their metadata. Read it through the event store."""

    id = models.UUIDField(primary_key=True)
    external_id = models.TextField(blank=True)
    deployment_id = models.CharField("deployment", max_length=255)
    model_version_id = models.CharField("model version", max_length=255, blank=True)
    prompt_version = models.CharField(max_length=255, blank=True)
    session_hash = models.CharField(max_length=64, blank=True)
    user_hash = models.CharField(max_length=64, blank=True)
    hash_key_id = models.CharField(max_length=16, blank=True)
    prompt = models.TextField(blank=True)
    messages = models.JSONField(null=True)
    response = models.TextField(blank=True)
    response_message = models.JSONField(null=True)
    dialect = models.CharField(max_length=32, blank=True, db_default="", default="")
    tools_hash = models.CharField(max_length=64, blank=True, db_default="", default="")
    tools_called = ArrayField(models.TextField(), default=list, db_default=Value("{}"))
    tool_choice = models.JSONField(null=True)
    response_format = models.JSONField(null=True)
    prompt_length = models.IntegerField("prompt characters", null=True)
    response_length = models.IntegerField("response characters", null=True)
    content_dropped = models.BooleanField(default=False)
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
    feedback_shown = models.BooleanField(null=True)
    training_allowed = models.BooleanField(default=True, db_default=True)
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
            BrinIndex(F("occurred_at"), name="event_time", autosummarize=True),
            models.Index("user_hash", name="event_user", condition=~Q(user_hash="")),
            models.Index(
                "session_hash",
                F("occurred_at").desc(),
                F("id").desc(),
                name="event_session",
                condition=~Q(session_hash=""),
            ),
            models.Index(F("occurred_at").desc(), F("id").desc(), name="event_newest_anywhere"),
            models.Index("deployment_id", "tools_hash", name="event_tools", condition=~Q(tools_hash="")),
            models.Index("deployment_id", "external_id", name="event_external_id", condition=~Q(external_id="")),
        ]

    def __str__(self):
        return str(self.id)


class QualityScore(models.Model):
    """One score of an event by one assessor: a raw value from minimum to maximum, and the same from 0 to 1.

    The automatic checks are one row together, which holds their results. Columns have the defaults of earlier rows in
    the database; of those, `raw` is the score.
    """

    event_id = models.UUIDField()
    assessor = models.CharField(max_length=64)
    name = models.CharField(max_length=64, db_default=ScoreName.QUALITY.value)
    profile = models.CharField(max_length=64)
    raw = models.FloatField(null=True)
    score = models.FloatField()
    minimum = models.FloatField(db_default=0.0)
    maximum = models.FloatField(db_default=1.0)
    version = models.CharField(max_length=100, blank=True, db_default="")
    checks = models.JSONField()
    assessed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("event_id", "assessor", "name", "profile", name="quality_score_once"),
            models.CheckConstraint(
                name="quality_score_names_valid", condition=Q(assessor__regex=LABEL_FORM, name__regex=LABEL_FORM)
            ),
            models.CheckConstraint(name="quality_score_has_a_range", condition=Q(minimum__lt=F("maximum"))),
            models.CheckConstraint(name="quality_score_in_range", condition=Q(score__range=(0, 1))),
        ]

    def __str__(self):
        return f"{self.assessor} {self.name} {self.score:.3f}"


class Signal(models.Model):
    """A user's reaction to a response, or to a whole session.

    The last one of an (event, user, slot) is live unless it is a retraction; the others are history. One about a
    session has no event and is never live.
    """

    id = models.UUIDField(primary_key=True)
    event_id = models.UUIDField(null=True)
    external_id = models.TextField(blank=True)
    deployment_id = models.CharField("deployment", max_length=255, blank=True)
    session_hash = models.CharField(max_length=64, blank=True, db_default="", default="")
    type = models.CharField(max_length=16, choices=SignalType.choices)
    name = models.CharField(max_length=64, blank=True, db_default="", default="")
    message_index = models.IntegerField(null=True)
    slot = models.CharField(max_length=100)
    retracted = models.BooleanField(db_default=False, default=False)
    prompted = models.BooleanField(null=True)
    value = models.JSONField(null=True)
    edited_response = models.TextField(blank=True)
    comment = models.TextField(blank=True)
    user_hash = models.CharField(max_length=64, blank=True)
    hash_key_id = models.CharField(max_length=16, blank=True)
    content_dropped = models.BooleanField(default=False)
    metadata = models.JSONField(default=dict)
    masked = models.JSONField(default=dict)
    key_prefix = models.CharField(max_length=16, blank=True, db_default="", default="")
    through_public_key = models.BooleanField(db_default=False, default=False)
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
                name="signal_names_its_target",
                condition=Q(event_id__isnull=False) | ~Q(external_id="") | ~Q(session_hash=""),
            ),
            models.CheckConstraint(
                name="signal_edit_holds_text",
                condition=~Q(type=SignalType.EDIT)
                | ~Q(edited_response="")
                | Q(content_dropped=True)
                | Q(retracted=True),
            ),
            models.UniqueConstraint(
                "event_id", "user_hash", "slot", condition=Q(live=True), name="signal_one_live_per_slot"
            ),
        ]
        indexes = [
            models.Index("event_id", name="signal_event"),
            models.Index("user_hash", name="signal_user", condition=~Q(user_hash="")),
            models.Index("session_hash", name="signal_session", condition=~Q(session_hash="")),
            models.Index("deployment_id", "external_id", name="signal_waiting", condition=Q(waiting=True)),
            models.Index(
                "deployment_id", "type", F("occurred_at").desc(), name="signal_newest_live", condition=Q(live=True)
            ),
            models.Index(F("occurred_at").desc(), F("id").desc(), name="signal_newest_anywhere"),
        ]

    def __str__(self):
        return f"{self.type} {self.id}"


class ToolList(models.Model):
    """The tools that events of a deployment declared, kept once; `Event.tools_hash` is its digest."""

    deployment_id = models.CharField("deployment", max_length=255)
    digest = models.CharField(max_length=64)
    tools = models.TextField()
    first_seen_at = models.DateTimeField(auto_now_add=True)

    objects = ToolListQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("deployment_id", "digest", name="tool_list_once_per_deployment")]
        indexes = [models.Index("deployment_id", "first_seen_at", "id", name="tool_list_first_seen")]

    def __str__(self):
        return f"{self.deployment_id} {self.digest[:8]}"


class Embedding(models.Model):
    """The vector of one text of a sampled event."""

    event_id = models.UUIDField()
    field = models.CharField(max_length=16, choices=EmbeddedField.choices)
    client = models.CharField(max_length=100)
    vector = HalfVectorField()

    class Meta:
        constraints = [
            models.UniqueConstraint("event_id", "field", name="embedding_once_per_field"),
            models.CheckConstraint(name="embedding_field_valid", condition=Q(field__in=EmbeddedField.values)),
        ]

    def __str__(self):
        return f"{self.field} of {self.event_id}"
