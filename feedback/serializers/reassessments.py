"""API schemas of reassessments."""

from rest_framework import serializers

from feedback.models import Reassessment
from feedback.serializers.base import StrictSerializer


class ReassessmentRequestSerializer(StrictSerializer):
    """Every field is optional: an empty object scores all events by the deployment's profile."""

    occurred_from = serializers.DateTimeField(required=False, allow_null=True)
    occurred_to = serializers.DateTimeField(required=False, allow_null=True, help_text="Exclusive; default: now")
    model_version_id = serializers.CharField(required=False, allow_blank=True, max_length=255)
    profile = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=64,
        help_text="default, crucible, or a version that the deployment had; default: the deployment's",
    )


class ReassessmentSerializer(serializers.ModelSerializer):
    profile = serializers.CharField(source="version", help_text="Version of the profile")
    replaces_scores = serializers.BooleanField(
        source="is_own", help_text="Whether the scores replace those of the events, or are stored beside them"
    )
    percent = serializers.IntegerField(allow_null=True)
    mean_before = serializers.FloatField(allow_null=True, help_text="Of the compared scores")
    mean_after = serializers.FloatField(allow_null=True)
    requested_by = serializers.CharField(source="requested_by.username")

    class Meta:
        model = Reassessment
        fields = [
            "id",
            "deployment_id",
            "occurred_from",
            "occurred_to",
            "model_version_id",
            "profile",
            "replaces_scores",
            "status",
            "total",
            "scored",
            "dropped",
            "failures",
            "percent",
            "compared",
            "mean_before",
            "mean_after",
            "requested_by",
            "created_at",
            "ended_at",
            "error",
        ]
        read_only_fields = fields
