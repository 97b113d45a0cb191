"""Training runs, the model versions that they make, and how far the loop goes by itself."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value

from drift.models import Baseline, TrainingMark, TriggerFiring
from exports.choices import ExportFormat, LoopLevel, ModelStage, ProductName, RunStatus
from exports.models.batches import ExportBatch
from exports.querysets import LoopPolicyQuerySet, ModelVersionQuerySet, TrainingRunQuerySet
from feedback.models import ApiKey, Deployment

ACTIVE = [RunStatus.PENDING, RunStatus.RUNNING]
ENDED = [RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED]
_EMPTY = Value({}, models.JSONField())
_NONE = Value([], models.JSONField())


class TrainingRun(models.Model):
    """One training with the data of a deployment: the IR's Training.Run. A deployment has one unfinished run at most.

    trainer: a name of TRAINERS, or "" if the training happens elsewhere and is only reported. config: an IR
    Training.Config. mark, baseline: what the completion wrote. process_started: the start time of the process of a
    command in clock ticks since boot, which tells it from a later one with the same number.
    """

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="training_runs")
    firing = models.OneToOneField(TriggerFiring, on_delete=models.SET_NULL, null=True, related_name="training_run")
    batch = models.ForeignKey(
        ExportBatch, on_delete=models.PROTECT, null=True, related_name="training_runs", verbose_name="export"
    )
    trainer = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=16, choices=RunStatus.choices, default=RunStatus.PENDING)
    config = models.JSONField(default=dict, db_default=_EMPTY)
    current_epoch = models.PositiveIntegerField(null=True)
    metrics_history = models.JSONField(default=list, db_default=_NONE)
    best_metrics = models.JSONField(default=dict, db_default=_EMPTY)
    checkpoint_uris = models.JSONField(default=list, db_default=_NONE)
    final_model_version = models.CharField(max_length=255, blank=True)
    error_message = models.TextField(blank=True)
    external_url = models.CharField("page of the trainer", max_length=2048, blank=True)
    process_id = models.PositiveIntegerField(null=True)
    process_started = models.BigIntegerField(null=True)
    exit_code = models.IntegerField(null=True)
    key = models.OneToOneField(ApiKey, on_delete=models.SET_NULL, null=True, related_name="training_run")
    mark = models.OneToOneField(TrainingMark, on_delete=models.SET_NULL, null=True, related_name="training_run")
    baseline = models.ForeignKey(Baseline, on_delete=models.SET_NULL, null=True, related_name="training_runs")
    firings_handed_off = models.PositiveIntegerField(default=0)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("requested at", auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    last_reported_at = models.DateTimeField("last report", null=True)
    completed_at = models.DateTimeField("ended at", null=True)

    objects = TrainingRunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="training_run_status_valid", condition=Q(status__in=RunStatus.values)),
            models.UniqueConstraint("deployment", name="training_run_one_unfinished", condition=Q(status__in=ACTIVE)),
            models.CheckConstraint(
                name="training_run_ended_with_time",
                condition=Q(status__in=ACTIVE, completed_at__isnull=True)
                | Q(status__in=ENDED, completed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="training_run_failed_with_error", condition=~Q(status=RunStatus.FAILED) | ~Q(error_message="")
            ),
            models.CheckConstraint(
                name="training_run_marked_once_completed",
                condition=Q(mark__isnull=True) | Q(status=RunStatus.COMPLETED),
            ),
        ]
        indexes = [models.Index("deployment", F("id").desc(), name="training_run_newest")]

    def __str__(self):
        return f"Training run {self.pk} of {self.deployment_id}"

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE


class ModelRef(models.Model):
    """A model that versions are trained of: the IR's ModelRef."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="model_refs")
    name = models.CharField(max_length=255)
    facts = models.JSONField(
        "further fields of the IR", default=dict, db_default=_EMPTY, help_text="provider, framework, architecture, ..."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["deployment", "name"]
        constraints = [models.UniqueConstraint("deployment", "name", name="model_ref_once")]

    def __str__(self):
        return self.name


class ModelVersion(models.Model):
    """A version of a model: the IR's ModelVersion. name: the model_version_id with which it sends events."""

    model = models.ForeignKey(ModelRef, on_delete=models.CASCADE, related_name="versions")
    name = models.CharField("model version", max_length=255)
    version = ArrayField(models.PositiveIntegerField(), size=3)
    stage = models.CharField(max_length=16, choices=ModelStage.choices, default=ModelStage.DEVELOPMENT)
    training_run = models.OneToOneField(TrainingRun, on_delete=models.CASCADE, related_name="model_version")
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="children")
    artifact_uri = models.CharField(max_length=2048, blank=True)
    metrics = models.JSONField(default=dict, db_default=_EMPTY)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint("model", "version", name="model_version_number_once"),
            models.CheckConstraint(name="model_version_stage_valid", condition=Q(stage__in=ModelStage.values)),
        ]

    def __str__(self):
        return self.name

    @property
    def semantic_version(self) -> str:
        return ".".join(str(part) for part in self.version)


class LoopPolicy(models.Model):
    """How far the loop of a deployment goes by itself after a trigger fired, and with what.

    From `changed_at` on: firings from before start nothing. Approvals stay with people at every level.
    """

    deployment = models.OneToOneField(
        Deployment, on_delete=models.CASCADE, primary_key=True, related_name="loop_policy"
    )
    level = models.CharField(max_length=16, choices=LoopLevel.choices, default=LoopLevel.NOTIFY)
    export_format = models.CharField(max_length=32, choices=ExportFormat.choices, default=ExportFormat.JSONL)
    export_product = models.CharField(max_length=16, choices=ProductName.choices, blank=True)
    trainer = models.CharField(max_length=64, blank=True)
    config = models.JSONField("training configuration", default=dict, blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    objects = LoopPolicyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="loop_policy_level_valid", condition=Q(level__in=LoopLevel.values)),
            models.CheckConstraint(name="loop_policy_format_valid", condition=Q(export_format__in=ExportFormat.values)),
            models.CheckConstraint(
                name="loop_policy_product_valid",
                condition=Q(export_product="") | Q(export_product__in=ProductName.values),
            ),
            models.CheckConstraint(
                name="loop_policy_trains_with_trainer", condition=~Q(level=LoopLevel.TRAIN) | ~Q(trainer="")
            ),
        ]

    def __str__(self):
        return f"Loop of {self.deployment_id}"
