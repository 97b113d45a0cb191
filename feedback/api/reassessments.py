"""The API of reassessments: events of a deployment are scored again."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.api.errors import Conflict, invalid
from feedback.api.pagination import NewestFirst
from feedback.api.rights import find_deployment
from feedback.choices import Scope
from feedback.models import Reassessment
from feedback.reassessing import requesting
from feedback.serializers import reassessments as shapes
from feedback.serializers.base import ErrorsSerializer

RECORDS = Reassessment.objects.select_related("requested_by")


class NewestReassessments(NewestFirst):
    ordering = ("-created_at", "-id")


@extend_schema_view(get=extend_schema(operation_id="reassessments_list"))
class ReassessmentsView(ListAPIView):
    """Reassessments of a deployment, newest first."""

    scopes = {"GET": Scope.READ, "POST": Scope.OPERATE}
    shows = "feedback.reassessment"
    serializer_class = shapes.ReassessmentSerializer
    pagination_class = NewestReassessments

    def get_queryset(self):
        return RECORDS.of_deployment(find_deployment(self.request, self.kwargs["deployment_id"]).pk)

    @extend_schema(
        operation_id="reassess",
        request=shapes.ReassessmentRequestSerializer,
        responses={202: shapes.ReassessmentSerializer, 400: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, deployment_id):
        """Let a worker score events again; 409 while another reassessment scores events of the range."""
        deployment = find_deployment(request, deployment_id)
        body = shapes.ReassessmentRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        try:
            job = requesting.request(
                deployment.pk,
                by=request.user,
                start=given.get("occurred_from"),
                end=given.get("occurred_to"),
                model_version_id=given.get("model_version_id", ""),
                profile=given.get("profile", ""),
            )
        except requesting.InvalidReassessment as error:
            raise invalid(error.error) from error
        except requesting.ReassessmentNotAllowed as error:
            raise Conflict(str(error)) from error
        return Response(shapes.ReassessmentSerializer(job).data, status=status.HTTP_202_ACCEPTED)


class ReassessmentView(APIView):
    scopes = {"GET": Scope.READ}
    shows = "feedback.reassessment"

    @extend_schema(operation_id="reassessments_retrieve", responses=shapes.ReassessmentSerializer)
    def get(self, request, deployment_id, pk):
        """One reassessment and its progress."""
        return Response(shapes.ReassessmentSerializer(_found(request, deployment_id, pk)).data)


class CancelReassessmentView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="cancel_reassessment",
        request=None,
        responses={200: shapes.ReassessmentSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, deployment_id, pk):
        """Stop after the batch in hand; what is scored stays."""
        job = _found(request, deployment_id, pk)
        try:
            requesting.cancel(job, by=request.user)
        except requesting.ReassessmentNotAllowed as error:
            raise Conflict(str(error)) from error
        return Response(shapes.ReassessmentSerializer(_found(request, deployment_id, pk)).data)


def _found(request, deployment_id: str, pk: int) -> Reassessment:
    deployment = find_deployment(request, deployment_id)
    return get_object_or_404(RECORDS.of_deployment(deployment.pk), pk=pk)
