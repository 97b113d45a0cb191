"""API schemas of rubrics and of people's scores."""

from rest_framework import serializers

from feedback.human_scores.submitting import MAX_NOTE
from feedback.models import HumanScore, RubricVersion
from feedback.rubrics.scoring import composite_of
from feedback.serializers.base import StrictSerializer


class RubricsQuerySerializer(serializers.Serializer):
    name = serializers.CharField(required=False, help_text="Only the versions of this rubric")


class RubricCriterionSerializer(serializers.Serializer):
    name = serializers.CharField(help_text="a-z, 0-9 and _, beginning with a letter, at most 32 characters")
    title = serializers.CharField(required=False, allow_blank=True)
    description = serializers.CharField(required=False, allow_blank=True)
    minimum = serializers.FloatField(default=1)
    maximum = serializers.FloatField(default=5)
    weight = serializers.FloatField(default=1, help_text="In the mean of a rubric without a formula")


class RubricFlagSerializer(serializers.Serializer):
    name = serializers.CharField()
    title = serializers.CharField(required=False, allow_blank=True)
    description = serializers.CharField(required=False, allow_blank=True)


class RubricRangeSerializer(serializers.Serializer):
    minimum = serializers.FloatField()
    maximum = serializers.FloatField()
    is_exact = serializers.BooleanField(help_text="false: answers may reach less of it")


class RubricRequestSerializer(serializers.Serializer):
    """What a rubric asks; checked by the rules of rubrics."""

    name = serializers.CharField(help_text="The same name makes its next version")
    title = serializers.CharField(required=False, allow_blank=True)
    description = serializers.CharField(required=False, allow_blank=True)
    prompt = serializers.CharField(required=False, allow_blank=True)
    criteria = RubricCriterionSerializer(many=True)
    flags = RubricFlagSerializer(many=True, required=False)
    formula = serializers.CharField(
        required=False, allow_blank=True, help_text="Over the names; empty: the mean of the criteria by weight"
    )


class RubricSerializer(serializers.ModelSerializer):
    label = serializers.CharField(help_text="NAME-vVERSION")
    criteria = RubricCriterionSerializer(many=True)
    flags = RubricFlagSerializer(many=True)
    composite = serializers.SerializerMethodField(help_text="The range of the composite")
    created_by = serializers.CharField(allow_null=True, help_text="Null: shipped, or the account is deleted")

    class Meta:
        model = RubricVersion
        fields = [
            *("label", "name", "version", "title", "description", "prompt", "criteria", "flags", "formula"),
            *("composite", "is_shipped", "created_by", "created_at"),
        ]

    def get_composite(self, rubric) -> RubricRangeSerializer:
        return RubricRangeSerializer(composite_of(rubric)).data


class HumanScoreRequestSerializer(StrictSerializer):
    rubric = serializers.CharField(max_length=64, help_text="Label of the rubric, as in tip-v1")
    answers = serializers.DictField(
        child=serializers.JSONField(), help_text="A number for each criterion, true or false for each flag"
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=MAX_NOTE, help_text="Masked when stored")


class HumanScoreSerializer(serializers.ModelSerializer):
    rubric = serializers.CharField(source="rubric_version.label")
    scorer = serializers.CharField(allow_null=True, help_text="Null: the account is deleted")
    answers = serializers.DictField(child=serializers.JSONField())

    class Meta:
        model = HumanScore
        fields = ["event_id", "rubric", "scorer", "answers", "raw", "score", "note", "created_at", "changed_at"]


class HumanScoreListSerializer(serializers.Serializer):
    results = HumanScoreSerializer(many=True)
