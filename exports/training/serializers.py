"""Bodies of training runs: the fields of the IR's Training.Run, and what a completion wrote."""

import math

from rest_framework import serializers

from exports.choices import ExportFormat, LoopLevel, ProductName, RunStatus
from exports.models import LoopPolicy, ModelVersion, TrainingRun
from feedback.serializers.base import StrictSerializer

MAX_VERSION_CHARACTERS = 255
_VERSION = {"max_length": MAX_VERSION_CHARACTERS, "allow_blank": True}
_URI = serializers.CharField(max_length=2048)


class RunsQuerySerializer(serializers.Serializer):
    deployment_id = serializers.CharField(required=False)
    status = serializers.ChoiceField(RunStatus.choices, required=False)


class TrainedRequestSerializer(StrictSerializer):
    export = serializers.IntegerField(required=False, allow_null=True, help_text="The published export it used.")
    model_version_id = serializers.CharField(
        **_VERSION, required=False, default="", help_text="The version that it made, as its events will name it."
    )


class LogQuerySerializer(serializers.Serializer):
    offset = serializers.IntegerField(min_value=0, max_value=2**40, required=False, help_text="Default: 0.")


class LogPartSerializer(serializers.Serializer):
    offset = serializers.IntegerField()
    next_offset = serializers.IntegerField(help_text="The offset of the next request.")
    text = serializers.CharField()
    is_complete = serializers.BooleanField(help_text="Whether the run is over and nothing follows.")


class RunRequestSerializer(StrictSerializer):
    deployment_id = serializers.CharField(max_length=255)
    export = serializers.IntegerField(required=False, allow_null=True, help_text="The published export to train on.")
    trainer = serializers.CharField(
        max_length=64, required=False, allow_blank=True, default="", help_text="A name of TRAINERS; empty: elsewhere."
    )
    config = serializers.DictField(required=False, help_text="An IR Training.Config.")


class FiniteField(serializers.FloatField):
    """A number that JSON can hold."""

    def to_internal_value(self, data):
        value = super().to_internal_value(data)
        if not math.isfinite(value):
            raise serializers.ValidationError("Not a finite number. Leave out what diverged.", "invalid")
        return value


class EpochSerializer(serializers.DictField):
    """The metrics of one epoch: numbers by name."""

    child = FiniteField()


class ReportSerializer(StrictSerializer):
    status = serializers.ChoiceField(
        [status for status in RunStatus if status != RunStatus.PENDING],
        required=False,
        help_text="Absent: unchanged, and a pending run is running from then on.",
    )
    current_epoch = serializers.IntegerField(min_value=0, max_value=1_000_000_000, required=False)
    metrics = EpochSerializer(required=False, help_text="Of `current_epoch`.")
    metrics_history = serializers.ListField(
        child=EpochSerializer(), required=False, max_length=10_000, help_text="Of all epochs; each has `epoch`."
    )
    best_metrics = EpochSerializer(required=False)
    checkpoint_uris = serializers.ListField(
        child=_URI, required=False, max_length=10_000, help_text="Of all checkpoints."
    )
    final_model_version = serializers.CharField(
        max_length=MAX_VERSION_CHARACTERS, required=False, help_text="Required with `completed`."
    )
    error_message = serializers.CharField(max_length=10_000, required=False, help_text="With `failed`.")
    external_url = serializers.URLField(max_length=2048, required=False, help_text="A page of the trainer.")

    def validate_metrics_history(self, history):
        for metrics in history:
            if "epoch" not in metrics or metrics["epoch"] != int(metrics["epoch"]):
                raise serializers.ValidationError("Each entry needs `epoch`, a whole number.", "invalid")
        return [{**metrics, "epoch": int(metrics["epoch"])} for metrics in history]

    def validate(self, reported):
        ends = reported.get("status")
        if ends == RunStatus.COMPLETED and "final_model_version" not in reported:
            raise serializers.ValidationError({"final_model_version": "Say which model version the training made."})
        if ends != RunStatus.COMPLETED and "final_model_version" in reported:
            raise serializers.ValidationError({"final_model_version": "Only a completed training has a version."})
        if ends == RunStatus.FAILED and not reported.get("error_message"):
            raise serializers.ValidationError({"error_message": "Say why the training failed."})
        return reported


class LoopPolicyRequestSerializer(StrictSerializer):
    level = serializers.ChoiceField(LoopLevel.choices)
    export_format = serializers.ChoiceField(ExportFormat.choices, required=False)
    export_product = serializers.ChoiceField(ProductName.choices, required=False, allow_blank=True)
    trainer = serializers.CharField(max_length=64, required=False, allow_blank=True)
    config = serializers.DictField(required=False, help_text="Fields of an IR Training.Config.")


class LoopPolicySerializer(serializers.ModelSerializer):
    deployment_id = serializers.CharField()
    config = serializers.DictField()
    changed_by = serializers.CharField(source="changed_by.username", default=None)

    class Meta:
        model = LoopPolicy
        fields = [
            *("deployment_id", "level", "export_format", "export_product", "trainer", "config"),
            *("changed_by", "changed_at"),
        ]


class MarkSerializer(serializers.Serializer):
    marked_at = serializers.DateTimeField(help_text="Events that arrive later are new data.")
    events_before = serializers.IntegerField(help_text="Events stored by then.")


class TrainingBaselineSerializer(serializers.Serializer):
    name = serializers.CharField()
    version = serializers.IntegerField()
    n = serializers.IntegerField(help_text="Events.")
    window = serializers.DictField(child=serializers.CharField())


class ModelVersionSerializer(serializers.ModelSerializer):
    """The IR's ModelVersion."""

    id = serializers.CharField(source="name")
    model_id = serializers.CharField(source="model.name")
    version = serializers.CharField(source="semantic_version")
    training_run_id = serializers.IntegerField()
    parent_version = serializers.CharField(source="parent.name", default=None)
    metrics = serializers.DictField()

    class Meta:
        model = ModelVersion
        fields = [
            *("id", "model_id", "version", "stage", "training_run_id", "metrics", "artifact_uri", "parent_version"),
            "created_at",
        ]
        extra_kwargs = {"stage": {"read_only": True}}


class TrainingRunSerializer(serializers.ModelSerializer):
    deployment_id = serializers.CharField()
    export = serializers.IntegerField(source="batch_id")
    config = serializers.DictField()
    metrics_history = serializers.ListField(child=serializers.DictField())
    best_metrics = serializers.DictField()
    checkpoint_uris = serializers.ListField(child=serializers.CharField())
    mark = MarkSerializer(help_text="Null until it is completed.", allow_null=True)
    baseline = TrainingBaselineSerializer(help_text="Null without events to pin.", allow_null=True)
    model_version = ModelVersionSerializer(default=None, allow_null=True)
    requested_by = serializers.CharField(source="requested_by.username")

    class Meta:
        model = TrainingRun
        fields = [
            "id",
            "deployment_id",
            "firing",
            "export",
            "trainer",
            "status",
            "config",
            "current_epoch",
            "metrics_history",
            "best_metrics",
            "checkpoint_uris",
            "final_model_version",
            "error_message",
            "external_url",
            "exit_code",
            "mark",
            "baseline",
            "firings_handed_off",
            "model_version",
            "requested_by",
            "created_at",
            "started_at",
            "last_reported_at",
            "completed_at",
        ]
