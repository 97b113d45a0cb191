"""The API of deployments and their configuration."""

from datetime import timedelta

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.api.errors import invalid
from feedback.api.rights import find, find_deployment, require
from feedback.choices import Bucket, Scope, Split
from feedback.deployments import configuration
from feedback.deployments.declared_scores import Declaration, DeclarationChanges
from feedback.deployments.rules import InvalidConfiguration, Pattern
from feedback.human_scores import figures as people
from feedback.judging import figures as judges
from feedback.models import Deployment
from feedback.rollups.quality_statistics import statistics
from feedback.serializers import deployments as shapes
from feedback.serializers.base import ErrorsSerializer
from feedback.serializers.quality_statistics import QualityQuerySerializer, QualityStatisticsSerializer

WITH_LISTS = Deployment.objects.prefetch_related("masking_patterns", "declared_scores")
CHANGE_PERMISSION = "feedback.change_deployment"


@extend_schema_view(get=extend_schema(operation_id="deployments_list", parameters=[shapes.DeploymentsQuerySerializer]))
class DeploymentsView(ListAPIView):
    """Deployments that are not archived, newest first."""

    scopes = {"GET": Scope.READ}
    shows = "feedback.deployment"
    queryset = WITH_LISTS
    serializer_class = shapes.DeploymentSerializer
    query = shapes.DeploymentsQuerySerializer

    def get_queryset(self):
        query = self.query(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        return super().get_queryset().visible_to(self.request.auth).filter(archived=query.validated_data["archived"])


class DeploymentView(APIView):
    scopes = {"GET": Scope.READ, "PATCH": Scope.OPERATE}
    shows = "feedback.deployment"

    @extend_schema(operation_id="deployments_retrieve", responses=shapes.DeploymentSerializer)
    def get(self, request, deployment_id):
        """One deployment and its settings."""
        return Response(shapes.DeploymentSerializer(find(WITH_LISTS, request, deployment_id)).data)

    @extend_schema(
        operation_id="deployments_change",
        request=shapes.DeploymentChangeSerializer,
        responses={200: shapes.DeploymentSerializer, 400: ErrorsSerializer},
    )
    def patch(self, request, deployment_id):
        """Change the settings of a deployment; omitted fields keep their values."""
        require(request, CHANGE_PERMISSION)
        deployment = find(WITH_LISTS, request, deployment_id)
        body = shapes.DeploymentChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        values = dict(body.validated_data)
        patterns = values.pop("masking_patterns", None)
        if patterns is not None:
            patterns = configuration.PatternChanges([Pattern(**pattern) for pattern in patterns], drop=None)
        scores = values.pop("scores", None)
        if scores is not None:
            declared = [Declaration(one["name"], one["minimum"], one["maximum"], one["gold"]) for one in scores]
            scores = DeclarationChanges(declared, drop=None)
        try:
            configuration.change(deployment.pk, values, by=request.user, patterns=patterns, scores=scores)
        except InvalidConfiguration as error:
            raise invalid(*error.errors) from error
        return Response(shapes.DeploymentSerializer(find(WITH_LISTS, request, deployment_id)).data)


class DeploymentConfigView(APIView):
    scopes = {"GET": Scope.READ, "PUT": Scope.OPERATE}
    shows = "feedback.deployment"

    @extend_schema(operation_id="deployment_config_retrieve", responses=shapes.FeedbackConfigSerializer)
    def get(self, request, deployment_id):
        """The deployment's configuration as the IR's Feedback.Config."""
        return Response(_config(find(WITH_LISTS, request, deployment_id)))

    @extend_schema(
        operation_id="deployment_config_replace",
        request=shapes.FeedbackConfigRequestSerializer,
        responses={200: shapes.FeedbackConfigSerializer, 400: ErrorsSerializer},
    )
    def put(self, request, deployment_id):
        """Replace the configuration. Creates the deployment if it does not exist yet."""
        require(request, CHANGE_PERMISSION)
        body = shapes.FeedbackConfigRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            deployment = configuration.replace(deployment_id, body.validated_data, by=request.user)
        except InvalidConfiguration as error:
            raise invalid(*error.errors) from error
        return Response(_config(deployment))


class QualityView(APIView):
    scopes = {"GET": Scope.READ}
    shows = "feedback.event"
    query = QualityQuerySerializer

    @extend_schema(
        operation_id="deployment_quality_retrieve",
        parameters=[QualityQuerySerializer],
        responses={200: QualityStatisticsSerializer, 400: ErrorsSerializer},
    )
    def get(self, request, deployment_id):
        """Checks and feedback side by side: of the newest events, and by group and bucket of the last days."""
        deployment = find_deployment(request, deployment_id)
        query = self.query(data=request.query_params)
        query.is_valid(raise_exception=True)
        given = query.validated_data
        found = statistics(deployment.pk, bucket=Bucket(given["bucket"]), days=given["days"], by=Split(given["by"]))
        since = timezone.now() - timedelta(days=given["days"])
        found["people"] = people.of_deployment(deployment.pk, since=since)
        found["judges"] = [one.as_json for one in judges.of_deployment(deployment.pk, since=since)] or None
        return Response(QualityStatisticsSerializer(found).data)


def _config(deployment: Deployment) -> dict:
    return shapes.FeedbackConfigSerializer(configuration.as_ir(deployment)).data
