"""API of curated sets: request, read and review."""

from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from curation import serializers as shapes
from curation.models import CuratedExample, CuratedSet
from curation.review import approval
from curation.sets import requesting
from feedback.api.errors import Conflict, invalid
from feedback.api.pagination import NewestFirst
from feedback.api.rights import find, find_deployment, require
from feedback.choices import Scope
from feedback.field_errors import FieldError
from feedback.serializers.base import ErrorsSerializer


class InOrder(NewestFirst):
    """Ascending by position."""

    ordering = "position"


@extend_schema_view(get=extend_schema(operation_id="curated_sets_list"))
class DeploymentCuratedSetsView(ListAPIView):
    """The curated sets of a deployment, newest first."""

    scopes = {"GET": Scope.READ, "POST": Scope.OPERATE}
    shows = "curation.curatedset"
    serializer_class = shapes.CuratedSetSummarySerializer

    def get_queryset(self):
        deployment = find_deployment(self.request, self.kwargs["deployment_id"])
        return CuratedSet.objects.of_deployment(deployment.pk).with_people()

    @extend_schema(
        operation_id="curated_sets_create",
        request=shapes.CuratedSetRequestSerializer,
        responses={202: shapes.CuratedSetAcceptedSerializer, 400: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, deployment_id):
        """Curate: a worker builds a draft set of training examples."""
        require(request, "curation.add_curatedset")
        deployment = find_deployment(request, deployment_id)
        body = shapes.CuratedSetRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            curated_set = requesting.request(deployment.pk, by=request.user, **body.validated_data)
        except requesting.TooManyBuilding as error:
            raise Conflict(str(error)) from error
        return Response(shapes.CuratedSetAcceptedSerializer(curated_set).data, status=status.HTTP_202_ACCEPTED)


@extend_schema_view(get=extend_schema(operation_id="curated_sets_retrieve"))
class CuratedSetView(RetrieveAPIView):
    """One curated set with its review decisions."""

    scopes = {"GET": Scope.READ}
    shows = "curation.curatedset"
    serializer_class = shapes.CuratedSetSerializer
    queryset = CuratedSet.objects.with_people().prefetch_related("decisions__by")

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.auth)


@extend_schema_view(get=extend_schema(operation_id="curated_set_examples_list"))
class CuratedSetExamplesView(ListAPIView):
    """The examples of a curated set, in order."""

    scopes = {"GET": Scope.READ}
    shows = "curation.curatedset"
    serializer_class = shapes.CuratedExampleSerializer
    pagination_class = InOrder
    queryset = CuratedExample.objects.select_related("curated_set")

    def get_queryset(self):
        curated_set = find(CuratedSet.objects, self.request, self.kwargs["pk"])
        return super().get_queryset().filter(curated_set=curated_set)


class SubmitCuratedSetView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="submit_curated_set",
        request=shapes.NoteRequestSerializer,
        responses={200: shapes.CuratedSetSerializer, 400: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, pk):
        """Submit a draft for review."""
        return _decided(request, pk, approval.submit)


class ApproveCuratedSetView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="approve_curated_set",
        request=shapes.NoteRequestSerializer,
        responses={200: shapes.CuratedSetSerializer, 400: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, pk):
        """Approve a curated set."""
        return _decided(request, pk, approval.approve)


class RejectCuratedSetView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="reject_curated_set",
        request=shapes.NoteRequestSerializer,
        responses={200: shapes.CuratedSetSerializer, 400: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, pk):
        """Reject a curated set; the note gives the reason."""
        return _decided(request, pk, approval.reject)


def _decided(request, set_id: int, decide) -> Response:
    """Take one review step; `decide` checks permissions."""
    curated_set = find(CuratedSet.objects, request, set_id)
    body = shapes.NoteRequestSerializer(data=request.data)
    body.is_valid(raise_exception=True)
    try:
        curated_set = decide(curated_set.pk, by=request.user, note=body.validated_data["note"])
    except approval.NoteRequired as error:
        raise invalid(FieldError("note", "required", str(error))) from error
    except approval.FourEyes as error:
        raise PermissionDenied(str(error)) from error
    except approval.ReviewNotAllowed as error:
        raise Conflict(str(error)) from error
    return Response(shapes.CuratedSetSerializer(curated_set).data)
