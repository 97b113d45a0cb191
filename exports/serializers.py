from datetime import UTC

from rest_framework import serializers

from curation.choices import Split, Strategy
from curation.serializers.requests import MAX_EVENT_IDS
from exports.batches.downloads import DEFAULT_LINK_HOURS, MOST_LINK_HOURS
from exports.batches.encodings import FORMAT_CHOICES, PRODUCT_CHOICES
from exports.batches.paths import MAX_CHARACTERS
from exports.choices import Profile, Reasoning, Turns
from exports.models import ExportBatch, ExportDecision
from feedback.serializers.base import StrictSerializer


class ExportFiltersSerializer(StrictSerializer):
    """Which rows of the set the export holds. `from` is inclusive, `to` exclusive."""

    sources = serializers.ListField(
        child=serializers.ChoiceField(Strategy.choices),
        allow_empty=False,
        required=False,
        help_text="Strategies. Of examples.",
    )
    splits = serializers.ListField(child=serializers.ChoiceField(Split.choices), allow_empty=False, required=False)
    model_version_id = serializers.CharField(max_length=255, required=False, help_text="Of a pair: the chosen answer's")
    min_score = serializers.FloatField(required=False, help_text="Of examples.")
    min_p_good = serializers.FloatField(min_value=0, max_value=1, required=False, help_text="Of examples.")
    max_p_good = serializers.FloatField(min_value=0, max_value=1, required=False, help_text="Of examples.")
    min_users = serializers.IntegerField(min_value=1, required=False, help_text="Of examples: users with evidence.")
    event_ids = serializers.ListField(child=serializers.UUIDField(), max_length=MAX_EVENT_IDS, required=False)

    def get_fields(self):
        moments = {name: serializers.DateTimeField(required=False, default_timezone=UTC) for name in ("from", "to")}
        return {**super().get_fields(), **moments}

    def to_internal_value(self, data):
        """As it is stored: times and ids as text."""
        values = dict(super().to_internal_value(data))
        for name in ("from", "to"):
            if name in values:
                values[name] = values[name].isoformat()
        if "event_ids" in values:
            values["event_ids"] = list(dict.fromkeys(map(str, values["event_ids"])))
        return values


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
    filters = ExportFiltersSerializer(required=False)
    output_path = serializers.CharField(
        max_length=MAX_CHARACTERS, required=False, help_text="Where the files will be, below EXPORT_URL."
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
