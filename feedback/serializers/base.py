from rest_framework import serializers

from feedback.field_errors import printable


class StrictSerializer(serializers.Serializer):
    """A body in which an unknown field is an error."""

    def to_internal_value(self, data):
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError(
                {
                    name: serializers.ErrorDetail(f"{name} is not a field of this resource", "unknown_field")
                    for name in map(printable, unknown)
                }
            )
        return super().to_internal_value(data)


class ErrorSerializer(serializers.Serializer):
    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class ErrorsSerializer(serializers.Serializer):
    errors = ErrorSerializer(many=True)
