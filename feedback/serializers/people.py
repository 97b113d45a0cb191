"""Bodies that name a user by the id that clients send."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from feedback.serializers.base import StrictSerializer

MAX_PERSON_CHARACTERS = 1_000


@extend_schema_field(
    {"oneOf": [{"type": "string", "minLength": 1, "maxLength": MAX_PERSON_CHARACTERS}, {"type": "integer"}]}
)
class PersonField(serializers.Field):
    """A user's id as in events and signals: a string or an integer."""

    default_error_messages = {
        "invalid": f"user_id must be a string of 1 to {MAX_PERSON_CHARACTERS:,} characters or an integer."
    }

    def to_internal_value(self, data):
        is_number = isinstance(data, int) and not isinstance(data, bool)
        if not is_number and not (isinstance(data, str) and 1 <= len(data) <= MAX_PERSON_CHARACTERS):
            self.fail("invalid")
        return data


class TrainingObjectionRequestSerializer(StrictSerializer):
    user_id = PersonField()


class TrainingAllowedSerializer(serializers.Serializer):
    training_allowed = serializers.BooleanField(help_text="Whether the user's data may be used for training.")
