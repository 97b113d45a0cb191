"""What the API of comparisons of two answers takes and gives."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from curation.choices import ComparisonVerdict
from curation.models import Comparison
from feedback.serializers.base import StrictSerializer


class ComparisonRequestSerializer(StrictSerializer):
    comparison = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, required=False, help_text="From `comparisons/next`."
    )
    a = serializers.UUIDField(required=False, help_text="Instead of a comparison: the event whose answer was A.")
    b = serializers.UUIDField(required=False, help_text="The event whose answer was B.")
    verdict = serializers.ChoiceField(ComparisonVerdict.choices)

    def validate(self, attrs):
        names = {"comparison", "a", "b"} & set(attrs)
        if names not in ({"comparison"}, {"a", "b"}):
            raise serializers.ValidationError("Name either a comparison, or two events as a and b.")
        if "a" in attrs and attrs["a"] == attrs["b"]:
            raise serializers.ValidationError({"b": ["Name two different events."]})
        return attrs


class ComparedAnswerSerializer(serializers.Serializer):
    text = serializers.CharField()
    message = serializers.JSONField(allow_null=True, help_text="An answer that is more than a text.")


class OfferedComparisonSerializer(serializers.Serializer):
    """Two answers to one prompt in random order, without what is known about them."""

    comparison = serializers.IntegerField(source="pk")
    leased_until = serializers.DateTimeField(help_text="Until then no other reviewer gets it.")
    prompt = serializers.CharField(source="example.prompt")
    messages = serializers.JSONField(source="example.messages", allow_null=True)
    a = ComparedAnswerSerializer()
    b = ComparedAnswerSerializer()


class ComparisonSerializer(serializers.ModelSerializer):
    position_chosen = serializers.SerializerMethodField(help_text="Empty without a preference.")
    pair = serializers.SerializerMethodField(help_text="The pair that the preference made.")

    class Meta:
        model = Comparison
        fields = ["id", "verdict", "position_chosen", "pair"]

    @extend_schema_field(serializers.CharField())
    def get_position_chosen(self, comparison):
        return comparison.position_chosen

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_pair(self, comparison):
        return comparison.pair.pk if comparison.position_chosen else None
