from rest_framework import serializers


class CuratedCountSerializer(serializers.Serializer):
    """Events that are accepted examples of sets that were not rejected; each counts once."""

    events = serializers.IntegerField()
    exported = serializers.IntegerField(help_text="Those that left in a published export.")
