"""API schemas of audits."""

from rest_framework import serializers

from feedback.models import AuditedEvent
from feedback.serializers.events import ShareSerializer


class AuditsQuerySerializer(serializers.Serializer):
    answered = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="false: those that wait for a gold score"
    )
    cursor = serializers.CharField(required=False)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=500)


class AuditSerializer(serializers.ModelSerializer):
    class Meta:
        model = AuditedEvent
        fields = ["event_id", "model_version_id", "occurred_at", "rate", "feedback_shown", "gold", "answered_at"]


class VoluntaryShareSerializer(serializers.Serializer):
    value = serializers.FloatField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    level = serializers.FloatField()
    users = serializers.IntegerField()
    events = serializers.IntegerField()


class AuditedVersionSerializer(serializers.Serializer):
    """The newest audits of a model version, at most 20,000 of all versions."""

    model_version_id = serializers.CharField()
    audited = serializers.IntegerField()
    answered = serializers.IntegerField()
    unanswered = serializers.IntegerField()
    share = ShareSerializer(
        allow_null=True, help_text="Good answers among all events, corrected for who votes; null below 20 answers"
    )
    voluntary = VoluntaryShareSerializer(
        allow_null=True, help_text="The share of votes that are up since the version's first audit"
    )
    message = serializers.CharField(help_text="Why there is no share; '' if there is one")


class AuditListSerializer(serializers.Serializer):
    results = AuditSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    versions = AuditedVersionSerializer(many=True)
