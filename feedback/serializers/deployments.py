"""API schemas of deployments and their configuration."""

from rest_framework import serializers

from feedback.choices import ContentPolicy
from feedback.masking import MAX_EXPRESSION, MAX_REPLACEMENT
from feedback.models import DeclaredScore, Deployment, MaskingPattern
from feedback.serializers.base import StrictSerializer


class MaskingPatternSerializer(serializers.ModelSerializer):
    class Meta:
        model = MaskingPattern
        fields = ["name", "expression", "replacement"]


class DeclaredScoreSerializer(serializers.ModelSerializer):
    gold = serializers.BooleanField(source="is_gold")

    class Meta:
        model = DeclaredScore
        fields = ["name", "minimum", "maximum", "gold"]


class DeploymentSerializer(serializers.ModelSerializer):
    feedback_types = serializers.ListField(child=serializers.CharField())
    segment_keys = serializers.ListField(child=serializers.CharField())
    signal_weights = serializers.DictField(child=serializers.FloatField(), allow_null=True)
    masking_patterns = MaskingPatternSerializer(many=True)
    scores = DeclaredScoreSerializer(source="declared_scores", many=True)

    class Meta:
        model = Deployment
        fields = [
            "id",
            "enabled",
            "archived",
            "deleting",
            "sampling_rate",
            "feedback_types",
            "content_policy",
            "keep_reasoning",
            "training_allowed",
            "retention_days",
            "rating_minimum",
            "rating_maximum",
            "signal_weights",
            "audit_rate",
            "segment_keys",
            "masking_patterns",
            "scores",
            "created_at",
        ]


class DeploymentsQuerySerializer(serializers.Serializer):
    archived = serializers.BooleanField(default=False, help_text="true: the archived deployments instead")


class MaskingPatternRequestSerializer(StrictSerializer):
    name = serializers.CharField(max_length=32, trim_whitespace=False)
    expression = serializers.CharField(max_length=MAX_EXPRESSION, trim_whitespace=False)
    replacement = serializers.CharField(max_length=MAX_REPLACEMENT, allow_blank=True, default="", trim_whitespace=False)


class DeclaredScoreRequestSerializer(StrictSerializer):
    name = serializers.CharField(max_length=64, trim_whitespace=False)
    minimum = serializers.FloatField(default=0.0)
    maximum = serializers.FloatField(default=1.0)
    gold = serializers.BooleanField(default=False, help_text="Whether such a score is the truth about an answer")


class DeploymentChangeSerializer(StrictSerializer):
    """Every field is optional; `masking_patterns` and `scores` replace the whole list."""

    enabled = serializers.BooleanField(required=False)
    archived = serializers.BooleanField(required=False)
    sampling_rate = serializers.FloatField(required=False, help_text="0 to 1")
    feedback_types = serializers.ListField(child=serializers.CharField(max_length=64), max_length=64, required=False)
    content_policy = serializers.ChoiceField(ContentPolicy.choices, required=False)
    keep_reasoning = serializers.BooleanField(required=False)
    training_allowed = serializers.BooleanField(required=False)
    retention_days = serializers.IntegerField(allow_null=True, required=False)
    rating_minimum = serializers.FloatField(allow_null=True, required=False, help_text="With rating_maximum")
    rating_maximum = serializers.FloatField(allow_null=True, required=False, help_text="With rating_minimum")
    signal_weights = serializers.DictField(
        allow_null=True,
        required=False,
        help_text="Weights from -1 to 1 by key, where they differ from the defaults; ratings from 0 to 1",
    )
    audit_rate = serializers.FloatField(
        required=False, help_text="0 to 1: the share of events chosen by chance to be answered by a gold score"
    )
    segment_keys = serializers.ListField(child=serializers.CharField(max_length=64), max_length=64, required=False)
    masking_patterns = MaskingPatternRequestSerializer(many=True, required=False)
    scores = DeclaredScoreRequestSerializer(many=True, required=False)


class FeedbackConfigRequestSerializer(StrictSerializer):
    """A Feedback.Config of the IR; fields that are left out take the IR's defaults."""

    enabled = serializers.BooleanField(required=False)
    sampling_rate = serializers.FloatField(required=False, help_text="0 to 1")
    feedback_types = serializers.ListField(child=serializers.CharField(max_length=64), max_length=64, required=False)
    storage = serializers.CharField(max_length=32, required=False)
    retention_days = serializers.IntegerField(allow_null=True, required=False)
    anonymize_pii = serializers.BooleanField(required=False)
    drift_detection = serializers.DictField(allow_null=True, required=False)
    retraining_trigger = serializers.DictField(allow_null=True, required=False)
    options = serializers.DictField(allow_null=True, required=False)


class FeedbackConfigSerializer(serializers.Serializer):
    enabled = serializers.BooleanField()
    sampling_rate = serializers.FloatField()
    feedback_types = serializers.ListField(child=serializers.CharField())
    storage = serializers.CharField()
    retention_days = serializers.IntegerField(allow_null=True)
    anonymize_pii = serializers.BooleanField()
    drift_detection = serializers.DictField(allow_null=True)
    retraining_trigger = serializers.DictField(allow_null=True)
    options = serializers.DictField(allow_null=True)
