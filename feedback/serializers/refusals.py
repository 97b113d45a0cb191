"""API schema of the reasons why items were rejected."""

from rest_framework import serializers

from feedback.choices import ItemKind
from feedback.models import RejectionReason


class RejectionReasonSerializer(serializers.ModelSerializer):
    """How many items of one hour were rejected for one reason."""

    hour = serializers.DateTimeField(source="hour_at")
    key = serializers.CharField(source="key.name", default=None, allow_null=True, help_text="null: sent from a file")
    kind = serializers.ChoiceField(ItemKind.choices)
    sentence = serializers.CharField(source="message")

    class Meta:
        model = RejectionReason
        fields = ["hour", "key", "key_id", "kind", "deployment_id", "field", "code", "sentence", "count"]
