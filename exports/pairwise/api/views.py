"""API of pairwise runs: request, read and cancel."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from curation.models import CuratedSet
from exports.choices import PairwiseSource
from exports.models import GateRun, PairwiseRun
from exports.pairwise import requesting
from exports.pairwise.api import serializers as shapes
from feedback.api.errors import Conflict
from feedback.api.rights import find
from feedback.choices import Scope
from feedback.models import Judge
from feedback.serializers.base import ErrorsSerializer

WITH_PEOPLE = PairwiseRun.objects.select_related("requested_by")


@extend_schema_view(
    get=extend_schema(operation_id="pairwise_runs_list", parameters=[shapes.PairwiseRunsQuerySerializer])
)
class PairwiseRunsView(ListAPIView):
    """Runs of judges over pairs of answers, newest first."""

    query = shapes.PairwiseRunsQuerySerializer
    scopes = {"GET": Scope.READ, "POST": Scope.OPERATE}
    shows = "exports.pairwiserun"
    serializer_class = shapes.PairwiseRunSerializer
    queryset = WITH_PEOPLE

    def get_queryset(self):
        wanted = self.query(data=self.request.query_params)
        wanted.is_valid(raise_exception=True)
        return super().get_queryset().visible_to(self.request.auth).filter(**wanted.validated_data)

    @extend_schema(
        operation_id="pairwise_runs_create",
        request=shapes.PairwiseRequestSerializer,
        responses={
            202: shapes.PairwiseRunSerializer,
            400: ErrorsSerializer,
            404: ErrorsSerializer,
            409: ErrorsSerializer,
        },
    )
    def post(self, request):
        """Have a worker ask a judge which answer of each pair is better, in both orders."""
        requesting.check_permission(request.user)
        body = shapes.PairwiseRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        judge = find(Judge.objects.select_related("rubric_version"), request, wanted["judge"])
        kind = PairwiseSource(wanted["source"])
        is_gate = kind == PairwiseSource.GATE
        records, record_id = (GateRun, wanted["gate"]) if is_gate else (CuratedSet, wanted["curated_set"])
        source = find(records.objects, request, record_id)
        try:
            run = requesting.request(judge, source, kind=kind, most=wanted["most"], by=request.user)
        except requesting.PairwiseNotAllowed as error:
            raise Conflict(str(error)) from error
        return Response(shapes.PairwiseRunSerializer(run).data, status=status.HTTP_202_ACCEPTED)


@extend_schema_view(get=extend_schema(operation_id="pairwise_runs_retrieve"))
class PairwiseRunView(RetrieveAPIView):
    """One run with its figures."""

    scopes = {"GET": Scope.READ}
    shows = "exports.pairwiserun"
    serializer_class = shapes.PairwiseRunSerializer
    queryset = WITH_PEOPLE

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.auth)


class CancelPairwiseRunView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="pairwise_runs_cancel",
        request=None,
        responses={200: shapes.PairwiseRunSerializer, 404: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, pk):
        """Cancel a run that has not ended."""
        run = find(PairwiseRun.objects, request, pk)
        try:
            requesting.cancel(run.pk, by=request.user)
        except requesting.PairwiseNotAllowed as error:
            raise Conflict(str(error)) from error
        return Response(shapes.PairwiseRunSerializer(find(WITH_PEOPLE, request, pk)).data)
