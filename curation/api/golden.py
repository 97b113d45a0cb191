"""API of golden sets: mark rows, read them, count an evaluation with them, and delete a set."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from curation.models import CuratedSet, GoldenRow, GoldenSet
from curation.review import golden
from curation.review.rows import NotDecidable
from curation.serializers import golden as shapes
from feedback.api.errors import Conflict
from feedback.api.pagination import NewestFirst
from feedback.api.rights import find
from feedback.choices import Scope
from feedback.serializers.base import ErrorsSerializer


class ById(NewestFirst):
    ordering = "id"


class MarkRowsView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="mark_golden_rows",
        request=shapes.MarkRowsSerializer,
        responses={
            200: shapes.MarkedRowsSerializer,
            400: ErrorsSerializer,
            404: ErrorsSerializer,
            409: ErrorsSerializer,
        },
    )
    def post(self, request, pk):
        """Copy examples with a person's answer into a golden set, and keep their prompts out of training."""
        curated_set = find(CuratedSet.objects, request, pk)
        body = shapes.MarkRowsSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        is_dry, golden_set = wanted["dry_run"], None
        try:
            if is_dry:
                found = golden.count(curated_set, wanted["where"], by=request.user)
            else:
                found, name = wanted["expected"], wanted["golden_set"]
                golden_set = golden.mark(curated_set.pk, wanted["where"], name=name, expected=found, by=request.user).pk
        except NotDecidable as error:
            raise Conflict(str(error)) from error
        return Response(shapes.MarkedRowsSerializer({"dry_run": is_dry, "count": found, "golden_set": golden_set}).data)


@extend_schema_view(get=extend_schema(operation_id="golden_sets_list"))
class GoldenSetsView(ListAPIView):
    """The golden sets, newest first, with the number of their rows and uses."""

    scopes = {"GET": Scope.READ}
    shows = "curation.goldenset"
    serializer_class = shapes.GoldenSetSerializer

    def get_queryset(self):
        return GoldenSet.objects.visible_to(self.request.auth).with_counts().select_related("created_by")


@extend_schema_view(get=extend_schema(operation_id="golden_sets_retrieve"))
class GoldenSetView(RetrieveAPIView):
    """One golden set."""

    scopes = {"GET": Scope.READ, "DELETE": Scope.OPERATE}
    shows = "curation.goldenset"
    serializer_class = shapes.GoldenSetSerializer

    def get_queryset(self):
        return GoldenSet.objects.visible_to(self.request.auth).with_counts().select_related("created_by")

    @extend_schema(operation_id="golden_sets_delete", responses={204: None, 404: ErrorsSerializer})
    def delete(self, request, pk):
        """Delete a golden set: later sets are no longer compared with it."""
        golden.delete(find(GoldenSet.objects, request, pk).pk, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema_view(get=extend_schema(operation_id="golden_set_rows_list"))
class GoldenRowsView(ListAPIView):
    """The rows of a golden set, in the order in which they were marked."""

    scopes = {"GET": Scope.READ}
    shows = "curation.goldenset"
    serializer_class = shapes.GoldenRowSerializer
    pagination_class = ById

    def get_queryset(self):
        return GoldenRow.objects.filter(golden_set=find(GoldenSet.objects, self.request, self.kwargs["pk"]))


class GoldenUsesView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="use_golden_set",
        request=shapes.GoldenUseRequestSerializer,
        responses={
            200: shapes.GoldenUseSerializer,
            201: shapes.GoldenUseSerializer,
            400: ErrorsSerializer,
            404: ErrorsSerializer,
        },
    )
    def post(self, request, pk):
        """Count an evaluation with all rows of a golden set: 201, or 200 if this name is counted already."""
        golden_set = find(GoldenSet.objects, request, pk)
        body = shapes.GoldenUseRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        made, is_new = golden.use(golden_set, body.validated_data["name"], by=request.user)
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(shapes.GoldenUseSerializer(made).data, status=code)
