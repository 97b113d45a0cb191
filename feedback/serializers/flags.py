"""API schemas of flags."""

from rest_framework import serializers

from feedback.choices import FlagField, FlagKind, FlagState
from feedback.models import RaisedFlag
from feedback.serializers.base import StrictSerializer

MOST_DAYS = 365


class FlagSerializer(serializers.ModelSerializer):
    """A named pattern in a text of an event, with its span in code points."""

    deployment_id = serializers.CharField()
    reviewed_by = serializers.CharField(source="reviewed_by.username", default=None, allow_null=True)

    class Meta:
        model = RaisedFlag
        fields = [
            *("id", "event_id", "deployment_id", "occurred_at", "kind", "name", "field", "message_index", "signal_id"),
            *("start", "end", "state", "reviewed_by", "reviewed_at"),
        ]


class FlagsQuerySerializer(serializers.Serializer):
    """Which flags."""

    deployment_id = serializers.CharField(required=False)
    event_id = serializers.UUIDField(required=False)
    kind = serializers.ChoiceField(FlagKind.choices, required=False)
    name = serializers.CharField(required=False)
    field = serializers.ChoiceField(FlagField.choices, required=False)
    state = serializers.ChoiceField(FlagState.choices, required=False)


class ReviewFlagSerializer(StrictSerializer):
    state = serializers.ChoiceField(
        FlagState.choices, help_text="unreviewed takes the decision on a reviewed flag back"
    )


class FlagCountsQuerySerializer(serializers.Serializer):
    days = serializers.IntegerField(required=False, min_value=1, max_value=MOST_DAYS, default=30)


class DayOfFlagsSerializer(serializers.Serializer):
    day = serializers.DateField()
    kind = serializers.ChoiceField(FlagKind.choices)
    events = serializers.IntegerField(help_text="Events with a flag of this kind")
    unreviewed = serializers.IntegerField(help_text="Those of them with an unreviewed one")


class FlagCountsSerializer(serializers.Serializer):
    deployment_id = serializers.CharField()
    days = DayOfFlagsSerializer(many=True, help_text="Days without a flag are left out")
