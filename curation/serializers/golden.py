"""Golden sets, their rows and uses, and the request that marks rows."""

from rest_framework import serializers

from curation.models import GoldenRow, GoldenSet, GoldenUse
from curation.models.golden import MAX_GOLDEN_NAME_CHARACTERS
from curation.serializers.decisions import OfRowsSerializer
from feedback.serializers.base import StrictSerializer


class MarkRowsSerializer(OfRowsSerializer):
    golden_set = serializers.CharField(
        max_length=MAX_GOLDEN_NAME_CHARACTERS, help_text="The name of the golden set; a new name makes a new set."
    )


class MarkedRowsSerializer(serializers.Serializer):
    dry_run = serializers.BooleanField()
    count = serializers.IntegerField(help_text="How many rows are marked, or would be: those with a person's answer.")
    golden_set = serializers.IntegerField(allow_null=True, help_text="The id of the golden set; null of a dry run.")


class GoldenSetSerializer(serializers.ModelSerializer):
    deployment_id = serializers.CharField()
    rows = serializers.IntegerField(source="row_count")
    uses = serializers.IntegerField(source="use_count", help_text="Evaluations with this set.")
    created_by = serializers.CharField(source="created_by.username")

    class Meta:
        model = GoldenSet
        fields = ["id", "deployment_id", "name", "rows", "uses", "created_by", "created_at"]


class GoldenRowSerializer(serializers.ModelSerializer):
    class Meta:
        model = GoldenRow
        fields = [
            "id",
            "event_id",
            "prompt",
            "messages",
            "tools",
            "reference",
            "author",
            "model_version_id",
            "uses",
            "marked_at",
        ]


class GoldenUseRequestSerializer(StrictSerializer):
    name = serializers.CharField(
        max_length=255, help_text="Of the evaluation, such as a run of a model. The same name counts once."
    )


class GoldenUseSerializer(serializers.ModelSerializer):
    by = serializers.CharField(source="by.username")

    class Meta:
        model = GoldenUse
        fields = ["name", "rows", "by", "at"]
