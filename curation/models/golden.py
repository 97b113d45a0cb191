"""Golden sets: rows whose answer a person wrote, kept out of training to evaluate models with."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from curation.choices import GoldenAuthor
from curation.models.rows import json_field
from curation.querysets.golden import GoldenRowQuerySet, GoldenSetQuerySet
from feedback.models import Deployment

# Names of evaluation sets are longer: theirs name golden ones too, after `GOLDEN_PREFIX`.
MAX_GOLDEN_NAME_CHARACTERS = 80
GOLDEN_PREFIX = "golden: "


class GoldenSet(models.Model):
    """The golden rows of a deployment under one name."""

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="golden_sets")
    name = models.CharField(max_length=MAX_GOLDEN_NAME_CHARACTERS)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = GoldenSetQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint("deployment", "name", name="golden_set_once"),
            models.CheckConstraint(name="golden_set_named", condition=~Q(name="")),
        ]

    def __str__(self):
        return f"{self.name} of {self.deployment_id}"

    @property
    def evaluation_name(self) -> str:
        """What it is called among the evaluation sets that builds compare candidates with."""
        return f"{GOLDEN_PREFIX}{self.name}"


class GoldenRow(models.Model):
    """A copy of a row of a curated set, with the answer of a person in place of that of the model.

    uses: how often it was an evaluation row. user_hash and editor_hash: whose event it was, and who edited the answer.
    """

    golden_set = models.ForeignKey(GoldenSet, on_delete=models.CASCADE, related_name="rows")
    event_id = models.UUIDField()
    user_hash = models.CharField("user", max_length=64, blank=True)
    editor_hash = models.CharField("editor", max_length=64, blank=True)
    prompt = models.TextField()
    messages = json_field(null=True)
    tools = json_field(null=True, verbose_name="declared tools")
    reference = models.TextField("the answer of a person")
    author = models.CharField("who wrote it", max_length=16, choices=GoldenAuthor.choices)
    model_version_id = models.CharField("model version", max_length=255, blank=True)
    uses = models.PositiveIntegerField(default=0)
    marked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField(auto_now_add=True)

    objects = GoldenRowQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("golden_set", "event_id", name="golden_row_event_once"),
            models.CheckConstraint(name="golden_row_author_valid", condition=Q(author__in=GoldenAuthor.values)),
            models.CheckConstraint(name="golden_row_has_reference", condition=~Q(reference="")),
        ]
        indexes = [
            models.Index("user_hash", name="golden_row_user", condition=~Q(user_hash="")),
            models.Index("editor_hash", name="golden_row_editor", condition=~Q(editor_hash="")),
        ]

    def __str__(self):
        return f"{self.author} {self.event_id}"


class GoldenUse(models.Model):
    """One evaluation with the rows of a golden set; the same name counts once."""

    golden_set = models.ForeignKey(GoldenSet, on_delete=models.CASCADE, related_name="used")
    name = models.CharField(max_length=255)
    rows = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint("golden_set", "name", name="golden_use_once"),
            models.CheckConstraint(name="golden_use_named", condition=~Q(name="")),
        ]

    def __str__(self):
        return self.name
