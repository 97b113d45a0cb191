"""Request and response bodies of pairwise runs."""

from rest_framework import serializers

from exports.choices import PairwiseSource, PairwiseStatus
from exports.models import PairwiseRun
from exports.pairwise.requesting import MOST_PAIRS
from feedback.serializers.base import StrictSerializer


class PairwiseRunsQuerySerializer(serializers.Serializer):
    deployment_id = serializers.CharField(required=False)
    judge = serializers.IntegerField(required=False)
    status = serializers.ChoiceField(PairwiseStatus.choices, required=False)


class PairwiseRequestSerializer(StrictSerializer):
    judge = serializers.IntegerField(help_text="The id of a judge with endpoints.")
    source = serializers.ChoiceField(PairwiseSource.choices)
    gate = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text="Of the source `gate`: a completed one."
    )
    curated_set = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text="Of the sources `comparisons` and `pairs`."
    )
    most = serializers.IntegerField(
        min_value=1, max_value=MOST_PAIRS, default=MOST_PAIRS, help_text="How many pairs, drawn at random, at most."
    )

    def validate(self, attrs):
        needed, other = ("gate", "curated_set")
        if attrs["source"] != PairwiseSource.GATE:
            needed, other = other, needed
        if attrs[needed] is None:
            raise serializers.ValidationError({needed: "This source needs it."}, code="required")
        if attrs[other] is not None:
            raise serializers.ValidationError({other: "This source has none."})
        return attrs


class PairwiseRunSerializer(serializers.ModelSerializer):
    deployment_id = serializers.CharField()
    judge = serializers.IntegerField(source="judge_id", allow_null=True)
    gate = serializers.IntegerField(source="gate_id", allow_null=True)
    curated_set = serializers.IntegerField(source="curated_set_id", allow_null=True)
    figures = serializers.DictField(
        help_text="At the end: n, missing, verdicts, inconsistent, position, verbosity, people; intervals of 95 %."
    )
    requested_by = serializers.CharField(source="requested_by.username")

    class Meta:
        model = PairwiseRun
        fields = [
            "id",
            "deployment_id",
            "judge",
            "judge_name",
            "rubric",
            "source",
            "gate",
            "curated_set",
            "most",
            "status",
            "figures",
            "tokens",
            "error",
            "requested_by",
            "created_at",
            "completed_at",
        ]
