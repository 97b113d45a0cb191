"""Request and response bodies of judging offline."""

from rest_framework import serializers

from feedback.judging.offline.exporting import DEFAULT_JUDGE, MOST_EVENTS
from feedback.serializers.base import StrictSerializer


class JudgementsExportSerializer(StrictSerializer):
    rubric = serializers.CharField(max_length=64, help_text="Name and version, as in `tip-v1`.")
    sample = serializers.IntegerField(
        min_value=1, max_value=MOST_EVENTS, default=100, help_text="How many events, waiting ones first."
    )
    judge = serializers.RegexField(
        r"^[a-z0-9_.-]{1,58}$",
        default=DEFAULT_JUDGE,
        help_text="Under which name the scores are stored: a judge without endpoints, which is added if there is none.",
    )


class ApplyQuerySerializer(serializers.Serializer):
    replace = serializers.BooleanField(
        default=False, help_text="Whether other answers take the place of those that were applied before."
    )


class FilledLineSerializer(serializers.Serializer):
    judgement_id = serializers.IntegerField()
    event_id = serializers.UUIDField()
    answers = serializers.DictField(
        allow_null=True, required=False, help_text="By criterion a number, by flag true or false. null: not scored yet."
    )
    rubric = serializers.CharField(required=False, help_text="If it is there, it must be that of the judgement.")
    rationale = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    model = serializers.CharField(required=False, allow_blank=True, max_length=255, help_text="Who or what scored.")


class FilledLinesSerializer(serializers.Serializer):
    judgements = FilledLineSerializer(many=True)


class RejectedLineSerializer(serializers.Serializer):
    index = serializers.IntegerField(help_text="From 0; the header of a file is item 0.")
    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class AppliedLinesSerializer(serializers.Serializer):
    applied = serializers.IntegerField()
    replaced = serializers.IntegerField()
    unchanged = serializers.IntegerField(help_text="Lines that were applied before.")
    unanswered = serializers.IntegerField(help_text="Lines without answers, which stay pending.")
    rejected = RejectedLineSerializer(many=True)
