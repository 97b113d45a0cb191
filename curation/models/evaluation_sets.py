"""Evaluation sets that training data must not contain: keys, signatures and hashes of texts, and the short texts."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from curation.choices import MAX_NAME_CHARACTERS, ContaminationMethod
from curation.querysets.evaluation_sets import ContaminatedEventQuerySet, EvaluationSetQuerySet


class EvaluationSet(models.Model):
    """A registered set. `texts` are those that differ; `rows_skipped` could not be read or had no text."""

    name = models.CharField(max_length=MAX_NAME_CHARACTERS, unique=True)
    source = models.CharField(max_length=255, help_text="The name of the file or directory.")
    columns = ArrayField(models.CharField(max_length=255), help_text="The columns whose texts are compared.")
    rows = models.PositiveIntegerField()
    rows_skipped = models.PositiveIntegerField("rows without text", default=0)
    texts = models.PositiveIntegerField("different texts")
    grams = models.PositiveIntegerField("word 8-grams")
    content_hash = models.CharField("content", max_length=64, help_text="SHA-256 of the keys of its texts.")
    version = models.CharField(max_length=64, help_text="Of keys and signatures; those of another are not compared.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EvaluationSetQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="evaluation_set_named", condition=~Q(name="")),
            models.CheckConstraint(name="evaluation_set_has_texts", condition=Q(texts__gte=1)),
            models.CheckConstraint(name="evaluation_set_skips_at_most_all", condition=Q(rows_skipped__lte=F("rows"))),
        ]

    def __str__(self):
        return self.name


class EvaluationTexts(models.Model):
    """What is compared of some texts of an evaluation set, as arrays of little-endian numbers."""

    evaluation_set = models.ForeignKey(EvaluationSet, on_delete=models.CASCADE, related_name="parts")
    rows = models.BinaryField()
    normal_keys = models.BinaryField()
    signatures = models.BinaryField()
    grams = models.BinaryField()
    gram_texts = models.BinaryField()
    short_texts = ArrayField(models.TextField(blank=True), default=list, help_text="Empty where a text is not short.")

    def __str__(self):
        return f"texts of {self.evaluation_set_id}"


class ContaminatedEvent(models.Model):
    """An event that a build left out because an evaluation set has its prompt or answer, and what matched."""

    curated_set = models.ForeignKey("curation.CuratedSet", on_delete=models.CASCADE, related_name="contaminated")
    event_id = models.UUIDField()
    user_hash = models.CharField("user", max_length=64, blank=True)
    editor_hash = models.CharField("editor", max_length=64, blank=True, db_default="", default="")
    evaluation_set = models.CharField(max_length=MAX_NAME_CHARACTERS)
    row = models.PositiveBigIntegerField()
    method = models.CharField(max_length=16, choices=ContaminationMethod.choices)
    matched = models.TextField(blank=True, help_text="Eight words that both have.")
    similarity = models.FloatField()

    objects = ContaminatedEventQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("curated_set", "event_id", name="contaminated_event_once"),
            models.CheckConstraint(
                name="contaminated_event_method_valid", condition=Q(method__in=ContaminationMethod.values)
            ),
        ]
        indexes = [
            models.Index("user_hash", name="contaminated_event_user", condition=~Q(user_hash="")),
            models.Index("editor_hash", name="contaminated_event_editor", condition=~Q(editor_hash="")),
        ]

    def __str__(self):
        how = {
            ContaminationMethod.NORMALISED: "the same text",
            ContaminationMethod.NGRAM: f"“{self.matched}”",
            ContaminationMethod.MINHASH: f"{self.similarity:.2f} of the text",
            ContaminationMethod.EMBEDDING: f"cosine {self.similarity:.2f}",
        }[ContaminationMethod(self.method)]
        return f"{self.evaluation_set}, row {self.row:,}: {how}"
