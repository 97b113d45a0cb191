"""Deployments, their masking patterns and API keys."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from feedback.choices import MAX_SEGMENT_KEYS, ContentPolicy, FeedbackType, Scope
from feedback.querysets.deployments import ApiKeyQuerySet, DeploymentQuerySet


def all_feedback_types() -> list[str]:
    return list(FeedbackType.values)


class Deployment(models.Model):
    """A model in production, created by its first event, with the IR's Feedback.Config."""

    id = models.CharField("deployment", primary_key=True, max_length=255)
    enabled = models.BooleanField(default=True, help_text="A disabled deployment rejects events and signals.")
    archived = models.BooleanField(
        default=False,
        db_default=False,
        help_text="An archived deployment rejects events and signals, has no scheduled work and is not listed.",
    )
    # Set while a job deletes everything of it; it stays archived meanwhile.
    deleting = models.BooleanField(default=False, db_default=False, editable=False)
    sampling_rate = models.FloatField(
        default=1.0,
        help_text="Share of events that is kept, 0 to 1. Chosen by event id, so retries get the same result.",
    )
    feedback_types = ArrayField(
        models.CharField(max_length=16, choices=FeedbackType.choices),
        default=all_feedback_types,
        blank=True,
        help_text="Signals of other types are rejected.",
    )
    content_policy = models.CharField(
        "texts",
        max_length=8,
        choices=ContentPolicy.choices,
        default=ContentPolicy.MASK,
        help_text="What happens to texts, tags and metadata before anything is written.",
    )
    keep_reasoning = models.BooleanField(
        default=True, db_default=True, help_text="Off: what a model wrote before its answer is discarded."
    )
    training_allowed = models.BooleanField(
        default=True, db_default=True, help_text="Off: no event is selected for a set or exported."
    )
    retention_days = models.PositiveIntegerField(
        null=True, blank=True, help_text="Events and signals older than this are deleted; empty keeps them."
    )
    rating_minimum = models.FloatField(null=True, blank=True, help_text="The lowest rating that users can give.")
    rating_maximum = models.FloatField(
        null=True,
        blank=True,
        help_text="The highest rating. Without a scale ratings are stored and shown, and decide nothing.",
    )
    segment_keys = ArrayField(
        models.CharField(max_length=64),
        default=list,
        blank=True,
        help_text="At most three metadata keys, such as plan or country. Metrics are split by their values, for "
        "events received from now on. Choose keys that name groups, not people.",
    )
    signal_weights = models.JSONField(
        null=True,
        blank=True,
        help_text="Weights of signals as evidence, where they differ from the defaults.",
    )
    quality_profile = models.JSONField(
        null=True, blank=True, help_text="Which checks score its answers and how much each counts; empty: the default."
    )
    audit_rate = models.FloatField(
        default=0.0,
        db_default=0.0,
        help_text="Share of events, 0 to 1, chosen at random to be answered by a gold score.",
    )
    audit_salt = models.CharField(max_length=32, blank=True, db_default="", default="", editable=False)
    # Events received before this are not counted by their experiment; a rebuild of all hours counts them.
    experiments_since = models.DateTimeField(null=True, blank=True, editable=False)
    # Rollups of hours before this can no longer be made again from events.
    purged_to = models.DateTimeField(null=True, blank=True, editable=False)
    storage = models.CharField(
        max_length=32, default="postgres", blank=True, help_text="Recorded only: the installation has one store."
    )
    drift_detection = models.JSONField(null=True, blank=True)
    retraining_trigger = models.JSONField(null=True, blank=True)
    options = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DeploymentQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="deployment_id_valid", condition=Q(id__regex=r"^[A-Za-z0-9._:-]{1,255}$")),
            models.CheckConstraint(
                name="deployment_archived_while_deleted", condition=Q(deleting=False) | Q(archived=True)
            ),
            models.CheckConstraint(
                name="deployment_sampling_rate_in_range", condition=Q(sampling_rate__gte=0, sampling_rate__lte=1)
            ),
            models.CheckConstraint(
                name="deployment_audit_rate_in_range", condition=Q(audit_rate__gte=0, audit_rate__lte=1)
            ),
            models.CheckConstraint(
                name="deployment_feedback_types_valid",
                condition=Q(feedback_types__contained_by=list(FeedbackType.values)),
            ),
            models.CheckConstraint(
                name="deployment_rating_scale_valid",
                condition=Q(rating_minimum__isnull=True, rating_maximum__isnull=True)
                | Q(rating_minimum__lt=F("rating_maximum")),
            ),
            models.CheckConstraint(
                name="deployment_few_segment_keys", condition=Q(segment_keys__len__lte=MAX_SEGMENT_KEYS)
            ),
            models.CheckConstraint(
                name="deployment_content_policy_valid", condition=Q(content_policy__in=ContentPolicy.values)
            ),
            models.CheckConstraint(
                name="deployment_retention_at_least_a_day",
                condition=Q(retention_days__isnull=True) | Q(retention_days__gte=1),
            ),
        ]

    def __str__(self):
        return self.id


class MaskingPattern(models.Model):
    """A custom masking pattern of a deployment."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="masking_patterns")
    name = models.CharField(max_length=32, help_text="Capital letters, digits and _; counted under this name.")
    expression = models.CharField(max_length=1_000, help_text="A regular expression in RE2 syntax.")
    replacement = models.CharField(max_length=64, blank=True, help_text="Default: the name in brackets.")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint("deployment", "name", name="masking_pattern_once"),
            models.CheckConstraint(
                name="masking_pattern_name_valid", condition=Q(name__regex=r"^[A-Z][A-Z0-9_]{0,31}$")
            ),
        ]

    def __str__(self):
        return self.name


class ApiKey(models.Model):
    """An API key of a user; only the SHA-256 of its text is stored."""

    name = models.CharField(max_length=100)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys")
    prefix = models.CharField(max_length=16, editable=False)
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=16, choices=Scope.choices))
    deployments = ArrayField(
        models.CharField(max_length=255), default=list, blank=True, help_text="Empty: every deployment."
    )
    is_public = models.BooleanField(
        "public", default=False, help_text="For browsers, where anyone can read it: it may only send signals."
    )
    may_create_deployments = models.BooleanField(
        "new deployments",
        default=True,
        db_default=True,
        help_text="Whether an event of a deployment that does not exist yet creates it. Otherwise it is rejected.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField("last used", null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(name="api_key_scopes_valid", condition=Q(scopes__contained_by=list(Scope.values))),
            models.CheckConstraint(
                name="api_key_public_only_signals", condition=Q(is_public=False) | Q(scopes=[Scope.SIGNALS])
            ),
            models.CheckConstraint(
                name="api_key_train_alone", condition=~Q(scopes__contains=[Scope.TRAIN]) | Q(scopes=[Scope.TRAIN])
            ),
        ]

    def __str__(self):
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_of_run(self) -> bool:
        """Whether this key was made for one training run."""
        return Scope.TRAIN in self.scopes

    def sees(self, *deployment_ids: str) -> bool:
        """Whether this key may see data of these deployments; a limited key cannot see data without a deployment."""
        return not self.deployments or bool(deployment_ids) and set(deployment_ids) <= set(self.deployments)
