from rest_framework import serializers

from exports.models import PipelineRun, PipelineStage


def _map(**options) -> serializers.DictField:
    return serializers.DictField(child=serializers.JSONField(allow_null=True), **options)


class StageRequestSerializer(serializers.Serializer):
    name = serializers.CharField(help_text="Of a stage, unless `module` names one.")
    module = serializers.CharField(required=False, allow_null=True, help_text="As CrucibleFeedback.Stages.Curate")
    options = _map(required=False, allow_null=True)
    enabled = serializers.BooleanField(default=True, allow_null=True, help_text="A stage with false does not run.")


class ExperimentRequestSerializer(serializers.Serializer):
    """An Experiment of the Crucible IR. Further fields are kept with the run."""

    id = serializers.CharField()
    backend = _map(help_text="A BackendRef; nothing here reads it.")
    pipeline = StageRequestSerializer(many=True)
    metadata = _map(required=False, allow_null=True, help_text="May hold `deployment_id`.")
    dataset = _map(required=False, allow_null=True, help_text="A DatasetRef.")


class PipelineAcceptedSerializer(serializers.ModelSerializer):
    class Meta:
        model = PipelineRun
        fields = ["id", "status"]


class PipelineStageSerializer(serializers.ModelSerializer):
    kind = serializers.CharField(source="stage", help_text="The stage that the definition means; empty if disabled.")
    options = _map()
    message = serializers.CharField(help_text="What it waits for, or why it was skipped.")

    class Meta:
        model = PipelineStage
        fields = [
            "position",
            "name",
            "kind",
            "options",
            "status",
            "message",
            "error",
            "curated_set",
            "export",
            "training_run",
            "gate",
            "drift_report",
            "started_at",
            "finished_at",
        ]


class PipelineSummarySerializer(serializers.ModelSerializer):
    requested_by = serializers.CharField(source="requested_by.username")
    requested_at = serializers.DateTimeField(source="created_at")
    cancelled_by = serializers.CharField(source="cancelled_by.username", default=None)

    class Meta:
        model = PipelineRun
        fields = [
            "id",
            "deployment_id",
            "experiment_id",
            "status",
            "error",
            "requested_by",
            "requested_at",
            "started_at",
            "finished_at",
            "cancelled_by",
        ]


class PipelineSerializer(PipelineSummarySerializer):
    stages = PipelineStageSerializer(many=True)
    artifacts = _map()
    metrics = _map()
    outputs = serializers.ListField(child=serializers.JSONField(allow_null=True))
    experiment = _map(help_text="The document as it runs.")

    class Meta(PipelineSummarySerializer.Meta):
        fields = [
            *PipelineSummarySerializer.Meta.fields,
            "stages",
            "artifacts",
            "metrics",
            "outputs",
            "experiment",
        ]
