from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from curation.choices import MAX_LIMIT, MAX_NAME_CHARACTERS, CuratedSetStatus, Strategy
from curation.models import CuratedExample, CuratedSet, ReviewDecision
from curation.sets import withdrawn
from feedback.serializers.base import StrictSerializer

MAX_SEED = 2**31 - 1


class CuratedSetRequestSerializer(StrictSerializer):
    name = serializers.CharField(max_length=MAX_NAME_CHARACTERS)
    strategies = serializers.ListField(
        child=serializers.ChoiceField(Strategy.choices), allow_empty=False, required=False, help_text="Default: all."
    )
    limit = serializers.IntegerField(
        min_value=1, max_value=MAX_LIMIT, required=False, help_text="Examples in total. Default: CURATION_LIMIT."
    )
    seed = serializers.IntegerField(min_value=0, max_value=MAX_SEED, required=False)


class NoteRequestSerializer(StrictSerializer):
    note = serializers.CharField(required=False, allow_blank=True, max_length=10_000, default="")


class CuratedSetAcceptedSerializer(serializers.ModelSerializer):
    class Meta:
        model = CuratedSet
        fields = ["id", "status"]


class CuratedCountsSerializer(serializers.Serializer):
    total = serializers.IntegerField()
    by_strategy = serializers.DictField(child=serializers.IntegerField())


class ReviewDecisionSerializer(serializers.ModelSerializer):
    by = serializers.CharField(source="by.username")

    class Meta:
        model = ReviewDecision
        fields = ["action", "from_status", "to_status", "by", "at", "note"]


class CuratedSetSummarySerializer(serializers.ModelSerializer):
    deployment_id = serializers.CharField()
    counts = serializers.SerializerMethodField()
    created_by = serializers.CharField(source="created_by.username", default=None)
    decided_by = serializers.CharField(source="decided_by.username", default=None)

    class Meta:
        model = CuratedSet
        fields = [
            "id",
            "deployment_id",
            "name",
            "version",
            "status",
            "counts",
            "content_hash",
            "error",
            "created_by",
            "created_at",
            "decided_by",
            "decided_at",
        ]

    @extend_schema_field(CuratedCountsSerializer)
    def get_counts(self, curated_set):
        return {"total": curated_set.total, "by_strategy": curated_set.by_strategy}


class CuratedSetSerializer(CuratedSetSummarySerializer):
    decisions = ReviewDecisionSerializer(many=True)
    training_withdrawn = serializers.SerializerMethodField(
        help_text="Examples that may no longer be used for training. Exports leave them out."
    )

    class Meta(CuratedSetSummarySerializer.Meta):
        fields = [
            *CuratedSetSummarySerializer.Meta.fields,
            "strategies",
            "limit",
            "seed",
            "candidates",
            "built_at",
            "training_withdrawn",
            "decisions",
        ]

    def get_training_withdrawn(self, curated_set) -> int:
        return withdrawn.count(curated_set)


class CuratedExampleSerializer(serializers.ModelSerializer):
    decision = serializers.SerializerMethodField(help_text="The decision on its set; null until there is one.")

    class Meta:
        model = CuratedExample
        fields = [
            "event_id",
            "strategy",
            "score",
            "reason",
            "prompt",
            "messages",
            "response_message",
            "response",
            "edited_response",
            "model_version_id",
            "occurred_at",
            "decision",
        ]

    @extend_schema_field(serializers.ChoiceField(["approved", "rejected"], allow_null=True))
    def get_decision(self, example):
        status = example.curated_set.status
        if status == CuratedSetStatus.REJECTED:
            return "rejected"
        return "approved" if status in (CuratedSetStatus.APPROVED, CuratedSetStatus.SUPERSEDED) else None
