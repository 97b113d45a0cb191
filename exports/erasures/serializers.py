"""Request and response bodies of erasures."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from curation.choices import CuratedSetStatus
from exports.choices import ExportFormat, ExportStatus
from exports.models import Erasure
from exports.serializers import ExportFileSerializer
from feedback.serializers.base import StrictSerializer
from feedback.serializers.people import PersonField


class ErasureRequestSerializer(StrictSerializer):
    user_id = PersonField()


class BlankedSetSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="curated_set.pk")
    deployment_id = serializers.CharField(source="curated_set.deployment_id")
    name = serializers.CharField(source="curated_set.name")
    version = serializers.IntegerField(source="curated_set.version")
    semantic_version = serializers.CharField(source="curated_set.semantic_version")
    status = serializers.ChoiceField(CuratedSetStatus.choices, source="curated_set.status")
    examples = serializers.IntegerField(
        source="rows", help_text="Examples, rows of the queue and pairs of this user that were blanked."
    )


class AffectedExportSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    curated_set = serializers.IntegerField(source="curated_set_id")
    format = serializers.ChoiceField(ExportFormat.choices)
    status = serializers.ChoiceField(ExportStatus.choices)
    files = ExportFileSerializer(many=True)
    files_deleted_at = serializers.DateTimeField(help_text="When the files were deleted; null while they exist.")


class ErasureSerializer(serializers.ModelSerializer):
    """An erasure with its `results`, passed in the context."""

    requested_by = serializers.CharField(source="requested_by.username")
    requested_at = serializers.DateTimeField(source="created_at")
    rows_blanked = serializers.SerializerMethodField(help_text="Rows of decided sets that were blanked.")
    sets = serializers.SerializerMethodField(help_text="Decided sets with rows that were blanked.")
    exports = serializers.SerializerMethodField(help_text="Exports whose files held these rows.")
    next_steps = serializers.SerializerMethodField(help_text="Remaining manual steps; empty if there are none.")

    class Meta:
        model = Erasure
        fields = [
            "id",
            "status",
            "events",
            "signals",
            "rejected_items",
            "examples",
            "rows_blanked",
            "sets",
            "exports",
            "next_steps",
            "error",
            "requested_by",
            "requested_at",
            "completed_at",
        ]

    def get_rows_blanked(self, erasure) -> int:
        return self.context["results"].rows_blanked

    @extend_schema_field(BlankedSetSerializer(many=True))
    def get_sets(self, erasure):
        return BlankedSetSerializer(self.context["results"].sets, many=True).data

    @extend_schema_field(AffectedExportSerializer(many=True))
    def get_exports(self, erasure):
        return AffectedExportSerializer(self.context["results"].exports, many=True).data

    def get_next_steps(self, erasure) -> str:
        return self.context["results"].next_steps
