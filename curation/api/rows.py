"""API of decisions on single rows of curated sets."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from curation.choices import Decision
from curation.models import CuratedExample, CuratedPair, CuratedSet, DropReason
from curation.review import bulk, edits, rows
from curation.serializers import sets as shapes
from curation.serializers.decisions import (
    BulkDecidedSerializer,
    BulkDecisionSerializer,
    DropReasonSerializer,
    RowDecisionSerializer,
)
from feedback.api.errors import Conflict
from feedback.api.pagination import NewestFirst
from feedback.api.rights import find
from feedback.choices import Scope
from feedback.serializers.base import ErrorsSerializer

ANSWERS = {200: shapes.DecidedRowSerializer, 400: ErrorsSerializer, 404: ErrorsSerializer, 409: ErrorsSerializer}


class ByKey(NewestFirst):
    ordering = "key"


@extend_schema_view(get=extend_schema(operation_id="drop_reasons_list"))
class DropReasonsView(ListAPIView):
    """The reasons to drop a row that the console offers, by their key, 1 to 9."""

    scopes = {"GET": Scope.READ}
    shows = "curation.curatedset"
    serializer_class = DropReasonSerializer
    pagination_class = ByKey
    queryset = DropReason.objects.all()


class RowView(APIView):
    scopes = {"PATCH": Scope.OPERATE}

    @extend_schema(operation_id="decide_row", request=RowDecisionSerializer, responses=ANSWERS)
    def patch(self, request, pk, row_id):
        """Keep, drop or edit a row of an undecided set: an example, a row of the queue, or a pair."""
        curated_set = find(CuratedSet.objects, request, pk)
        for kind in (CuratedExample, CuratedPair):
            if row := kind.objects.filter(curated_set=curated_set, pk=row_id).first():
                return _decided(request, row)
        raise NotFound(f"{curated_set} has no row {row_id}.")


class ExampleView(APIView):
    scopes = {"PATCH": Scope.OPERATE}

    @extend_schema(operation_id="decide_row_of_event", request=RowDecisionSerializer, responses=ANSWERS)
    def patch(self, request, pk, event_id):
        """The same by the event, if it has one row in the set."""
        curated_set = find(CuratedSet.objects, request, pk)
        found = [
            *CuratedExample.objects.filter(curated_set=curated_set, event_id=event_id),
            *CuratedPair.objects.filter(curated_set=curated_set).of_event(event_id).in_order(),
        ]
        if not found:
            raise NotFound(f"{curated_set} has no row of this event.")
        if len(found) > 1:
            ids = ", ".join(str(row.pk) for row in found)
            raise Conflict(f"The event has {len(found)} rows in {curated_set}: {ids}. Decide on one by its id.")
        return _decided(request, found[0])


class DecideRowsView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="decide_rows",
        request=BulkDecisionSerializer,
        responses={200: BulkDecidedSerializer, 400: ErrorsSerializer, 404: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, pk):
        """Keep or drop all rows of an undecided set that a filter finds. Count them first, with `dry_run`."""
        curated_set = find(CuratedSet.objects, request, pk)
        body = BulkDecisionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = dict(body.validated_data)
        is_dry = wanted.pop("dry_run")
        try:
            if is_dry:
                found = bulk.count(curated_set, wanted["where"], by=request.user)
            else:
                found = bulk.decide(curated_set.pk, by=request.user, **wanted)
        except rows.NotDecidable as error:
            raise Conflict(str(error)) from error
        return Response(BulkDecidedSerializer({"dry_run": is_dry, "count": found}).data)


def _decided(request, row) -> Response:
    body = RowDecisionSerializer(data=request.data)
    body.is_valid(raise_exception=True)
    try:
        row = rows.decide(row, by=request.user, **body.validated_data)
    except rows.NotDecidable as error:
        raise Conflict(str(error)) from error
    decided = {"id": row.pk, "decision": row.decision}
    if row.decision == Decision.EDIT:
        decided["edit"] = edits.assessed(row)
    return Response(shapes.DecidedRowSerializer(decided).data)
