import json

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from feedback import conversations
from feedback.conversations.reading import read, read_response
from feedback.ingestion.items import MAX_TEXT_CHARACTERS
from feedback.quality.profiles import PROFILES
from feedback.serializers.base import StrictSerializer
from feedback.tools import sets

_TEXT = serializers.CharField(max_length=MAX_TEXT_CHARACTERS, allow_blank=True, trim_whitespace=False)
_STRUCTURE = {"type": "object", "additionalProperties": True}
_TEXT_OR_MESSAGE = {"oneOf": [{"type": "string"}, _STRUCTURE, {"type": "array", "items": _STRUCTURE}]}


@extend_schema_field(_TEXT_OR_MESSAGE)
class ResponseField(serializers.Field):
    """An answer as text, or as a whole message or its parts in any dialect of conversations."""

    def to_internal_value(self, data):
        if not isinstance(data, dict | list):
            return _TEXT.run_validation(data)
        return _parsed(lambda: read_response(_json(data)))

    def to_representation(self, value):
        return value


@extend_schema_field({"type": "array", "items": _STRUCTURE})
class MessagesField(serializers.Field):
    """A conversation in any dialect; its last message is judged if it is the assistant's."""

    def to_internal_value(self, data):
        return _parsed(lambda: read(_json(data))).messages

    def to_representation(self, value):
        return value


@extend_schema_field({"type": "array", "items": _STRUCTURE})
class ToolsField(serializers.Field):
    """Tools in the form of OpenAI or Anthropic, as the text in which they are stored."""

    def to_internal_value(self, data):
        return _parsed(lambda: sets.encode(sets.read(_json(data))))

    def to_representation(self, value):
        return value


@extend_schema_field({"oneOf": [{"type": "string"}, _STRUCTURE]})
class JsonTextField(serializers.Field):
    """A word or an object, as JSON text."""

    def to_internal_value(self, data):
        if not isinstance(data, str | dict):
            raise serializers.ValidationError("Expected text or an object.", "invalid")
        return json.dumps(data)

    def to_representation(self, value):
        return value


class AssessRequestSerializer(StrictSerializer):
    prompt = serializers.CharField(
        max_length=MAX_TEXT_CHARACTERS,
        allow_blank=True,
        trim_whitespace=False,
        required=False,
        help_text="Required unless messages are sent.",
    )
    response = ResponseField(
        required=False, help_text="Required unless messages are sent that end with the assistant's."
    )
    messages = MessagesField(required=False, allow_null=True)
    tools = ToolsField(required=False, allow_null=True)
    tool_choice = JsonTextField(required=False, allow_null=True)
    response_format = JsonTextField(required=False, allow_null=True)
    finish_reason = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=255)
    profile = serializers.ChoiceField(tuple(PROFILES), default="default")

    def validate(self, attrs):
        messages = attrs.pop("messages", None) or []
        if messages and messages[-1].role == "assistant":
            attrs.setdefault("response", messages[-1])
        if messages:
            attrs.setdefault("prompt", "")
        missing = [name for name in ("prompt", "response") if name not in attrs]
        if missing:
            required = serializers.ErrorDetail("This field is required.", "required")
            raise serializers.ValidationError({name: [required] for name in missing})
        return attrs


class CheckSerializer(serializers.Serializer):
    name = serializers.CharField()
    score = serializers.FloatField()
    passed = serializers.BooleanField()
    details = serializers.DictField()
    version = serializers.CharField()


class CapSerializer(serializers.Serializer):
    name = serializers.CharField()
    at = serializers.FloatField(help_text="The most that any check counts in the total.")


class AssessmentSerializer(serializers.Serializer):
    profile = serializers.CharField()
    version = serializers.CharField(help_text="Version of the profile.")
    score = serializers.FloatField()
    checks = CheckSerializer(many=True, help_text="The checks that apply.")
    caps = CapSerializer(many=True)


def _json(data):
    return json.dumps(data).encode()


def _parsed(parse):
    try:
        return parse()
    except (conversations.ConversationError, sets.ToolsError) as error:
        raise serializers.ValidationError(str(error), error.code) from error
