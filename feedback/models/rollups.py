"""Histograms by hour and day that pages and detectors read instead of events."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from feedback.choices import Bucket, VersionKind
from feedback.querysets.rollups import FeedbackRecountQuerySet, RollupQuerySet


class Rollup(models.Model):
    """How one metric was distributed in one hour or day. Only the task that folds deltas writes these rows.

    The id is a hash of what the row is about. Numbers have bins, categories have names; both have counts. Scores have
    the assessor that gave them; values that were measured in different ways have different versions.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    deployment_id = models.CharField("deployment", max_length=255)
    model_version_id = models.CharField("model version", max_length=255, blank=True)
    prompt_version = models.CharField(max_length=255, blank=True)
    segment = models.CharField(max_length=255, blank=True)
    bucket = models.CharField(max_length=4, choices=Bucket.choices)
    start_at = models.DateTimeField()
    metric = models.CharField(max_length=160)
    assessor = models.CharField(max_length=64, blank=True, db_default="")
    measure_version = models.CharField(max_length=100, db_default="1")
    scheme = models.PositiveSmallIntegerField()
    n = models.BigIntegerField()
    total = models.FloatField()
    squares = models.FloatField("sum of squares")
    bins = ArrayField(models.IntegerField(), default=list)
    names = ArrayField(models.TextField(), default=list)
    counts = ArrayField(models.IntegerField(), default=list)

    objects = RollupQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="rollup_bucket_valid", condition=Q(bucket__in=Bucket.values)),
            models.CheckConstraint(
                name="rollup_one_count_each", condition=Q(counts__len=F("bins__len") + F("names__len"))
            ),
        ]
        indexes = [
            models.Index("deployment_id", "metric", "segment", "bucket", "start_at", name="rollup_window"),
            models.Index("metric", "bucket", "start_at", name="rollup_anywhere", condition=Q(segment="")),
        ]

    def __str__(self):
        return f"{self.deployment_id} {self.metric} {self.start_at:%Y-%m-%d %H}"


class RollupDelta(models.Model):
    """What one transaction changes in one hour. Rows are only inserted, and later folded into the rollups.

    changes: objects with metric, assessor, measure_version, n, total, squares, bins, names and counts. users: 64-bit
    hashes of those seen.
    """

    deployment_id = models.CharField("deployment", max_length=255)
    model_version_id = models.CharField("model version", max_length=255, blank=True)
    prompt_version = models.CharField(max_length=255, blank=True)
    segment = models.CharField(max_length=255, blank=True)
    hour_at = models.DateTimeField()
    scheme = models.PositiveSmallIntegerField()
    changes = models.JSONField(default=list)
    users = ArrayField(models.BigIntegerField(), default=list)
    recount_users = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index("deployment_id", "hour_at", name="rollup_delta_hour")]

    def __str__(self):
        return f"{self.deployment_id} {self.hour_at:%Y-%m-%d %H}"


class UserSketch(models.Model):
    """A HyperLogLog sketch of the users of one deployment in one hour or day."""

    deployment_id = models.CharField("deployment", max_length=255)
    bucket = models.CharField(max_length=4, choices=Bucket.choices)
    start_at = models.DateTimeField()
    sketch = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="user_sketch_bucket_valid", condition=Q(bucket__in=Bucket.values)),
            models.UniqueConstraint("deployment_id", "bucket", "start_at", name="user_sketch_once"),
        ]

    def __str__(self):
        return f"{self.deployment_id} {self.start_at:%Y-%m-%d %H}"


class SegmentKey(models.Model):
    """A metadata key by which a deployment's rollups are split: of the events received from one moment to another."""

    deployment_id = models.CharField("deployment", max_length=255)
    key = models.CharField(max_length=64)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "deployment_id", "key", condition=Q(until_at__isnull=True), name="segment_key_once_at_a_time"
            )
        ]

    def __str__(self):
        return self.key


class KnownName(models.Model):
    """One of the first names seen of a finish reason, a tool, a label, an experiment or a metadata key; later ones are
    counted as `other`.
    """

    deployment_id = models.CharField("deployment", max_length=255)
    field = models.CharField(max_length=80)
    name = models.CharField(max_length=255)

    class Meta:
        constraints = [models.UniqueConstraint("deployment_id", "field", "name", name="known_name_once")]

    def __str__(self):
        return self.name


class FeedbackRecount(models.Model):
    """A job that counts the live signals of a deployment again, by the weights in force; deleted when it is done.

    number: grows with every request, so that a running job notices that it must begin again. reached_at: the days
    before this are done. error: why it was given up.
    """

    deployment_id = models.CharField("deployment", max_length=255, primary_key=True)
    number = models.PositiveIntegerField(default=1)
    requested_at = models.DateTimeField()
    reached_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    objects = FeedbackRecountQuerySet.as_manager()

    def __str__(self):
        return self.deployment_id


class OwnVersion(models.Model):
    """One of the first model versions, or prompt versions of a model, in a deployment's events of a day; later ones are
    counted as `(other)`.
    """

    deployment_id = models.CharField("deployment", max_length=255)
    day = models.DateField()
    kind = models.CharField(max_length=6, choices=VersionKind.choices)
    model_version_id = models.CharField("model version", max_length=255, blank=True)
    prompt_version = models.CharField(max_length=255, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="own_version_kind_valid", condition=Q(kind__in=VersionKind.values)),
            models.UniqueConstraint(
                "deployment_id", "day", "kind", "model_version_id", "prompt_version", name="own_version_once"
            ),
        ]

    def __str__(self):
        return f"{self.model_version_id} {self.prompt_version}"
