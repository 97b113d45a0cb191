"""API schemas of prompts."""

from rest_framework import serializers

from feedback.choices import ChosenBy
from feedback.identifiers import PROMPT_LABEL
from feedback.models import Prompt, PromptVersion
from feedback.prompts import drafts
from feedback.serializers.base import StrictSerializer

_NOT_A_LABEL = {"invalid": f"Not allowed: {drafts.LABEL_FORM}"}


def _label() -> serializers.RegexField:
    return serializers.RegexField(rf"^{PROMPT_LABEL.pattern}$", error_messages=_NOT_A_LABEL)


class PromptMessageSerializer(serializers.Serializer):
    role = serializers.ChoiceField([(role, role) for role in drafts.ROLES])
    content = serializers.CharField(trim_whitespace=False, allow_blank=True)


class RotationPartSerializer(serializers.Serializer):
    version = serializers.CharField()
    weight = serializers.FloatField(help_text="In percent of the requests")


class PromptSerializer(serializers.ModelSerializer):
    deployment_id = serializers.CharField()
    rotation = RotationPartSerializer(many=True)

    class Meta:
        model = Prompt
        fields = [
            "deployment_id",
            "name",
            "description",
            "default_version",
            "rotation",
            "revision",
            "created_at",
        ]


class PromptVersionSerializer(serializers.ModelSerializer):
    version = serializers.CharField(source="label", help_text="What events name as prompt_version")
    text = serializers.CharField(allow_null=True, help_text="null where the version has messages")
    messages = PromptMessageSerializer(many=True, allow_null=True)
    variables = serializers.ListField(child=serializers.CharField())
    created_by = serializers.CharField(source="created_by.username")

    class Meta:
        model = PromptVersion
        fields = ["version", "text", "messages", "variables", "notes", "created_by", "created_at", "archived_at"]

    def to_representation(self, instance):
        shown = super().to_representation(instance)
        return shown if instance.messages is None else shown | {"text": None}


class PromptRevisionSerializer(serializers.Serializer):
    """What the prompt served from this revision on."""

    revision = serializers.IntegerField(source="number")
    default_version = serializers.CharField()
    rotation = RotationPartSerializer(many=True)
    chosen_by = serializers.CharField(source="chosen_by.username")
    chosen_at = serializers.DateTimeField()


class PromptDetailSerializer(PromptSerializer):
    versions = PromptVersionSerializer(many=True, help_text="Newest first")
    revisions = PromptRevisionSerializer(many=True, help_text="The newest 50, newest first")

    class Meta(PromptSerializer.Meta):
        fields = [*PromptSerializer.Meta.fields, "versions", "revisions"]


class PromptsQuerySerializer(serializers.Serializer):
    deployment_id = serializers.CharField(required=False, max_length=255, help_text="Those of one deployment")


class PromptQuerySerializer(StrictSerializer):
    deployment_id = serializers.CharField(
        required=False,
        max_length=255,
        help_text="Needed where several deployments of the key have a prompt of this name",
    )


class PromptVersionRequestSerializer(StrictSerializer):
    """A version with a text or with messages. Variables are declared, or else taken from the texts."""

    version = _label()
    text = serializers.CharField(required=False, trim_whitespace=False)
    messages = serializers.ListField(child=serializers.JSONField(), required=False)
    variables = serializers.ListField(child=serializers.CharField(max_length=64), required=False)
    notes = serializers.CharField(required=False, allow_blank=True, max_length=drafts.MOST_NOTES)

    def validate(self, attrs):
        return drafts.Draft(**attrs)


class RotationPartRequestSerializer(StrictSerializer):
    version = _label()
    weight = serializers.FloatField(required=False, help_text="In percent; all or none have one")


class PromptRequestSerializer(StrictSerializer):
    deployment_id = serializers.CharField(max_length=255)
    name = _label()
    description = serializers.CharField(required=False, allow_blank=True, max_length=drafts.MOST_DESCRIPTION)
    versions = PromptVersionRequestSerializer(many=True, required=False)
    default_version = serializers.CharField(
        required=False, allow_blank=True, max_length=64, help_text="Without it and a rotation, the first version"
    )
    rotation = RotationPartRequestSerializer(many=True, required=False)


class PromptChangeSerializer(StrictSerializer):
    """What is left out keeps its value."""

    revision = serializers.IntegerField(help_text="The one that was read; 409 if the prompt was changed since")
    description = serializers.CharField(required=False, allow_blank=True, max_length=drafts.MOST_DESCRIPTION)
    default_version = serializers.CharField(required=False, allow_blank=True, max_length=64)
    rotation = RotationPartRequestSerializer(many=True, required=False, help_text="[] ends it")


class ValuesField(serializers.DictField):
    """Values by variable: texts or numbers."""

    child = serializers.JSONField()

    def to_internal_value(self, data):
        values = super().to_internal_value(data)
        if wrong := [name for name, value in values.items() if not _is_value(value)]:
            raise serializers.ValidationError(dict.fromkeys(wrong, "A value is a text or a number."))
        return {name: str(value) for name, value in values.items()}


def _is_value(value) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    return str(value).isascii() or not any("\ud800" <= character <= "\udfff" for character in str(value))


class ResolveRequestSerializer(StrictSerializer):
    prompt_version = serializers.CharField(
        required=False,
        max_length=2_000,
        help_text="A version, or several with or without weights: v1,v2 or v1=70,v2=30",
    )
    subject = serializers.CharField(
        required=False,
        max_length=1_000,
        help_text="The user or session: gets the same version of a rotation every time. It is not stored",
    )
    variables = ValuesField(required=False, help_text="A value for each variable; without this they stay in the text")


class ResolveQuerySerializer(ResolveRequestSerializer, PromptQuerySerializer):
    variables = serializers.CharField(
        required=False,
        max_length=8_000,
        help_text="A JSON object with a value for each variable; without this they stay in the text",
    )


class ResolvedSerializer(serializers.Serializer):
    deployment_id = serializers.CharField(source="prompt.deployment_id")
    name = serializers.CharField(source="prompt.name")
    prompt_version = serializers.CharField(source="version.label", help_text="To be sent with the event")
    chosen_by = serializers.ChoiceField(ChosenBy.choices)
    text = serializers.CharField(allow_null=True)
    messages = PromptMessageSerializer(many=True, allow_null=True)
    variables = serializers.ListField(source="version.variables", child=serializers.CharField())
    filled = serializers.BooleanField(source="is_filled", help_text="Whether variables are replaced by values")
    archived = serializers.SerializerMethodField()
    revision = serializers.IntegerField(source="prompt.revision")

    def get_archived(self, resolved) -> bool:
        return resolved.version.archived_at is not None
