"""API of curated sets: request, read and review."""

from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from curation.choices import AddOutcome
from curation.models import CuratedExample, CuratedPair, CuratedSet
from curation.review import adding, approval, configuring, reopening
from curation.review.rows import NotDecidable
from curation.serializers import sets as shapes
from curation.serializers.decisions import AddedRowsSerializer, AddRowsSerializer, ReviewersRequestSerializer
from curation.serializers.requests import CuratedSetRequestSerializer, PreviewRequestSerializer
from curation.sets import previewing, progress, requesting, why
from feedback.api.errors import Conflict, invalid
from feedback.api.pagination import NewestFirst
from feedback.api.rights import find, find_deployment, require
from feedback.choices import Scope
from feedback.field_errors import FieldError
from feedback.rubrics.versions import UnknownRubric
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
        request=CuratedSetRequestSerializer,
        responses={202: shapes.CuratedSetAcceptedSerializer, 400: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, deployment_id):
        """Curate: a worker builds a draft set of training examples."""
        require(request, "curation.add_curatedset")
        deployment = find_deployment(request, deployment_id)
        body = CuratedSetRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            curated_set = requesting.request(deployment.pk, by=request.user, **body.validated_data)
        except requesting.TooManyBuilding as error:
            raise Conflict(str(error)) from error
        return Response(shapes.CuratedSetAcceptedSerializer(curated_set).data, status=status.HTTP_202_ACCEPTED)


class PreviewView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="preview_curated_set",
        request=PreviewRequestSerializer,
        responses={200: shapes.PreviewSerializer, 400: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, deployment_id):
        """Preview a curated set: the counts and the funnel of a build. Nothing is stored."""
        require(request, "curation.add_curatedset")
        deployment = find_deployment(request, deployment_id)
        body = PreviewRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            found = previewing.preview(deployment.pk, **body.validated_data)
        except previewing.NoPreview as error:
            raise Conflict(str(error)) from error
        return Response(shapes.PreviewSerializer(found).data)


@extend_schema_view(get=extend_schema(operation_id="curated_sets_retrieve"))
class CuratedSetView(RetrieveAPIView):
    """One curated set with its review decisions."""

    scopes = {"GET": Scope.READ, "PATCH": Scope.OPERATE}
    shows = "curation.curatedset"
    serializer_class = shapes.CuratedSetSerializer
    queryset = CuratedSet.objects.with_people().select_related("rubric_version").prefetch_related("decisions__by")

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.auth)

    @extend_schema(
        operation_id="curated_sets_update",
        request=ReviewersRequestSerializer,
        responses={200: shapes.CuratedSetSerializer, 400: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def patch(self, request, pk):
        """Change how many reviewers the rows of an undecided set get."""
        curated_set = find(CuratedSet.objects, request, pk)
        body = ReviewersRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            curated_set = configuring.configure(curated_set.pk, by=request.user, **body.validated_data)
        except UnknownRubric as error:
            raise invalid(FieldError("rubric", "unknown", str(error))) from error
        except NotDecidable as error:
            raise Conflict(str(error)) from error
        return Response(shapes.CuratedSetSerializer(curated_set).data)


class _RowsView(ListAPIView):
    """Rows of a curated set, in order."""

    scopes = {"GET": Scope.READ}
    shows = "curation.curatedset"
    pagination_class = InOrder

    def get_queryset(self):
        curated_set = find(CuratedSet.objects, self.request, self.kwargs["pk"])
        return super().get_queryset().filter(curated_set=curated_set)


@extend_schema_view(get=extend_schema(operation_id="curated_set_examples_list"))
class CuratedSetExamplesView(_RowsView):
    """The accepted examples of a curated set, in order: those that passed every gate."""

    scopes = {"GET": Scope.READ, "POST": Scope.OPERATE}
    serializer_class = shapes.CuratedExampleSerializer
    queryset = CuratedExample.objects.accepted().select_related("curated_set")

    @extend_schema(
        operation_id="add_rows",
        request=AddRowsSerializer,
        responses={200: AddedRowsSerializer, 400: ErrorsSerializer, 404: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, pk):
        """Add events to a draft by hand, also those that a gate rejects; the answer has the outcome of each."""
        curated_set = find(CuratedSet.objects, request, pk)
        body = AddRowsSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            results = adding.add(curated_set.pk, list(map(str, body.validated_data["event_ids"])), by=request.user)
        except adding.NotADraft as error:
            raise Conflict(str(error)) from error
        added = sum(one.outcome == AddOutcome.ADDED for one in results)
        return Response(AddedRowsSerializer({"added": added, "results": results}).data)


@extend_schema_view(get=extend_schema(operation_id="curated_set_queue_list"))
class CuratedSetQueueView(_RowsView):
    """What waits for a person, in order, each row with its reason. No export contains it."""

    serializer_class = shapes.QueuedRowSerializer
    queryset = CuratedExample.objects.queued().select_related("curated_set")


@extend_schema_view(get=extend_schema(operation_id="curated_set_pairs_list"))
class CuratedSetPairsView(_RowsView):
    """The preference pairs of a curated set, in order."""

    serializer_class = shapes.CuratedPairSerializer
    queryset = CuratedPair.objects.released().select_related("curated_set")


class NextVersionView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="next_version_of_curated_set",
        request=None,
        responses={202: shapes.CuratedSetAcceptedSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, pk):
        """Curate again as this set was requested, as the next version of its name; all events count as new."""
        require(request, "curation.add_curatedset")
        try:
            curated_set = requesting.request_next(find(CuratedSet.objects, request, pk), by=request.user)
        except requesting.TooManyBuilding as error:
            raise Conflict(str(error)) from error
        return Response(shapes.CuratedSetAcceptedSerializer(curated_set).data, status=status.HTTP_202_ACCEPTED)


class ReopenCuratedSetView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="reopen_curated_set",
        request=None,
        responses={201: shapes.CuratedSetSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, pk):
        """Make a draft with the rows and row decisions of a decided set, which stays as it is."""
        curated_set = find(CuratedSet.objects, request, pk)
        try:
            curated_set = reopening.reopen(curated_set.pk, by=request.user)
        except reopening.NotDecided as error:
            raise Conflict(str(error)) from error
        return Response(shapes.CuratedSetSerializer(curated_set).data, status=status.HTTP_201_CREATED)


class CancelCuratedSetView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="cancel_curated_set",
        request=None,
        responses={200: shapes.CuratedSetSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, pk):
        """Cancel the build of a curated set; the set stays, without rows."""
        require(request, "curation.add_curatedset")
        curated_set = find(CuratedSet.objects, request, pk)
        try:
            curated_set = progress.cancel(curated_set.pk, by=request.user)
        except progress.NotBuilding as error:
            raise Conflict(str(error)) from error
        return Response(shapes.CuratedSetSerializer(curated_set).data)


class WhyView(APIView):
    scopes = {"GET": Scope.READ}
    shows = "curation.curatedset"
    query = shapes.WhyQuerySerializer

    @extend_schema(
        operation_id="event_why",
        parameters=[shapes.WhyQuerySerializer],
        responses={200: shapes.WhySerializer, 404: ErrorsSerializer},
    )
    def get(self, request, event_id):
        """Why an event is or is not in a curated set: what each strategy decided, and by which number."""
        query = self.query(data=request.query_params)
        query.is_valid(raise_exception=True)
        sets = CuratedSet.objects.visible_to(request.auth)
        answer = why.explain(event_id, sets, set_id=query.validated_data.get("curated_set"))
        if answer is None:
            raise NotFound("No curated set has read this event.")
        return Response(shapes.WhySerializer(answer).data)


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
