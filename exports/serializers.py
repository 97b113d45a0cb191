from rest_framework import serializers

from exports.choices import ExportFormat, Profile
from exports.models import ExportBatch
from feedback.serializers.base import StrictSerializer


class ExportOptionsSerializer(StrictSerializer):
    profile = serializers.ChoiceField(Profile.choices, default=Profile.DEFAULT)


class ExportRequestSerializer(StrictSerializer):
    curated_set = serializers.IntegerField()
    format = serializers.ChoiceField(ExportFormat.choices)
    options = ExportOptionsSerializer(required=False)


class ExportAcceptedSerializer(serializers.ModelSerializer):
    class Meta:
        model = ExportBatch
        fields = ["id", "status"]


class ExportFileSerializer(serializers.Serializer):
    path = serializers.CharField()
    rows = serializers.IntegerField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()


class ExportSerializer(serializers.ModelSerializer):
    deployment_id = serializers.CharField(source="curated_set.deployment_id")
    options = serializers.DictField(child=serializers.CharField())
    files = ExportFileSerializer(many=True)
    excluded = serializers.DictField(
        child=serializers.IntegerField(), help_text="Number of excluded examples by reason."
    )
    requested_by = serializers.CharField(source="requested_by.username")
    requested_at = serializers.DateTimeField(source="created_at")
    approved_by = serializers.CharField(source="approved_by.username", default=None)
    files_deleted_by = serializers.CharField(source="files_deleted_by.username", default=None)

    class Meta:
        model = ExportBatch
        fields = [
            "id",
            "deployment_id",
            "curated_set",
            "format",
            "options",
            "status",
            "rows",
            "bytes",
            "sha256",
            "files",
            "excluded",
            "error",
            "requested_by",
            "requested_at",
            "approved_by",
            "approved_at",
            "published_at",
            "files_deleted_at",
            "files_deleted_by",
        ]
