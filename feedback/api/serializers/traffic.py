"""The shapes that the API takes and gives. Events and signals themselves are defined in `ingestion.items`."""

from rest_framework import serializers

from feedback.api.errors import printable
from feedback.ingestion.items import MAX_TEXT_CHARACTERS
from feedback.quality.scoring import PROFILES


class StrictSerializer(serializers.Serializer):
    """A body in which an unknown field is an error that names it."""

    def to_internal_value(self, data):
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError(
                {
                    name: serializers.ErrorDetail(f"{name} is not a field of this resource", "unknown_field")
                    for name in map(printable, unknown)
                }
            )
        return super().to_internal_value(data)


class ErrorSerializer(serializers.Serializer):
    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class ErrorsSerializer(serializers.Serializer):
    errors = ErrorSerializer(many=True)


class RejectionSerializer(serializers.Serializer):
    index = serializers.IntegerField()
    id = serializers.CharField(allow_null=True)
    errors = ErrorSerializer(many=True)


class ReceiptSerializer(serializers.Serializer):
    batch_id = serializers.UUIDField()
    accepted = serializers.IntegerField()
    duplicates = serializers.ListField(child=serializers.UUIDField())
    ids = serializers.ListField(child=serializers.UUIDField())
    rejected = RejectionSerializer(many=True, required=False)


class BatchSerializer(serializers.Serializer):
    batch_id = serializers.UUIDField()
    accepted = serializers.IntegerField()
    stored = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    sampled_out = serializers.IntegerField()
    rejected = serializers.IntegerField()
    invalid = serializers.IntegerField()
    pending = serializers.IntegerField()


class AssessRequestSerializer(StrictSerializer):
    prompt = serializers.CharField(max_length=MAX_TEXT_CHARACTERS, allow_blank=True, trim_whitespace=False)
    response = serializers.CharField(max_length=MAX_TEXT_CHARACTERS, allow_blank=True, trim_whitespace=False)
    profile = serializers.ChoiceField(PROFILES, default="default")


class CheckSerializer(serializers.Serializer):
    name = serializers.CharField()
    score = serializers.FloatField()
    passed = serializers.BooleanField()
    details = serializers.DictField()
    version = serializers.CharField()


class AssessmentSerializer(serializers.Serializer):
    profile = serializers.CharField()
    score = serializers.FloatField()
    checks = CheckSerializer(many=True)


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


class EventQuerySerializer(serializers.Serializer):
    """Filters of the event list."""

    deployment_id = serializers.CharField(required=False)
    model_version_id = serializers.CharField(required=False)
    prompt_version = serializers.CharField(required=False)
    min_quality = serializers.FloatField(required=False, min_value=0, max_value=1)
    signal = serializers.CharField(required=False)
    q = serializers.CharField(
        required=False, help_text="Words that the prompt or the response holds in its first 50,000 characters"
    )
    cursor = serializers.CharField(required=False)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=500, default=50)

    def get_fields(self):
        # `from` is a keyword of Python, so it cannot be the name of a class attribute.
        return super().get_fields() | {
            "from": serializers.DateTimeField(required=False, help_text="Not before"),
            "to": serializers.DateTimeField(required=False, help_text="Before"),
        }


class SignalSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    type = serializers.CharField()
    value = serializers.JSONField(allow_null=True)
    edited_response = serializers.CharField(allow_null=True)
    comment = serializers.CharField()
    live = serializers.BooleanField()
    occurred_at = serializers.DateTimeField()


class EventSummarySerializer(serializers.Serializer):
    id = serializers.UUIDField()
    external_id = serializers.CharField()
    deployment_id = serializers.CharField()
    model_version_id = serializers.CharField()
    prompt_version = serializers.CharField()
    session_hash = serializers.CharField()
    user_hash = serializers.CharField()
    prompt = serializers.CharField()
    messages = serializers.JSONField(allow_null=True)
    response = serializers.CharField()
    prompt_length = serializers.IntegerField(allow_null=True)
    response_length = serializers.IntegerField(allow_null=True)
    content_dropped = serializers.BooleanField()
    latency_ms = serializers.FloatField(allow_null=True)
    prompt_tokens = serializers.IntegerField(allow_null=True)
    completion_tokens = serializers.IntegerField(allow_null=True)
    token_count = serializers.IntegerField(allow_null=True)
    cost_usd = serializers.FloatField(allow_null=True)
    finish_reason = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    experiment = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    trace_id = serializers.CharField()
    span_id = serializers.CharField()
    metadata = serializers.DictField()
    masked = serializers.DictField(child=serializers.IntegerField())
    quality_score = serializers.FloatField(allow_null=True)


class QualitySerializer(serializers.Serializer):
    score = serializers.FloatField(allow_null=True)
    checks = CheckSerializer(many=True)


class EventSerializer(EventSummarySerializer):
    quality = QualitySerializer()
    signals = SignalSerializer(many=True)


class EventListSerializer(serializers.Serializer):
    results = EventSummarySerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
