"""API schemas of tools that got another name."""

from rest_framework import serializers

from feedback.choices import RenameStatus
from feedback.models import ToolRename
from feedback.serializers.base import StrictSerializer


class ResultKeySerializer(serializers.Serializer):
    name = serializers.CharField()
    share = serializers.FloatField(help_text="Of the results, 0 to 1")


class ArgumentSerializer(serializers.Serializer):
    name = serializers.CharField()
    share = serializers.FloatField(help_text="Of the calls, 0 to 1; of a declared one that is not required, 0.5")
    kind = serializers.CharField(help_text="Its most frequent kind, such as date, integer or word")


class ToolShapeSerializer(serializers.Serializer):
    """What the calls of a tool look like, without values."""

    calls = serializers.IntegerField(help_text="0: it was declared and not called")
    arguments = ArgumentSerializer(many=True)
    results = ResultKeySerializer(many=True)


class ToolRenameSerializer(serializers.ModelSerializer):
    similarity = serializers.FloatField(help_text="0 to 1")
    evidence = serializers.DictField(
        child=serializers.FloatField(), help_text="The similarity of kinds, arguments, results and names, 0 to 1"
    )
    old_shape = ToolShapeSerializer()
    new_shape = ToolShapeSerializer()
    decided_by = serializers.CharField(source="decided_by.username", default=None, allow_null=True)

    class Meta:
        model = ToolRename
        fields = [
            "id",
            "deployment_id",
            "old_name",
            "new_name",
            "similarity",
            "evidence",
            "old_shape",
            "new_shape",
            "status",
            "proposed_at",
            "decided_by",
            "decided_at",
        ]


class ToolRenamesQuerySerializer(serializers.Serializer):
    status = serializers.ChoiceField(RenameStatus.choices, required=False)


class ProposeToolRenamesSerializer(StrictSerializer):
    """Two periods, or two lists of tools by their `tools_hash`."""

    since = serializers.DateTimeField(
        required=False,
        help_text="When the new names began. Default: when the newest list without a tool of the list before was first "
        "seen, or else seven days ago",
    )
    until = serializers.DateTimeField(required=False, help_text="When the old names ended. Default: since")
    old_list = serializers.CharField(max_length=64, required=False)
    new_list = serializers.CharField(max_length=64, required=False)


class ProposingSerializer(serializers.Serializer):
    deployment_id = serializers.CharField()
