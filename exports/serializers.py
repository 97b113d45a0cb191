from rest_framework import serializers

from exports.batches.downloads import DEFAULT_LINK_HOURS, MOST_LINK_HOURS
from exports.batches.encodings import FORMAT_CHOICES, PRODUCT_CHOICES
from exports.choices import Profile, Reasoning, Turns
from exports.models import ExportBatch, ExportDecision
from feedback.serializers.base import StrictSerializer


class ExportOptionsSerializer(StrictSerializer):
    product = serializers.ChoiceField(PRODUCT_CHOICES, required=False, help_text="What the format holds if absent.")
    profile = serializers.ChoiceField(Profile.choices, required=False)
    reasoning = serializers.ChoiceField(
        Reasoning.choices,
        required=False,
        help_text="Whether the reasoning of assistant messages is kept, and under which key.",
    )
    turns = serializers.ChoiceField(
        Turns.choices, required=False, help_text="Of `sft`: conversations, or prompts with the last turn to learn."
    )
    only_new = serializers.BooleanField(
        default=False, help_text="Leave out rows that left in a published export of the same product."
    )


class ExportRequestSerializer(StrictSerializer):
    curated_set = serializers.IntegerField()
    format = serializers.ChoiceField(FORMAT_CHOICES)
    options = ExportOptionsSerializer(required=False)


class ExportAcceptedSerializer(serializers.ModelSerializer):
    class Meta:
        model = ExportBatch
        fields = ["id", "status"]


class ExportRejectionSerializer(StrictSerializer):
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=10_000, default="", help_text="The reason; must not be empty."
    )


class ExportDecisionSerializer(serializers.ModelSerializer):
    by = serializers.CharField(source="by.username")

    class Meta:
        model = ExportDecision
        fields = ["action", "by", "at", "note"]


class PreviewRowsSerializer(serializers.Serializer):
    product = serializers.CharField(help_text="`examples` and `pairs` if the numbers are of the rows of the set.")
    split = serializers.CharField()
    rows = serializers.IntegerField()


class ExportPreviewSerializer(serializers.Serializer):
    rows = PreviewRowsSerializer(many=True)
    people = serializers.IntegerField(help_text="Users and editors of these rows.")
    deployments = serializers.ListField(child=serializers.CharField())
    masks = serializers.DictField(
        child=serializers.IntegerField(), allow_null=True, help_text="By kind; null if they are not counted."
    )
    first_at = serializers.DateTimeField(allow_null=True)
    last_at = serializers.DateTimeField(allow_null=True)
    excluded = serializers.DictField(child=serializers.IntegerField())
    note = serializers.CharField(help_text="What the numbers do not tell; may be empty.")


class LinkRequestSerializer(StrictSerializer):
    hours = serializers.IntegerField(
        default=DEFAULT_LINK_HOURS, min_value=1, max_value=MOST_LINK_HOURS, help_text="How long the link works."
    )


class LinkSerializer(serializers.Serializer):
    url = serializers.CharField()
    expires_at = serializers.DateTimeField()


class DownloadQuerySerializer(serializers.Serializer):
    token = serializers.CharField(required=False, help_text="Of a link: no key is needed.")


class ExportFileSerializer(serializers.Serializer):
    path = serializers.CharField()
    rows = serializers.IntegerField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()


class ExportSerializer(serializers.ModelSerializer):
    deployment_id = serializers.CharField(source="curated_set.deployment_id")
    options = serializers.DictField(child=serializers.JSONField())
    files = ExportFileSerializer(many=True)
    decisions = ExportDecisionSerializer(many=True)
    excluded = serializers.DictField(
        child=serializers.IntegerField(), help_text="Number of rows that are in no file, by reason."
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
            "product",
            "options",
            "status",
            "rows",
            "bytes",
            "sha256",
            "files",
            "excluded",
            "rows_done",
            "rows_total",
            "error",
            "requested_by",
            "requested_at",
            "approved_by",
            "approved_at",
            "decisions",
            "published_at",
            "files_deleted_at",
            "files_deleted_by",
        ]
