"""The API of tools that got another name: proposals and decisions."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.api.errors import Conflict, invalid
from feedback.api.pagination import NewestFirst
from feedback.api.rights import find_deployment
from feedback.choices import Scope
from feedback.deployments.renames import deciding, proposing
from feedback.models import ToolRename
from feedback.serializers import tools as shapes
from feedback.serializers.base import ErrorsSerializer


class NewestProposals(NewestFirst):
    ordering = ("-proposed_at", "-id")


@extend_schema_view(get=extend_schema(operation_id="tool_renames_list", parameters=[shapes.ToolRenamesQuerySerializer]))
class ToolRenamesView(ListAPIView):
    """Proposed and decided new names of a deployment's tools, newest first."""

    scopes = {"GET": Scope.READ}
    shows = "feedback.toolrename"
    query = shapes.ToolRenamesQuerySerializer
    serializer_class = shapes.ToolRenameSerializer
    pagination_class = NewestProposals

    def get_queryset(self):
        deployment = find_deployment(self.request, self.kwargs["deployment_id"])
        query = self.query(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        found = ToolRename.objects.of_deployment(deployment.pk).select_related("decided_by")
        return found.in_status(query.validated_data["status"]) if "status" in query.validated_data else found


class ProposeToolRenamesView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="propose_tool_renames",
        request=shapes.ProposeToolRenamesSerializer,
        responses={202: shapes.ProposingSerializer, 400: ErrorsSerializer},
    )
    def post(self, request, deployment_id):
        """Let a worker compare the tools of two periods or lists and propose new names."""
        deployment = find_deployment(request, deployment_id)
        body = shapes.ProposeToolRenamesSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            proposing.request(deployment.pk, by=request.user, **body.validated_data)
        except proposing.InvalidComparison as error:
            raise invalid(error.error) from error
        return Response({"deployment_id": deployment.pk}, status=status.HTTP_202_ACCEPTED)


class ConfirmToolRenameView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="confirm_tool_rename",
        request=None,
        responses={200: shapes.ToolRenameSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, deployment_id, pk):
        """Confirm a proposed name."""
        return _decided(request, deployment_id, pk, deciding.confirm)


class RejectToolRenameView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="reject_tool_rename",
        request=None,
        responses={200: shapes.ToolRenameSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, deployment_id, pk):
        """Reject a proposed name; it is not proposed again."""
        return _decided(request, deployment_id, pk, deciding.reject)


class ReopenToolRenameView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="reopen_tool_rename",
        request=None,
        responses={200: shapes.ToolRenameSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, deployment_id, pk):
        """Take back a decision: the name is a proposal again."""
        return _decided(request, deployment_id, pk, deciding.reopen)


def _decided(request, deployment_id: str, rename_id: int, decide) -> Response:
    """Make one decision; `decide` checks permissions."""
    deployment = find_deployment(request, deployment_id)
    rename = get_object_or_404(ToolRename.objects.of_deployment(deployment.pk), pk=rename_id)
    try:
        rename = decide(rename.pk, by=request.user)
    except deciding.RenameNotAllowed as error:
        raise Conflict(str(error)) from error
    return Response(shapes.ToolRenameSerializer(rename).data)
