"""Serializers of trigger settings, evaluations and firings."""

from rest_framework import serializers

from drift.choices import FiringState, IntervalOf, QualityArm, TriggerName
from drift.models import TriggerEvaluation, TriggerFiring
from feedback.serializers.base import StrictSerializer


class ArmIntervalSerializer(serializers.Serializer):
    """Where the mean of the checks, approval or its fall lies at this level; null for an end that decides nothing."""

    of = serializers.ChoiceField(IntervalOf.choices)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    level = serializers.FloatField()


class ArmSerializer(serializers.Serializer):
    """One condition of quality_drop: the checks, approval below a threshold, or a fall of approval."""

    name = serializers.ChoiceField(QualityArm.choices)
    outcome = serializers.ChoiceField(["fired", "quiet", "no_data", "off"])
    value = serializers.FloatField(allow_null=True)
    threshold = serializers.FloatField(allow_null=True)
    interval = ArmIntervalSerializer(allow_null=True, default=None)
    events = serializers.IntegerField()
    users = serializers.IntegerField(allow_null=True)
    audits = serializers.IntegerField(default=0, help_text="Answered audits that take the place of votes")
    reason = serializers.CharField()


class TriggerDetailsSerializer(serializers.Serializer):
    arms = ArmSerializer(many=True, required=False)


class TriggerEvaluationSerializer(serializers.ModelSerializer):
    details = TriggerDetailsSerializer(help_text="Of quality_drop: each of its conditions")
    asked_by = serializers.CharField(allow_null=True, source="asked_by.username", default=None)

    class Meta:
        model = TriggerEvaluation
        fields = [
            "id",
            "name",
            "fired",
            "value",
            "threshold",
            "reason",
            "details",
            "outcome",
            "source",
            "asked_by",
            "report",
            "created_at",
        ]


class TriggersSerializer(serializers.Serializer):
    triggers = TriggerEvaluationSerializer(many=True)


class TriggerRuleSerializer(serializers.Serializer):
    """The settings in effect; `own` holds the overrides of this deployment, null for defaults."""

    class OwnSerializer(serializers.Serializer):
        enabled = serializers.BooleanField(source="is_enabled", allow_null=True)
        threshold = serializers.FloatField(allow_null=True)
        cooldown_seconds = serializers.IntegerField(allow_null=True)
        feedback_threshold = serializers.FloatField(allow_null=True)
        feedback_drop = serializers.BooleanField(allow_null=True)
        quality_source = serializers.CharField(allow_null=True)

    name = serializers.ChoiceField(TriggerName.choices)
    enabled = serializers.BooleanField(source="is_enabled")
    threshold = serializers.FloatField()
    cooldown_seconds = serializers.IntegerField()
    feedback_threshold = serializers.FloatField(
        allow_null=True, help_text="Of quality_drop: it also fires if approval is surely below this; null: it does not"
    )
    feedback_drop = serializers.BooleanField(
        allow_null=True, help_text="Of quality_drop: whether it also fires if approval has surely fallen"
    )
    quality_source = serializers.CharField(
        help_text="Of quality_drop: whose rolling mean is compared with the threshold, `checks` or `judge:NAME`"
    )
    own = OwnSerializer(source="row")
    last_fired_at = serializers.DateTimeField(source="row.last_fired_at", allow_null=True)


class SuggestionSerializer(serializers.Serializer):
    """A value from the votes of the last `days`, null without enough of them; `level` is that of `low` to `high`."""

    value = serializers.FloatField(allow_null=True)
    approval = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    level = serializers.FloatField()
    events = serializers.IntegerField()
    users = serializers.IntegerField()
    days = serializers.IntegerField()
    reason = serializers.CharField()


class TriggerRulesSerializer(serializers.Serializer):
    triggers = TriggerRuleSerializer(many=True)
    suggested_feedback_threshold = SuggestionSerializer(
        help_text="For `feedback_threshold` of quality_drop, from the deployment's own history"
    )


class ThresholdField(serializers.FloatField):
    """A number; rejects true and false, which Python converts to 1 and 0."""

    def to_internal_value(self, data):
        if isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class TriggerRuleChangeSerializer(StrictSerializer):
    """Omitted fields keep their values; null resets a field to its default."""

    enabled = serializers.BooleanField(source="is_enabled", allow_null=True, required=False)
    threshold = ThresholdField(allow_null=True, required=False)
    cooldown_seconds = serializers.IntegerField(allow_null=True, required=False)
    feedback_threshold = ThresholdField(allow_null=True, required=False)
    feedback_drop = serializers.BooleanField(allow_null=True, required=False)
    quality_source = serializers.CharField(allow_null=True, required=False, max_length=64)


class TriggerRulesChangeSerializer(StrictSerializer):
    """Changes by trigger name."""

    drift_threshold = TriggerRuleChangeSerializer(required=False)
    quality_drop = TriggerRuleChangeSerializer(required=False)
    data_count = TriggerRuleChangeSerializer(required=False)
    scheduled = TriggerRuleChangeSerializer(required=False)


class TriggerFiringSerializer(serializers.ModelSerializer):
    value = serializers.FloatField(source="evaluation.value", allow_null=True)
    threshold = serializers.FloatField(source="evaluation.threshold")
    reason = serializers.CharField(source="evaluation.reason")
    settled_by = serializers.CharField(allow_null=True, source="settled_by.username", default=None)

    class Meta:
        model = TriggerFiring
        fields = [
            "id",
            "deployment_id",
            "name",
            "state",
            "value",
            "threshold",
            "reason",
            "fired_at",
            "settled_by",
            "settled_at",
        ]


class FiringQuerySerializer(serializers.Serializer):
    state = serializers.ChoiceField(FiringState.choices, required=False)
