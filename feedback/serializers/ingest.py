from rest_framework import serializers

from feedback.serializers.base import ErrorSerializer


class RejectionSerializer(serializers.Serializer):
    index = serializers.IntegerField()
    id = serializers.CharField(allow_null=True)
    errors = ErrorSerializer(many=True)


class WarningSerializer(serializers.Serializer):
    index = serializers.IntegerField()
    id = serializers.UUIDField()
    field = serializers.CharField(help_text="Where in the item; '' for the whole item")
    code = serializers.CharField()
    message = serializers.CharField()


class ReceiptSerializer(serializers.Serializer):
    batch_id = serializers.UUIDField()
    accepted = serializers.IntegerField()
    duplicates = serializers.ListField(child=serializers.UUIDField())
    ids = serializers.ListField(child=serializers.UUIDField())
    rejected = RejectionSerializer(many=True, required=False)
    warnings = WarningSerializer(many=True, required=False)
    signals_batch_id = serializers.UUIDField(required=False, help_text="Of feedback events: the batch of their signals")


class BatchSerializer(serializers.Serializer):
    batch_id = serializers.UUIDField()
    accepted = serializers.IntegerField()
    stored = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    sampled_out = serializers.IntegerField()
    rejected = serializers.IntegerField()
    invalid = serializers.IntegerField()
    pending = serializers.IntegerField()
