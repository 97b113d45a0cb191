"""API schemas of the profile that scores a deployment's answers."""

from rest_framework import serializers

from feedback.quality.profiles import NAMES
from feedback.serializers.base import StrictSerializer

_MOST_NAMES, _NAME_CHARACTERS = 100, 64


class QualityProfileRequestSerializer(StrictSerializer):
    """Fields that are left out take the default, so an empty object is the default profile."""

    base = serializers.ChoiceField(NAMES, default="default")
    weights = serializers.DictField(
        child=serializers.FloatField(),
        default=dict,
        help_text="Weights from 0 to 100 by check, where they differ from the base; an own check runs if it has one",
    )
    excluded = serializers.ListField(
        child=serializers.CharField(max_length=_NAME_CHARACTERS),
        max_length=_MOST_NAMES,
        default=list,
        help_text="Checks of the base that do not run",
    )
    ignored_caps = serializers.ListField(
        child=serializers.CharField(max_length=_NAME_CHARACTERS),
        max_length=_MOST_NAMES,
        default=list,
        help_text="Caps of the base without effect",
    )
    min_length = serializers.IntegerField(
        allow_null=True, default=None, help_text="null: QUALITY_MIN_LENGTH of the installation"
    )
    max_length = serializers.IntegerField(
        allow_null=True, default=None, help_text="null: QUALITY_MAX_LENGTH of the installation"
    )


class ProfileCheckSerializer(serializers.Serializer):
    name = serializers.CharField()
    version = serializers.CharField()
    own = serializers.BooleanField(source="is_own", help_text="Whether QUALITY_CHECKS names it")
    runs = serializers.BooleanField()
    weight = serializers.FloatField(allow_null=True, help_text="null: it does not run")
    default_weight = serializers.FloatField(allow_null=True, help_text="In the base; null: the base lacks it")


class ProfileCapSerializer(serializers.Serializer):
    name = serializers.CharField()
    check_name = serializers.CharField(source="check")
    at = serializers.FloatField()
    applies = serializers.BooleanField()


class CheckFailureSerializer(serializers.Serializer):
    check_name = serializers.CharField()
    reason = serializers.CharField()
    n = serializers.IntegerField(source="total")
    last_at = serializers.DateTimeField(source="newest")


class FormerProfileSerializer(serializers.Serializer):
    version = serializers.CharField()
    chosen_by = serializers.CharField()
    chosen_at = serializers.DateTimeField()


class QualityProfileSerializer(serializers.Serializer):
    base = serializers.CharField(source="choice.base")
    weights = serializers.DictField(source="choice.weights", child=serializers.FloatField())
    excluded = serializers.ListField(source="choice.excluded", child=serializers.CharField())
    ignored_caps = serializers.ListField(source="choice.ignored_caps", child=serializers.CharField())
    min_length = serializers.IntegerField(source="choice.min_length", allow_null=True)
    max_length = serializers.IntegerField(source="choice.max_length", allow_null=True)
    version = serializers.CharField(help_text="What scores say that this profile gives")
    is_default = serializers.BooleanField()
    lower_bound = serializers.IntegerField(help_text="min_length, or that of the installation")
    upper_bound = serializers.IntegerField(help_text="max_length, or that of the installation")
    checks = ProfileCheckSerializer(many=True)
    caps = ProfileCapSerializer(many=True)
    failures = CheckFailureSerializer(many=True, help_text="Own checks without a result in the last 7 days")
    history = FormerProfileSerializer(many=True, help_text="The newest choices first")
