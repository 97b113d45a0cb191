"""Request and response bodies of the agreement of judges with people."""

from rest_framework import serializers

from feedback.models import JudgeStanding
from feedback.serializers.base import StrictSerializer


class JudgeStandingSerializer(serializers.ModelSerializer):
    judge = serializers.IntegerField(source="judge_id")
    rubric = serializers.CharField(source="judge.rubric_version.label")
    gold = serializers.BooleanField(source="is_gold", help_text="Chosen; it has effect only while `holds`.")
    interval = serializers.SerializerMethodField(help_text="The 95 % interval of kappa.")
    figures = serializers.DictField(
        help_text="By question: n, exact, within_step, cohen, kappa, alpha, and the same of people among themselves; of"
        " the composite correlation, rank_correlation, bias and calibration."
    )

    class Meta:
        model = JudgeStanding
        fields = [
            "judge",
            "rubric",
            "n",
            "kappa",
            "interval",
            "least_kappa",
            "holds",
            "reason",
            "gold",
            "used_by_triggers",
            "is_current",
            "measured_at",
            "figures",
        ]

    def get_interval(self, standing) -> list[float] | None:
        return None if standing.low is None else [standing.low, standing.high]


class JudgeStandingChangeSerializer(StrictSerializer):
    least_kappa = serializers.FloatField(
        min_value=0, max_value=1, required=False, help_text="What the lower end of the interval of kappa must reach."
    )
    gold = serializers.BooleanField(source="is_gold", required=False)
    used_by_triggers = serializers.BooleanField(required=False)


class PeopleGoldSerializer(StrictSerializer):
    rubric = serializers.CharField(max_length=64, help_text="Name and version, as in `tip-v1`.")
    gold = serializers.BooleanField(help_text="Whether people's scores by this rubric are gold.")


class PeopleGoldListSerializer(serializers.Serializer):
    rubrics = serializers.ListField(child=serializers.CharField(), help_text="By which people's scores are gold.")
