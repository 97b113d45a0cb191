from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from curation.models import CuratedExample, CuratedPair, CuratedSet
from drift.models import TriggerFiring, TriggerRule
from exports.choices import DeletionStatus, ErasureStatus, ExportAction, ExportFormat, ExportStatus, ProductName
from exports.querysets import (
    DeploymentDeletionQuerySet,
    ErasureQuerySet,
    ExportBatchQuerySet,
    TriggeredRequestQuerySet,
    TriggeredSetQuerySet,
)


class ExportBatch(models.Model):
    """One approved set in one format. `key` identifies the content: the same request returns the same batch.

    key_version: by which rule the key was made. product: the one it holds, or "" for all that the format can hold.
    excluded_rows: the rows that had left before, when only new ones were asked for. left_out: the first rows without a
    record, each with the event and the reason. moved_to: the file or folder that a worker moves or moved to its name.
    """

    key = models.CharField(max_length=64, unique=True)
    key_version = models.PositiveSmallIntegerField(default=2)
    curated_set = models.ForeignKey(CuratedSet, on_delete=models.PROTECT, related_name="exports")
    format = models.CharField(max_length=32, choices=ExportFormat.choices)
    product = models.CharField(max_length=16, choices=ProductName.choices, blank=True)
    options = models.JSONField(default=dict)
    excluded_rows = ArrayField(models.BigIntegerField(), default=list)
    status = models.CharField(max_length=16, choices=ExportStatus.choices, default=ExportStatus.REQUESTED)
    rows = models.PositiveIntegerField(null=True)
    bytes = models.PositiveBigIntegerField(null=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    files = models.JSONField(default=list)
    excluded = models.JSONField("rows left out, by reason", default=dict)
    left_out = models.JSONField("first rows left out", default=list)
    manifest = models.JSONField(default=dict)
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(default=0)
    moved_to = models.CharField(max_length=255, blank=True)
    error = models.TextField(blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("requested at", auto_now_add=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    files_deleted_at = models.DateTimeField(null=True)
    files_deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = ExportBatchQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "export"
        permissions = [("approve_exportbatch", "Can approve exports")]
        constraints = [
            models.CheckConstraint(name="export_batch_status_valid", condition=Q(status__in=ExportStatus.values)),
            models.CheckConstraint(name="export_batch_format_valid", condition=Q(format__in=ExportFormat.values)),
            models.CheckConstraint(
                name="export_batch_product_valid", condition=Q(product="") | Q(product__in=ProductName.values)
            ),
            models.CheckConstraint(
                name="export_batch_published_with_file",
                condition=~Q(status=ExportStatus.PUBLISHED)
                | Q(rows__gte=1, bytes__gte=1, published_at__isnull=False) & ~Q(sha256=""),
            ),
            models.CheckConstraint(
                name="export_batch_failed_with_error", condition=~Q(status=ExportStatus.FAILED) | ~Q(error="")
            ),
            models.CheckConstraint(
                name="export_batch_files_deleted_once_published",
                condition=Q(files_deleted_at__isnull=True) | Q(status=ExportStatus.PUBLISHED),
            ),
        ]

    def __str__(self):
        return f"{self.format} of {self.curated_set}"

    @property
    def folder(self) -> str:
        """The folder of the files, "" for a single file."""
        name, slash, _ = self.files[0]["path"].partition("/") if self.files else ("", "", "")
        return name if slash else ""

    @property
    def file_names(self) -> list[str]:
        """The files, in their folder if there is one."""
        return [file["path"].removeprefix(f"{self.folder}/") for file in self.files]

    @property
    def has_files(self) -> bool:
        return self.status == ExportStatus.PUBLISHED and self.files_deleted_at is None


class ExportDecision(models.Model):
    """One step of a batch between its request and its file."""

    batch = models.ForeignKey(ExportBatch, on_delete=models.CASCADE, related_name="decisions")
    action = models.CharField(max_length=16, choices=ExportAction.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="export_decision_action_valid", condition=Q(action__in=ExportAction.values)),
            models.CheckConstraint(
                name="export_decision_rejection_has_note", condition=~Q(action=ExportAction.REJECT) | ~Q(note="")
            ),
        ]

    def __str__(self):
        return f"{self.action} {self.at:%Y-%m-%d %H:%M}"


class ExportItem(models.Model):
    """An example or a pair in a batch. It is exported once one of its items is in a published batch."""

    batch = models.ForeignKey(ExportBatch, on_delete=models.PROTECT, related_name="items")
    example = models.ForeignKey(CuratedExample, on_delete=models.PROTECT, null=True, related_name="export_items")
    pair = models.ForeignKey(CuratedPair, on_delete=models.PROTECT, null=True, related_name="export_items")
    row_sha256 = models.CharField(max_length=64, blank=True, help_text="Empty once the row is erased.")

    class Meta:
        constraints = [
            models.UniqueConstraint("batch", "example", name="export_item_once"),
            models.UniqueConstraint("batch", "pair", name="export_item_pair_once"),
            models.CheckConstraint(
                name="export_item_of_one_row",
                condition=Q(example__isnull=False, pair__isnull=True) | Q(example__isnull=True, pair__isnull=False),
            ),
        ]

    def __str__(self):
        return self.row_sha256[:12]


class Erasure(models.Model):
    """The erasure of one user, identified by hashes of their id only, which go once it is completed.

    At `cleared_at` all stored data had been removed once; at `drained_at` also what was then waiting to be written.
    """

    hashes = ArrayField(models.CharField(max_length=64), blank=True)
    status = models.CharField(max_length=16, choices=ErasureStatus.choices, default=ErasureStatus.REQUESTED)
    events = models.PositiveIntegerField(default=0)
    signals = models.PositiveIntegerField(default=0)
    rejected_items = models.PositiveIntegerField(default=0)
    examples = models.PositiveIntegerField("examples of open sets", default=0)
    error = models.TextField(blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("requested at", auto_now_add=True)
    cleared_at = models.DateTimeField(null=True)
    drained_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)

    objects = ErasureQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(name="erasure_status_valid", condition=Q(status__in=ErasureStatus.values)),
            models.CheckConstraint(
                name="erasure_of_somebody", condition=Q(hashes__len__gte=1) | Q(status=ErasureStatus.COMPLETED)
            ),
            models.CheckConstraint(
                name="erasure_completed_in_order",
                condition=~Q(status=ErasureStatus.COMPLETED)
                | Q(cleared_at__isnull=False, drained_at__isnull=False, completed_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"Erasure {self.pk}"


class BlankedSet(models.Model):
    """A decided set in which an erasure blanked rows."""

    erasure = models.ForeignKey(Erasure, on_delete=models.CASCADE, related_name="blanked_sets")
    curated_set = models.ForeignKey(CuratedSet, on_delete=models.CASCADE, related_name="blanked_by")
    rows = models.PositiveIntegerField()

    class Meta:
        ordering = ["curated_set_id"]
        constraints = [models.UniqueConstraint("erasure", "curated_set", name="blanked_set_once")]

    def __str__(self):
        return f"{self.rows} rows of {self.curated_set_id}"


class AffectedExport(models.Model):
    """An export whose file held rows that an erasure blanked."""

    erasure = models.ForeignKey(Erasure, on_delete=models.CASCADE, related_name="affected_exports")
    batch = models.ForeignKey(ExportBatch, on_delete=models.PROTECT, related_name="affected_by")

    class Meta:
        ordering = ["batch_id"]
        constraints = [models.UniqueConstraint("erasure", "batch", name="affected_export_once")]

    def __str__(self):
        return f"{self.batch_id} by {self.erasure_id}"


class DeploymentDeletion(models.Model):
    """The deletion of a deployment with everything that it has, except approved sets and their exports."""

    # No reference: the deployment goes and this stays.
    deployment_id = models.CharField("deployment", max_length=255)
    status = models.CharField(max_length=16, choices=DeletionStatus.choices, default=DeletionStatus.REQUESTED)
    events = models.PositiveBigIntegerField(default=0)
    signals = models.PositiveBigIntegerField(default=0)
    sets = models.PositiveIntegerField("curated sets", default=0)
    records = models.PositiveBigIntegerField("figures and other rows", default=0)
    kept_sets = models.PositiveIntegerField("approved sets kept", default=0)
    error = models.TextField(blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("requested at", auto_now_add=True)
    cleared_at = models.DateTimeField("stored traffic removed at", null=True)
    completed_at = models.DateTimeField(null=True)

    objects = DeploymentDeletionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "deletion of a deployment"
        verbose_name_plural = "deletions of deployments"
        constraints = [
            models.UniqueConstraint(
                "deployment_id", name="deployment_deletion_once", condition=~Q(status=DeletionStatus.COMPLETED)
            ),
            models.CheckConstraint(
                name="deployment_deletion_status_valid", condition=Q(status__in=DeletionStatus.values)
            ),
            models.CheckConstraint(
                name="deployment_deletion_completed_in_order",
                condition=~Q(status=DeletionStatus.COMPLETED) | Q(cleared_at__isnull=False, completed_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"Deletion of {self.deployment_id}"


class TriggeredRequest(models.Model):
    """The request for the curated set that each firing of a trigger starts, as the body of the API's request.

    Firings from before `created_at` start no set.
    """

    rule = models.OneToOneField(
        TriggerRule, on_delete=models.CASCADE, primary_key=True, related_name="triggered_request"
    )
    request = models.JSONField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TriggeredRequestQuerySet.as_manager()

    def __str__(self):
        return f"set started by {self.rule}"


class TriggeredSet(models.Model):
    """What a firing started: one set, or none with the reason. A firing has at most one such row."""

    firing = models.OneToOneField(
        TriggerFiring, on_delete=models.CASCADE, primary_key=True, related_name="triggered_set"
    )
    curated_set = models.OneToOneField(CuratedSet, on_delete=models.SET_NULL, null=True, related_name="triggered_set")
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TriggeredSetQuerySet.as_manager()

    def __str__(self):
        return f"set of {self.firing}"
