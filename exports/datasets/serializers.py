"""API shapes of data sets by reference."""

from django.urls import reverse
from rest_framework import serializers

from curation.choices import Split
from exports.models import ExportBatch


class DatasetRefSerializer(serializers.Serializer):
    """DatasetRef of the Crucible IR. Other keys are ignored."""

    name = serializers.CharField(help_text="DEPLOYMENT/SET, or the name of a set with deployment_id in options")
    provider = serializers.CharField(help_text="crucible_feedback")
    split = serializers.ChoiceField(Split.choices, required=False, allow_null=True, help_text="null: all")
    options = serializers.DictField(required=False, allow_null=True)
    version = serializers.CharField(required=False, allow_null=True, help_text="x.y.z; null: the newest approved one")
    format = serializers.CharField(required=False, allow_null=True, help_text="Lists the exports of this format alone")
    schema = serializers.DictField(required=False, allow_null=True)


class DatasetExportSerializer(serializers.ModelSerializer):
    product = serializers.CharField(help_text="'' for all that the format can hold")
    download = serializers.SerializerMethodField(help_text="Where a key with the scope read gets the files")

    class Meta:
        model = ExportBatch
        fields = ["id", "format", "product", "rows", "bytes", "sha256", "published_at", "download"]

    def get_download(self, batch) -> str:
        return self.context["request"].build_absolute_uri(reverse("download-export", args=[batch.pk]))


class ResolvedDatasetSerializer(serializers.Serializer):
    """The set that a DatasetRef names."""

    ref = DatasetRefSerializer(help_text="With deployment and version: always names the same rows")
    curated_set = serializers.IntegerField(source="curated_set.pk")
    deployment_id = serializers.CharField(source="curated_set.deployment_id")
    name = serializers.CharField(source="curated_set.name")
    version = serializers.CharField(source="curated_set.semantic_version")
    status = serializers.CharField(source="curated_set.status")
    content_hash = serializers.CharField(source="curated_set.content_hash")
    sealed_hash = serializers.CharField(source="curated_set.sealed_hash")
    rows = serializers.IntegerField(help_text="Accepted examples of the split")
    rows_by_split = serializers.DictField(child=serializers.IntegerField())
    exports = DatasetExportSerializer(many=True)
