"""API of deletions of deployments: delete one and read the progress."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.generics import RetrieveAPIView
from rest_framework.response import Response

from exports.deletions import deleting
from exports.deletions import serializers as shapes
from exports.models import DeploymentDeletion
from feedback.api.deployments import DeploymentView
from feedback.api.rights import find_deployment, require
from feedback.choices import Scope


class DeletableDeploymentView(DeploymentView):
    """The address of a deployment, with its deletion, which concerns sets and exports too."""

    scopes = {**DeploymentView.scopes, "DELETE": Scope.OPERATE}

    @extend_schema(operation_id="deployments_delete", responses={202: shapes.DeploymentDeletionSerializer})
    def delete(self, request, deployment_id):
        """Delete a deployment with everything that it has, except approved sets and their exports."""
        require(request, deleting.PERMISSION)
        deployment = find_deployment(request, deployment_id)
        deletion = deleting.request(deployment.pk, by=request.user)
        return Response(shapes.DeploymentDeletionSerializer(deletion).data, status=status.HTTP_202_ACCEPTED)


@extend_schema_view(get=extend_schema(operation_id="deployment_deletions_retrieve"))
class DeploymentDeletionView(RetrieveAPIView):
    """The progress of a deletion, and how many approved sets stay."""

    scopes = {"GET": Scope.READ}
    shows = "exports.deploymentdeletion"
    serializer_class = shapes.DeploymentDeletionSerializer
    queryset = DeploymentDeletion.objects.select_related("requested_by")

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.auth)
