from rest_framework import serializers

from drift.choices import Profile
from drift.models import DriftReport, TriggerEvaluation
from drift.windows import MAX_EVENTS, MAX_SKIP, InvalidWindow, parse
from feedback.serializers import StrictSerializer


class WindowSerializer(StrictSerializer):
    """One of last_events (with skip), from and to, model_version_id, or baseline."""

    last_events = serializers.IntegerField(min_value=1, max_value=MAX_EVENTS, required=False)
    skip = serializers.IntegerField(min_value=0, max_value=MAX_SKIP, required=False)
    to = serializers.DateTimeField(required=False)
    model_version_id = serializers.CharField(required=False)
    baseline = serializers.CharField(required=False)

    def get_fields(self):
        # `from` is a keyword of the language, so it cannot be a class attribute.
        return {**super().get_fields(), "from": serializers.DateTimeField(required=False)}


class DriftRequestSerializer(StrictSerializer):
    reference = WindowSerializer(required=False, allow_null=True)
    current = WindowSerializer(required=False, allow_null=True)
    profile = serializers.ChoiceField(choices=Profile.choices, default=Profile.STANDARD)

    def validate_reference(self, asked):
        return _window(asked)

    def validate_current(self, asked):
        return _window(asked)


def _window(asked):
    try:
        return None if asked is None else parse(asked)
    except InvalidWindow as error:
        code = "no_baseline" if error.field == "baseline" else "invalid_window"
        raise serializers.ValidationError({error.field or "non_field_errors": [error.message]}, code) from error


class StartedReportSerializer(serializers.ModelSerializer):
    class Meta:
        model = DriftReport
        fields = ["id", "status"]


class MetricSerializer(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()
    segment = serializers.CharField(allow_blank=True)
    verdict = serializers.CharField()
    effect = serializers.FloatField(allow_null=True)
    effect_interval = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    p_value = serializers.FloatField(allow_null=True)
    adjusted_p_value = serializers.FloatField(allow_null=True)
    method = serializers.CharField()
    sentence = serializers.CharField()
    n_reference = serializers.IntegerField()
    n_current = serializers.IntegerField()
    statistics = serializers.DictField()


class DriftReportSerializer(serializers.ModelSerializer):
    deployment_id = serializers.CharField()
    metrics = MetricSerializer(many=True)

    class Meta:
        model = DriftReport
        fields = [
            "id",
            "deployment_id",
            "profile",
            "status",
            "verdict",
            "score",
            "n_reference",
            "n_current",
            "metrics",
            "reference_window",
            "current_window",
            "resolved_windows",
            "parameters",
            "methods",
            "seed",
            "error",
            "created_at",
            "finished_at",
        ]


class TriggerEvaluationSerializer(serializers.ModelSerializer):
    class Meta:
        model = TriggerEvaluation
        fields = ["id", "name", "fired", "value", "threshold", "reason", "report", "created_at"]


class TriggersSerializer(serializers.Serializer):
    triggers = TriggerEvaluationSerializer(many=True)
