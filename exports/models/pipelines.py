"""Pipelines: an experiment whose stages run one after the other, and what each stage did."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from curation.models import CuratedSet
from drift.models import DriftReport
from exports.choices import PipelineStatus, StageStatus
from exports.models.batches import ExportBatch
from exports.models.gates import GateRun
from exports.models.training import TrainingRun
from exports.querysets import UNFINISHED_PIPELINES, PipelineRunQuerySet
from feedback import exact_json
from feedback.models import Deployment


def _json(**options) -> models.JSONField:
    """JSON whose numbers stay as they were sent."""
    return models.JSONField(encoder=exact_json.Encoder, decoder=exact_json.Decoder, **options)


class PipelineRun(models.Model):
    """A run of an experiment's pipeline in the name of the user who requested it.

    artifacts, metrics, outputs, assigns: the context after the last completed stage. next_check_at: when a run that
    waits is continued.
    """

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="pipeline_runs")
    experiment_id = models.CharField("experiment", max_length=255)
    experiment = _json(verbose_name="document of the experiment")
    status = models.CharField(max_length=16, choices=PipelineStatus.choices, default=PipelineStatus.PENDING)
    artifacts = _json(default=dict)
    metrics = _json(default=dict)
    outputs = _json(default=list)
    assigns = _json(default=dict)
    error = models.TextField(blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("requested at", auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    next_check_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = PipelineRunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "pipeline"
        constraints = [
            models.CheckConstraint(name="pipeline_run_status_valid", condition=Q(status__in=PipelineStatus.values)),
            models.CheckConstraint(
                name="pipeline_run_finished_with_time",
                condition=Q(status__in=UNFINISHED_PIPELINES, finished_at__isnull=True)
                | (~Q(status__in=UNFINISHED_PIPELINES) & Q(finished_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="pipeline_run_failed_with_error", condition=~Q(status=PipelineStatus.FAILED) | ~Q(error="")
            ),
            models.CheckConstraint(
                name="pipeline_run_waits_until",
                condition=~Q(status=PipelineStatus.WAITING) | Q(next_check_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index("deployment", F("id").desc(), name="pipeline_run_newest"),
            models.Index("id", name="pipeline_run_unfinished", condition=Q(status__in=UNFINISHED_PIPELINES)),
        ]

    def __str__(self):
        return f"{self.experiment_id} of {self.deployment_id}"


class PipelineStage(models.Model):
    """A stage of a run. What it makes is noted here in the transaction that makes it, so that it is made once.

    result: facts that the stage noted. message: what it waits for, or why it was skipped.
    """

    run = models.ForeignKey(PipelineRun, on_delete=models.CASCADE, related_name="stages")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=255)
    stage = models.CharField("kind", max_length=32)
    options = _json(default=dict)
    status = models.CharField(max_length=16, choices=StageStatus.choices, default=StageStatus.PENDING)
    message = models.TextField(blank=True)
    error = models.TextField(blank=True)
    result = _json(null=True)
    curated_set = models.ForeignKey(CuratedSet, on_delete=models.SET_NULL, null=True, related_name="pipeline_stages")
    export = models.ForeignKey(ExportBatch, on_delete=models.SET_NULL, null=True, related_name="pipeline_stages")
    training_run = models.ForeignKey(TrainingRun, on_delete=models.SET_NULL, null=True, related_name="pipeline_stages")
    gate = models.ForeignKey(GateRun, on_delete=models.SET_NULL, null=True, related_name="pipeline_stages")
    drift_report = models.ForeignKey(DriftReport, on_delete=models.SET_NULL, null=True, related_name="pipeline_stages")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint("run", "position", name="pipeline_stage_position_once"),
            models.CheckConstraint(name="pipeline_stage_status_valid", condition=Q(status__in=StageStatus.values)),
            models.CheckConstraint(
                name="pipeline_stage_failed_with_error", condition=~Q(status=StageStatus.FAILED) | ~Q(error="")
            ),
        ]

    def __str__(self):
        return f"{self.position + 1}. {self.name}"
