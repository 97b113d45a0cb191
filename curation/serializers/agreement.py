"""How the API shows the agreement of reviewers."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from curation.choices import AgreementNote


class EqualPairsSerializer(serializers.Serializer):
    equal = serializers.IntegerField(help_text="Pairs of equal verdicts.")
    n = serializers.IntegerField(source="pairs", help_text="Of how many pairs of verdicts on one row.")
    share = serializers.SerializerMethodField(help_text="Null without a pair.")

    @extend_schema_field(serializers.FloatField(allow_null=True))
    def get_share(self, found):
        return found.share if found.pairs else None


class CoefficientSerializer(serializers.Serializer):
    value = serializers.FloatField(allow_null=True, help_text="At most 1; 0 is agreement as by chance.")
    low = serializers.FloatField(allow_null=True, help_text="Of the 95 % interval.")
    high = serializers.FloatField(allow_null=True)
    note = serializers.ChoiceField(
        AgreementNote.choices, allow_blank=True, help_text="Why there is no value, or no interval."
    )


class ReviewerAgreementSerializer(serializers.Serializer):
    reviewer = serializers.CharField()
    verdicts = serializers.IntegerField()
    with_others = EqualPairsSerializer(help_text="Pairs with each other verdict on the same row.")
    with_adjudication = EqualPairsSerializer(help_text="Pairs with decisions of others between reviewers.")


class PositionSerializer(serializers.Serializer):
    """Whether reviewers who compare answers prefer a position."""

    comparisons = serializers.IntegerField(source="total")
    decided = serializers.IntegerField()
    chose_a = serializers.IntegerField()
    chose_b = serializers.IntegerField()
    share_a = serializers.FloatField(allow_null=True, help_text="Null with fewer than 10 preferences.")
    interval = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="The 95 % interval of `share_a`."
    )


class CriterionAgreementSerializer(serializers.Serializer):
    """On a criterion or a flag of the set's rubric."""

    name = serializers.CharField()
    rows = serializers.IntegerField(help_text="Rows that two reviewers or more answered it about.")
    percent = EqualPairsSerializer()
    kappa = CoefficientSerializer(help_text="Cohen's kappa, of two reviewers.")
    alpha = CoefficientSerializer(help_text="Krippendorff's alpha: of ordered values for a criterion.")


class AgreementSerializer(serializers.Serializer):
    rows = serializers.IntegerField(help_text="Rows with two verdicts or more.")
    percent = EqualPairsSerializer()
    kappa = CoefficientSerializer(help_text="Cohen's kappa, of two reviewers.")
    alpha = CoefficientSerializer(help_text="Krippendorff's alpha.")
    reviewers = ReviewerAgreementSerializer(many=True)
    criteria = CriterionAgreementSerializer(many=True, help_text="Of the rubric that reviewers are asked.")
    positions = PositionSerializer()
