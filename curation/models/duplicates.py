"""What rows of sets say, so that every set knows all before it, and which rows repeated one that was kept."""

from django.db import models
from django.db.models import Q

from curation.choices import CopyMethod, LinkKind
from curation.models.rows import CuratedExample
from curation.models.sets import CuratedSet
from curation.querysets import DuplicateLinkQuerySet, KnownExampleQuerySet, KnownRowQuerySet
from feedback.models import Deployment


class KnownRow(models.Model):
    """A prompt and an answer of rows of a deployment's sets: their keys and MinHash signatures, once for equal rows."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="+", db_index=False)
    version = models.CharField(max_length=64, help_text="Of keys and signatures; those of another are not compared.")
    exact_key = models.BinaryField(max_length=16)
    normal_key = models.BinaryField(max_length=16)
    prompt_key = models.BinaryField(max_length=16)
    prompt_signature = models.BinaryField(max_length=512)
    answer_signature = models.BinaryField(max_length=512)

    objects = KnownRowQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("deployment", "version", "exact_key", name="known_row_once")]
        indexes = [
            models.Index("normal_key", name="known_row_normal_key"),
            models.Index("prompt_key", name="known_row_prompt_key"),
        ]

    def __str__(self):
        return f"{self.deployment_id} {bytes(self.exact_key).hex()}"


class RowBand(models.Model):
    """A key of a known row: its near-copies share at least one. Keys of two deployments or two bands never meet."""

    pk = models.CompositePrimaryKey("key", "known_row_id")
    key = models.BigIntegerField()
    known_row = models.ForeignKey(KnownRow, on_delete=models.CASCADE, related_name="bands")

    def __str__(self):
        return f"{self.key} of {self.known_row_id}"


class KnownExample(models.Model):
    """Which known row an example of a set is."""

    example = models.OneToOneField(CuratedExample, on_delete=models.CASCADE, primary_key=True, related_name="known")
    known_row = models.ForeignKey(KnownRow, on_delete=models.CASCADE, related_name="examples")

    objects = KnownExampleQuerySet.as_manager()

    def __str__(self):
        return f"{self.example_id} is {self.known_row_id}"


class DuplicateLink(models.Model):
    """Of a candidate of a set: which kept row it repeats, or which has a near-copy of its prompt.

    The kept row is one of the same set or, with `kept_example`, one of an earlier set. `user_hash` and `editor_hash`
    are those of the candidate.
    """

    curated_set = models.ForeignKey(CuratedSet, on_delete=models.CASCADE, related_name="duplicate_links")
    kind = models.CharField(max_length=8, choices=LinkKind.choices)
    method = models.CharField(max_length=16, choices=CopyMethod.choices)
    similarity = models.FloatField()
    kept_event_id = models.UUIDField()
    kept_example = models.ForeignKey(CuratedExample, on_delete=models.CASCADE, null=True, related_name="+")
    dropped_event_id = models.UUIDField("repeated or linked event")
    user_hash = models.CharField("user", max_length=64, blank=True)
    editor_hash = models.CharField("editor", max_length=64, blank=True)

    objects = DuplicateLinkQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("curated_set", "dropped_event_id", name="duplicate_link_event_once"),
            models.CheckConstraint(name="duplicate_link_kind_valid", condition=Q(kind__in=LinkKind.values)),
            models.CheckConstraint(name="duplicate_link_method_valid", condition=Q(method__in=CopyMethod.values)),
            models.CheckConstraint(
                name="duplicate_link_similarity_is_a_share", condition=Q(similarity__gte=0, similarity__lte=1)
            ),
        ]
        indexes = [
            models.Index("dropped_event_id", name="duplicate_link_dropped"),
            models.Index("kept_event_id", name="duplicate_link_kept"),
            models.Index("user_hash", name="duplicate_link_user", condition=~Q(user_hash="")),
            models.Index("editor_hash", name="duplicate_link_editor", condition=~Q(editor_hash="")),
        ]

    def __str__(self):
        return f"{self.dropped_event_id} {self.kind} by {self.method}"
