from rest_framework import serializers

from feedback.ingestion.items import MAX_TEXT_CHARACTERS
from feedback.quality.profiles import PROFILES
from feedback.serializers.base import StrictSerializer


class AssessRequestSerializer(StrictSerializer):
    prompt = serializers.CharField(max_length=MAX_TEXT_CHARACTERS, allow_blank=True, trim_whitespace=False)
    response = serializers.CharField(max_length=MAX_TEXT_CHARACTERS, allow_blank=True, trim_whitespace=False)
    profile = serializers.ChoiceField(tuple(PROFILES), default="default")


class CheckSerializer(serializers.Serializer):
    name = serializers.CharField()
    score = serializers.FloatField()
    passed = serializers.BooleanField()
    details = serializers.DictField()
    version = serializers.CharField()


class CapSerializer(serializers.Serializer):
    name = serializers.CharField()
    at = serializers.FloatField(help_text="The most that any check counts in the total.")


class AssessmentSerializer(serializers.Serializer):
    profile = serializers.CharField()
    version = serializers.CharField(help_text="Version of the profile.")
    score = serializers.FloatField()
    checks = CheckSerializer(many=True)
    caps = CapSerializer(many=True)
