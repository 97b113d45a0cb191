from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from curation.choices import (
    MAX_NAME_CHARACTERS,
    MAX_REVIEWS_PER_ROW,
    SELECTING,
    BuildStage,
    Change,
    CuratedSetStatus,
    ReviewAction,
    Strategy,
)
from curation.querysets import ChangedRowQuerySet, CuratedSetQuerySet
from feedback.models import Deployment, RubricVersion

_SELECTING = [(strategy.value, strategy.label) for strategy in SELECTING]


class CuratedSet(models.Model):
    """A version of a selection of training examples. The database rejects changes to a decided set, except an erasure.

    A build that fails or finds nothing leaves a draft without examples; `error` gives the reason.
    """

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="curated_sets")
    name = models.CharField(max_length=MAX_NAME_CHARACTERS)
    version = models.PositiveIntegerField("number of the version", help_text="Counts the versions of a name.")
    major = models.PositiveIntegerField(db_default=1, default=1)
    minor = models.PositiveIntegerField(db_default=0, default=0)
    patch = models.PositiveIntegerField(db_default=0, default=0)
    parent = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="children", verbose_name="made after"
    )
    status = models.CharField(max_length=16, choices=CuratedSetStatus.choices, default=CuratedSetStatus.BUILDING)
    strategies = ArrayField(models.CharField(max_length=32, choices=_SELECTING))
    parameters = models.JSONField("parameters by strategy", default=dict)
    filters = models.JSONField(default=dict)
    shares = models.JSONField("shares by strategy", default=dict)
    segments = models.JSONField("shares by segment", default=dict)
    splits = models.JSONField("shares of held-out groups", default=dict)
    only_new = models.BooleanField("leave out what was exported before", default=False)
    limit = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    seed = models.PositiveIntegerField(default=0)
    stage = models.CharField(max_length=16, choices=BuildStage.choices, default=BuildStage.WAITING)
    stage_done = models.PositiveIntegerField(default=0)
    stage_total = models.PositiveIntegerField(default=0)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    candidates = models.PositiveIntegerField("events read", null=True)
    # When reading began, how many events had been stored by then, and the time of the first event it covers.
    read_at = models.DateTimeField(null=True)
    events_before = models.BigIntegerField("events stored when it was read", null=True)
    source_from = models.DateTimeField("start of its traffic", null=True)
    counts = models.JSONField("examples by strategy", default=dict)
    queued = models.JSONField("rows of the queue by strategy", default=dict)
    pairs = models.PositiveIntegerField(default=0)
    funnel = models.JSONField(default=dict)
    influence = models.JSONField("largest influence of one person", default=dict)
    snapshot_id = models.BigIntegerField("number of the fit of votes", null=True)
    content_hash = models.CharField(max_length=64, blank=True)
    notice = models.TextField("what the request's default left out", blank=True, default="", db_default="")
    reviews_per_row = models.PositiveSmallIntegerField("reviewers of a row", default=1, db_default=1)
    overlap_share = models.FloatField("share of rows with that many", default=1.0, db_default=1.0)
    rubric_version = models.ForeignKey(
        RubricVersion, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="rubric of its reviewers"
    )
    rubric_required = models.BooleanField("whether reviewers must answer it", default=False, db_default=False)
    approved_under = models.JSONField("policy of the approval and what it found", default=dict, db_default={})
    salt = models.CharField("salt of its row hashes", max_length=64, blank=True, db_default="", default="")
    sealed_hash = models.CharField(max_length=64, blank=True, db_default="", default="")
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    built_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = CuratedSetQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        permissions = [
            ("approve_curatedset", "Can approve and reject curated sets"),
            ("review_curatedset", "Can decide on rows of curated sets"),
        ]
        constraints = [
            models.UniqueConstraint("deployment", "name", "version", name="curated_set_version_once"),
            models.UniqueConstraint(
                *("deployment", "name", "major", "minor", "patch"), name="curated_set_semantic_version_once"
            ),
            models.CheckConstraint(name="curated_set_status_valid", condition=Q(status__in=CuratedSetStatus.values)),
            models.CheckConstraint(
                name="curated_set_strategies_valid",
                condition=Q(strategies__contained_by=[name for name, _ in _SELECTING], strategies__len__gte=1),
            ),
            models.CheckConstraint(name="curated_set_stage_valid", condition=Q(stage__in=BuildStage.values)),
            models.CheckConstraint(
                name="curated_set_reviews_per_row_in_range",
                condition=Q(reviews_per_row__gte=1, reviews_per_row__lte=MAX_REVIEWS_PER_ROW),
            ),
            models.CheckConstraint(
                name="curated_set_overlap_share_in_range", condition=Q(overlap_share__gte=0, overlap_share__lte=1)
            ),
            models.CheckConstraint(name="curated_set_limit_positive", condition=Q(limit__gte=1)),
            models.CheckConstraint(
                name="curated_set_reviewed_with_content",
                condition=Q(status__in=[CuratedSetStatus.BUILDING, CuratedSetStatus.DRAFT]) | ~Q(content_hash=""),
            ),
        ]

    def __str__(self):
        return f"{self.title} of {self.deployment_id}"

    @property
    def semantic_version(self) -> str:
        """x.y.z: another request is a new x, the same request a new y, a reopened copy a new z."""
        return f"{self.major}.{self.minor}.{self.patch}"

    @property
    def title(self) -> str:
        """The name with the version."""
        return f"{self.name} v{self.semantic_version}"

    @property
    def total(self):
        return sum(self.counts.values())

    @property
    def has_pair_rows(self):
        """Whether pairs are rows of their own; a set from before pairs was built without a funnel."""
        return bool(self.funnel)

    @property
    def queue_total(self):
        return sum(self.queued.values())

    @property
    def by_strategy(self):
        """The counts, in the order of the strategies."""
        return {strategy: self.counts[strategy] for strategy in Strategy if strategy in self.counts}


class ChangedRow(models.Model):
    """A mark: what happened to a row of a set after the decision on it. `row_id`: of an example or a pair."""

    curated_set = models.ForeignKey(CuratedSet, on_delete=models.CASCADE, related_name="changed_rows", db_index=False)
    row_id = models.BigIntegerField()
    change = models.CharField(max_length=24, choices=Change.choices)
    marked_at = models.DateTimeField(auto_now_add=True)

    objects = ChangedRowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("curated_set", "change", "row_id", name="changed_row_once"),
            models.CheckConstraint(name="changed_row_change_valid", condition=Q(change__in=Change.values)),
        ]

    def __str__(self):
        return f"{self.change} {self.row_id}"


class ReviewDecision(models.Model):
    """One step of a set's review. The database rejects changes and deletion."""

    curated_set = models.ForeignKey(CuratedSet, on_delete=models.PROTECT, related_name="decisions")
    action = models.CharField(max_length=16, choices=ReviewAction.choices)
    from_status = models.CharField(max_length=16, choices=CuratedSetStatus.choices)
    to_status = models.CharField(max_length=16, choices=CuratedSetStatus.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="review_decision_action_valid", condition=Q(action__in=ReviewAction.values)),
            models.CheckConstraint(
                name="review_decision_statuses_valid",
                condition=Q(from_status__in=CuratedSetStatus.values, to_status__in=CuratedSetStatus.values),
            ),
            models.CheckConstraint(
                name="review_decision_rejection_has_note",
                condition=~Q(action=ReviewAction.REJECT) | ~Q(note=""),
            ),
        ]

    def __str__(self):
        return f"{self.action} {self.at:%Y-%m-%d %H:%M}"
