import json

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from feedback import conversations
from feedback.conversations.reading import read, read_response
from feedback.ingestion.item_types import MAX_TEXT_CHARACTERS
from feedback.quality.profiles import NAMES
from feedback.serializers.base import StrictSerializer
from feedback.tools import sets

_TEXT = serializers.CharField(max_length=MAX_TEXT_CHARACTERS, allow_blank=True, trim_whitespace=False)
_STRUCTURE = {"type": "object", "additionalProperties": True}
# The plainest form of each; the other dialects are read as well.
_CONTENT = {"type": "string", "nullable": True}
_MESSAGE = {"properties": {"role": {"enum": ["assistant"]}, "content": _CONTENT}, "required": ["role", "content"]}
_TURN = {"properties": {"role": {"enum": ["user", "assistant"]}, "content": _CONTENT}, "required": ["role", "content"]}
_PART = {"properties": {"type": {"enum": ["text"]}, "text": {"type": "string"}}, "required": ["type", "text"]}
_NAME = {"type": "string", "pattern": r"^[A-Za-z0-9_-]{1,64}$"}
_TOOL = {"properties": {"name": _NAME, "input_schema": _STRUCTURE}, "required": ["name"]}
_PARTS = {"type": "array", "items": _STRUCTURE | _PART, "minItems": 1}
_TEXT_OR_MESSAGE = {"oneOf": [{"type": "string"}, _STRUCTURE | _MESSAGE, _PARTS]}


@extend_schema_field(_TEXT_OR_MESSAGE)
class ResponseField(serializers.Field):
    """An answer as text, or as a whole message or its parts in any dialect of conversations."""

    def to_internal_value(self, data):
        if not isinstance(data, dict | list):
            return _TEXT.run_validation(data)
        return _parsed(lambda: read_response(_json(data)))

    def to_representation(self, value):
        return value


@extend_schema_field({"type": "array", "items": _STRUCTURE | _TURN, "minItems": 1})
class MessagesField(serializers.Field):
    """A conversation in any dialect; its last message is judged if it is the assistant's."""

    def to_internal_value(self, data):
        return _parsed(lambda: read(_json(data))).messages

    def to_representation(self, value):
        return value


@extend_schema_field({"type": "array", "items": _STRUCTURE | _TOOL})
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
        default="",
        help_text="No check reads it.",
    )
    response = ResponseField(help_text="May be left out beside messages that end with the assistant's.")
    messages = MessagesField(required=False, allow_null=True)
    tools = ToolsField(required=False, allow_null=True)
    tool_choice = JsonTextField(required=False, allow_null=True)
    response_format = JsonTextField(required=False, allow_null=True)
    finish_reason = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=255)
    profile = serializers.ChoiceField(NAMES, required=False, help_text="Default: default")
    deployment_id = serializers.CharField(
        required=False, max_length=255, help_text="Whose profile scores the response, in place of profile"
    )

    def to_internal_value(self, data):
        is_implied = isinstance(data, dict) and bool(data.get("messages"))
        return super().to_internal_value({"response": "", **data} if is_implied else data)

    def validate(self, attrs):
        if "deployment_id" in attrs and "profile" in attrs:
            raise serializers.ValidationError({"profile": ["Give profile or deployment_id, not both."]}, "invalid")
        messages = attrs.pop("messages", None)
        if "response" in self.initial_data:
            return attrs
        if messages[-1].role != "assistant":
            raise serializers.ValidationError({"response": ["This field is required."]}, "required")
        return attrs | {"response": messages[-1]}


class CheckSerializer(serializers.Serializer):
    name = serializers.CharField()
    score = serializers.FloatField()
    passed = serializers.BooleanField()
    details = serializers.DictField()
    version = serializers.CharField()


class CapSerializer(serializers.Serializer):
    name = serializers.CharField()
    at = serializers.FloatField(help_text="The most that any check counts in the total.")


class FailedSerializer(serializers.Serializer):
    check_name = serializers.CharField(source="check")
    reason = serializers.CharField()


class AssessmentSerializer(serializers.Serializer):
    profile = serializers.CharField()
    version = serializers.CharField(help_text="Version of the profile.")
    score = serializers.FloatField()
    checks = CheckSerializer(many=True, help_text="The checks that apply.")
    caps = CapSerializer(many=True)
    failures = FailedSerializer(many=True, help_text="Own checks that gave no result.")


def _json(data):
    return json.dumps(data).encode()


def _parsed(parse):
    try:
        return parse()
    except (conversations.ConversationError, sets.ToolsError) as error:
        raise serializers.ValidationError(str(error), error.code) from error
