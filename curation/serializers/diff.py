"""What differs between two versions of a set."""

from rest_framework import serializers

from curation.choices import ROW_KINDS, DiffChange
from curation.models import CuratedSet

MAX_ID = 2**63 - 1


class DiffQuerySerializer(serializers.Serializer):
    against = serializers.IntegerField(
        min_value=1,
        max_value=MAX_ID,
        required=False,
        help_text="The set to compare with, of the same deployment. Default: the parent.",
    )
    change = serializers.ChoiceField(DiffChange.choices, required=False, help_text="Only these rows.")
    offset = serializers.IntegerField(min_value=0, max_value=MAX_ID, default=0, help_text="Rows to skip.")
    limit = serializers.IntegerField(min_value=1, max_value=500, default=100, help_text="Rows at most.")


class DiffSetSerializer(serializers.ModelSerializer):
    semantic_version = serializers.CharField()

    class Meta:
        model = CuratedSet
        fields = ["id", "name", "version", "semantic_version", "status", "content_hash"]


class DiffCountsSerializer(serializers.Serializer):
    removed = serializers.IntegerField()
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()


class RowFiguresSerializer(serializers.Serializer):
    rows = serializers.IntegerField()
    labels = serializers.DictField(child=serializers.IntegerField(), help_text="Rows by strategy, or source of pairs.")
    decisions = serializers.DictField(
        child=serializers.IntegerField(), help_text='Rows by decision of a person, "" for none.'
    )
    model_versions = serializers.DictField(child=serializers.IntegerField())
    mean_characters = serializers.FloatField(
        allow_null=True, help_text="Of the answer, of pairs the chosen one; null without rows."
    )


class DiffRowSerializer(serializers.Serializer):
    change = serializers.ChoiceField(DiffChange.choices)
    kind = serializers.ChoiceField(ROW_KINDS)
    id = serializers.IntegerField(help_text="In this set, or in the other one if the row was removed.")
    event_ids = serializers.ListField(child=serializers.UUIDField())
    label = serializers.CharField()
    reason = serializers.CharField()
    sentence = serializers.CharField(help_text="The reason in words.")
    differing = serializers.ListField(
        source="fields", child=serializers.CharField(), help_text="Of a changed row: prompt, answer, tools, label."
    )


class DiffSerializer(serializers.Serializer):
    set = DiffSetSerializer()
    against = DiffSetSerializer()
    counts = serializers.DictField(child=DiffCountsSerializer(), help_text="By kind: example, pair.")
    reasons = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField()), help_text="Rows with each reason, by change."
    )
    before = serializers.DictField(child=RowFiguresSerializer(), help_text="What the other set releases, by kind.")
    after = serializers.DictField(child=RowFiguresSerializer(), help_text="What this set releases, by kind.")
    rows = DiffRowSerializer(many=True)
    total = serializers.IntegerField(help_text="Rows that differ, all pages together.")
    next_offset = serializers.IntegerField(allow_null=True)
