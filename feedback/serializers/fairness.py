"""API schemas of the groups of a deployment beside each other."""

from math import isfinite

from rest_framework import serializers

from feedback.ir.choices import FairnessMetric
from feedback.statistics.fairness import GroupVerdict, ParityVerdict


class FairnessQuerySerializer(serializers.Serializer):
    by = serializers.CharField(
        required=False,
        help_text="model_version, experiment, or a declared metadata key. Default: group_by of the deployment's "
        "options.fairness, else model_version",
    )
    days = serializers.IntegerField(min_value=1, max_value=366, default=30)
    threshold = serializers.FloatField(
        required=False,
        min_value=0,
        max_value=1,
        help_text="The smallest ratio of a group to the rest. Default: threshold of options.fairness, else 0.8",
    )


class _Figure(serializers.FloatField):
    """A number, or null where there is none."""

    def to_representation(self, value):
        return float(value) if isfinite(value) else None


class FairnessIntervalSerializer(serializers.Serializer):
    value = _Figure(allow_null=True)
    low = _Figure(allow_null=True, help_text="Of the 95 % interval")
    high = _Figure(allow_null=True)


class GroupFigureSerializer(serializers.Serializer):
    n = serializers.IntegerField(help_text="Users or events")
    estimate = FairnessIntervalSerializer()


class GroupComparisonSerializer(serializers.Serializer):
    """A group beside all others together."""

    group = serializers.CharField(source="group.name", help_text="The model version, or key=value")
    figure = GroupFigureSerializer(source="group")
    rest = GroupFigureSerializer()
    difference = FairnessIntervalSerializer(help_text="Group minus rest")
    ratio = FairnessIntervalSerializer(help_text="Group divided by rest")
    p_value = _Figure(allow_null=True)
    adjusted = _Figure(allow_null=True, help_text="The p-value for all groups, by Holm's method")
    verdict = serializers.ChoiceField([one.value for one in GroupVerdict], help_text="By `adjusted` at 0.05")


class FairnessOutcomeSerializer(serializers.Serializer):
    name = serializers.CharField(help_text="approval, not_refused, checks, or check.NAME")
    unit = serializers.CharField(help_text="users or events")
    comparisons = GroupComparisonSerializer(many=True)


class FairnessMetricSerializer(serializers.Serializer):
    metric = serializers.ChoiceField([one.value for one in FairnessMetric])
    outcome = serializers.CharField(
        help_text="approval, not_refused, approved_if_good, approved_if_bad or good_if_approved"
    )
    computable = serializers.SerializerMethodField()
    reason = serializers.CharField(help_text="Why it is not computable; '' if it is")
    verdict = serializers.ChoiceField([one.value for one in ParityVerdict])
    comparisons = GroupComparisonSerializer(many=True)

    def get_computable(self, metric) -> bool:
        return not metric.reason


class FairnessSerializer(serializers.Serializer):
    by = serializers.CharField()
    days = serializers.IntegerField()
    threshold = serializers.FloatField()
    fewest = serializers.IntegerField(help_text="A side with fewer users or events is not compared")
    more = serializers.IntegerField(help_text="Groups beyond the 20 largest, which count among the rest alone")
    outcomes = FairnessOutcomeSerializer(many=True)
    metrics = FairnessMetricSerializer(many=True)
