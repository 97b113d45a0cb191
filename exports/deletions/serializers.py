"""Response bodies of deletions of deployments."""

from rest_framework import serializers

from exports.models import DeploymentDeletion


class DeploymentDeletionSerializer(serializers.ModelSerializer):
    requested_by = serializers.CharField(source="requested_by.username")
    requested_at = serializers.DateTimeField(source="created_at")

    class Meta:
        model = DeploymentDeletion
        fields = [
            "id",
            "deployment_id",
            "status",
            "events",
            "signals",
            "sets",
            "records",
            "kept_sets",
            "error",
            "requested_by",
            "requested_at",
            "completed_at",
        ]
