from rest_framework import serializers

from curation.choices import MAX_NAME_CHARACTERS
from curation.models import EvaluationSet
from feedback.serializers.base import StrictSerializer

MAX_COLUMNS = 10


class EvaluationSetRequestSerializer(StrictSerializer):
    name = serializers.CharField(max_length=MAX_NAME_CHARACTERS)
    file = serializers.FileField(help_text="JSON Lines, JSON, CSV or Parquet; all but Parquet also gzipped.")
    column = serializers.ListField(
        child=serializers.CharField(max_length=255),
        max_length=MAX_COLUMNS,
        default=list,
        help_text="Column of the texts; may be repeated. Default: the first usual one, such as prompt or question.",
    )


class EvaluationSetSerializer(serializers.ModelSerializer):
    created_by = serializers.CharField(source="created_by.username", default=None)

    class Meta:
        model = EvaluationSet
        fields = [
            "id",
            "name",
            "source",
            "columns",
            "rows",
            "rows_skipped",
            "texts",
            "grams",
            "content_hash",
            "created_by",
            "created_at",
        ]
