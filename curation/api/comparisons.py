"""API of comparisons: two answers to one prompt, of which a reviewer prefers one."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.response import Response
from rest_framework.views import APIView

from curation.models import Comparison, CuratedSet
from curation.review.comparisons import answers, deciding, leasing, two_events
from curation.review.comparisons.errors import NotComparable
from curation.serializers.comparisons import (
    ComparisonRequestSerializer,
    ComparisonSerializer,
    OfferedComparisonSerializer,
)
from feedback.api.errors import Conflict
from feedback.api.rights import find
from feedback.choices import Scope
from feedback.serializers.base import ErrorsSerializer


class NextComparisonView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="next_comparison",
        request=None,
        responses={
            200: OfferedComparisonSerializer,
            204: OpenApiResponse(description="No comparison is free."),
            409: ErrorsSerializer,
        },
    )
    def post(self, request, pk):
        """Reserve the least certain comparison for 15 minutes: two answers in random order."""
        curated_set = find(CuratedSet.objects, request, pk)
        try:
            found = leasing.next_for(curated_set, request.user)
        except NotComparable as error:
            raise Conflict(str(error)) from error
        if found is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        comparison, both = found
        shown = answers.shown(both, is_reversed=leasing.is_reversed(comparison, request.user))
        comparison.a, comparison.b = shown
        return Response(OfferedComparisonSerializer(comparison).data)


class ComparisonsView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="compare_answers",
        request=ComparisonRequestSerializer,
        responses={200: ComparisonSerializer, 400: ErrorsSerializer, 404: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, pk):
        """Say which of two answers is better. A preference becomes a pair of the set."""
        curated_set = find(CuratedSet.objects, request, pk)
        body = ComparisonRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            comparison = _decided(request, curated_set, **body.validated_data)
        except NotComparable as error:
            raise Conflict(str(error)) from error
        return Response(ComparisonSerializer(comparison).data)


def _decided(request, curated_set, *, verdict, comparison=None, a=None, b=None) -> Comparison:
    if comparison is None:
        return two_events.compare(curated_set, a, b, verdict, by=request.user)
    found = find(Comparison.objects.of_set(curated_set.pk).with_rows(), request, comparison)
    return deciding.decide(found, verdict, by=request.user)
