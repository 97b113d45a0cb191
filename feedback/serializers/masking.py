from rest_framework import serializers

from feedback.ingestion.item_types import MAX_TEXT_CHARACTERS
from feedback.serializers.base import StrictSerializer


class MaskRequestSerializer(StrictSerializer):
    text = serializers.CharField(max_length=MAX_TEXT_CHARACTERS, allow_blank=True, trim_whitespace=False)
    deployment_id = serializers.CharField(required=False, help_text="Mask with the patterns of this deployment too")


class SpanSerializer(serializers.Serializer):
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    kind = serializers.CharField()


class MaskedSerializer(serializers.Serializer):
    text = serializers.CharField()
    spans = SpanSerializer(many=True)
