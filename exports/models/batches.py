"""Exports: batches, the decisions about them, and the rows in them."""

from posixpath import dirname

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from curation.models import CuratedExample, CuratedPair, CuratedSet
from exports.choices import ExportAction, ExportFormat, ExportStatus, ProductName
from exports.querysets import ExportBatchQuerySet


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

    def published_as(self, path: str) -> str:
        """What is moved to its name with one of the files: this file, or the folder that it is in."""
        parent = dirname(self.options.get("output_path", ""))
        prefix = f"{parent}/" if parent else ""
        return prefix + path.removeprefix(prefix).partition("/")[0]

    @property
    def folder(self) -> str:
        """The folder of the files, "" for a single file."""
        first = self.files[0]["path"] if self.files else ""
        return "" if self.published_as(first) == first else self.published_as(first)

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
