"""The API of comparisons of arms."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from drift.comparisons import lifecycle, stopping
from drift.models import ArmComparison
from drift.reading.references import UnknownSegment
from drift.serializers import comparisons as shapes
from drift.windows.arms import InvalidArm
from feedback.api.errors import Conflict, invalid
from feedback.api.rights import find, find_deployment, require
from feedback.choices import Scope
from feedback.field_errors import FieldError
from feedback.serializers.base import ErrorsSerializer


@extend_schema_view(get=extend_schema(operation_id="comparisons_list"))
class DeploymentComparisonsView(ListAPIView):
    """Summaries of a deployment's comparisons, newest first."""

    scopes = {"GET": Scope.READ, "POST": Scope.OPERATE}
    shows = "drift.armcomparison"
    serializer_class = shapes.ComparisonOfArmsInShortSerializer

    def get_queryset(self):
        deployment = find_deployment(self.request, self.kwargs["deployment_id"])
        return ArmComparison.objects.of_deployment(deployment.pk).with_user().summarized()

    @extend_schema(
        operation_id="compare_arms",
        request=shapes.ComparisonOfArmsRequestSerializer,
        responses={202: shapes.StartedComparisonSerializer, 400: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, deployment_id):
        """Compare versions, experiments, segments or windows by outcomes; a worker writes the results."""
        require(request, "drift.add_armcomparison")
        deployment = find_deployment(request, deployment_id)
        body = shapes.ComparisonOfArmsRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            comparison = lifecycle.request(deployment.pk, **body.validated_data, by=request.user)
        except InvalidArm as error:
            raise invalid(FieldError(error.field, "invalid_arm", error.message)) from error
        except UnknownSegment as error:
            raise invalid(FieldError("segments", "unknown_segment", str(error))) from error
        except (lifecycle.TooManyComparisons, lifecycle.TooManyLive) as error:
            raise Conflict(str(error)) from error
        return Response(shapes.StartedComparisonSerializer(comparison).data, status=status.HTTP_202_ACCEPTED)


@extend_schema_view(get=extend_schema(operation_id="comparisons_retrieve"))
class ComparisonView(RetrieveAPIView):
    """One comparison with all results."""

    scopes = {"GET": Scope.READ}
    shows = "drift.armcomparison"
    serializer_class = shapes.ComparisonOfArmsSerializer
    queryset = ArmComparison.objects.with_user()
    lookup_url_kwarg = "comparison_id"

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.auth)


class StopComparisonView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="stop_comparison",
        request=None,
        responses={200: shapes.ComparisonOfArmsInShortSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, comparison_id):
        """Watch a live comparison no longer; its last results stay."""
        require(request, "drift.add_armcomparison")
        comparison = find(ArmComparison.objects, request, comparison_id)
        try:
            stopping.stop(comparison)
        except stopping.NotLive as error:
            raise Conflict(str(error)) from error
        comparison.refresh_from_db()
        return Response(shapes.ComparisonOfArmsInShortSerializer(comparison).data)
