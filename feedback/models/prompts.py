"""Prompts of deployments, their versions, and what was chosen of them when."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from feedback.identifiers import PROMPT_LABEL
from feedback.models.deployments import Deployment
from feedback.querysets.prompts import PromptQuerySet, PromptVersionQuerySet

_LABEL = rf"^{PROMPT_LABEL.pattern}$"


class Prompt(models.Model):
    """A prompt of a deployment and what it serves: a rotation of versions, or else the default one.

    rotation: objects with version and weight, in percent. revision: grows with each change.
    """

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="prompts")
    name = models.CharField(max_length=64)
    description = models.CharField(max_length=500, blank=True)
    default_version = models.CharField(max_length=64, blank=True)
    rotation = models.JSONField(default=list, blank=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PromptQuerySet.as_manager()

    class Meta:
        ordering = ["deployment_id", "name"]
        constraints = [
            models.UniqueConstraint("deployment", "name", name="prompt_name_once"),
            models.CheckConstraint(name="prompt_name_valid", condition=Q(name__regex=_LABEL)),
            models.CheckConstraint(
                name="prompt_default_valid", condition=Q(default_version="") | Q(default_version__regex=_LABEL)
            ),
        ]

    def __str__(self):
        return self.name


class PromptVersion(models.Model):
    """A text, or messages, under a label that events name as `prompt_version`; never changed once stored.

    A label names one version of a deployment, because an event says the label alone.
    """

    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="versions")
    deployment_id = models.CharField("deployment", max_length=255)
    label = models.CharField("version", max_length=64)
    text = models.TextField(blank=True)
    messages = models.JSONField(null=True)
    variables = ArrayField(models.CharField(max_length=64), default=list)
    notes = models.CharField(max_length=2_000, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True)

    objects = PromptVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint("deployment_id", "label", name="prompt_version_label_once"),
            models.CheckConstraint(name="prompt_version_label_valid", condition=Q(label__regex=_LABEL)),
            models.CheckConstraint(
                name="prompt_version_text_or_messages",
                condition=Q(text="", messages__isnull=False) | ~Q(text="") & Q(messages__isnull=True),
            ),
        ]

    def __str__(self):
        return self.label


class PromptRevision(models.Model):
    """What a prompt served from one moment on, and who chose it."""

    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="revisions")
    deployment_id = models.CharField("deployment", max_length=255)
    number = models.PositiveIntegerField()
    default_version = models.CharField(max_length=64, blank=True)
    rotation = models.JSONField(default=list)
    chosen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = [F("number").desc()]
        constraints = [models.UniqueConstraint("prompt", "number", name="prompt_revision_once")]

    def __str__(self):
        return f"{self.prompt_id} {self.number}"
