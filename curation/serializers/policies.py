"""Policies of approval, and what an approval would release."""

from rest_framework import serializers

from curation.choices import ROW_KINDS, Decision
from curation.models import ApprovalPolicy
from feedback.serializers.base import StrictSerializer


class ApprovalPolicySerializer(serializers.ModelSerializer):
    deployment_id = serializers.CharField()
    changed_by = serializers.CharField(source="changed_by.username", default=None)

    class Meta:
        model = ApprovalPolicy
        fields = ["deployment_id", "rule", "sample_size", "max_bad_share", "min_p_good", "changed_by", "changed_at"]


class ApprovalPolicyRequestSerializer(StrictSerializer, serializers.ModelSerializer):
    class Meta:
        model = ApprovalPolicy
        fields = ["rule", "sample_size", "max_bad_share", "min_p_good"]


class SampledRowSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(ROW_KINDS)
    decision = serializers.ChoiceField(Decision.choices, allow_null=True)

    def to_representation(self, row):
        return {**super().to_representation(row), "decision": row.decision or None}


class SampleSerializer(serializers.Serializer):
    population = serializers.IntegerField(help_text="Rows that the build chose, from which the sample is drawn.")
    size = serializers.IntegerField()
    read = serializers.IntegerField(help_text="Rows with a decision of a person.")
    bad = serializers.IntegerField(help_text="Rows that were dropped or edited.")
    interval = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="Of the share of bad rows, 95 %."
    )
    summary = serializers.CharField()


class ReleaseSerializer(serializers.Serializer):
    policy = ApprovalPolicySerializer()
    examples = serializers.DictField(child=serializers.IntegerField(), help_text="Rows that leave, by strategy.")
    pairs = serializers.DictField(child=serializers.IntegerField(), help_text="Pairs that leave, by source.")
    queue = serializers.DictField(
        child=serializers.IntegerField(), help_text="Undecided rows that stay, by strategy; the next build queues them."
    )
    dropped = serializers.IntegerField(help_text="Rows that reviewers dropped.")
    undecided = serializers.DictField(
        child=serializers.IntegerField(), help_text="Of the rows that leave, those without a decision of a person."
    )
    sample = SampleSerializer(allow_null=True)
    rows = SampledRowSerializer(many=True, help_text="The rows of the sample.")


class DryRunSerializer(ReleaseSerializer):
    missing = serializers.ListField(child=serializers.CharField(), help_text="Why you cannot approve it yet.")
