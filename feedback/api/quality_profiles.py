"""The API of the profile that scores a deployment's answers."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.api.errors import invalid
from feedback.api.rights import find_deployment, require
from feedback.choices import Scope
from feedback.deployments import quality_profiles
from feedback.deployments.rules import InvalidConfiguration
from feedback.quality.profiles.choosing import Choice
from feedback.serializers import quality_profiles as shapes
from feedback.serializers.base import ErrorsSerializer


class QualityProfileView(APIView):
    scopes = {"GET": Scope.READ, "PUT": Scope.OPERATE}
    shows = "feedback.deployment"

    @extend_schema(operation_id="quality_profile_retrieve", responses=shapes.QualityProfileSerializer)
    def get(self, request, deployment_id):
        """Which checks score the deployment's answers, how much each counts, and which own checks failed."""
        return Response(_described(find_deployment(request, deployment_id)))

    @extend_schema(
        operation_id="quality_profile_replace",
        request=shapes.QualityProfileRequestSerializer,
        responses={200: shapes.QualityProfileSerializer, 400: ErrorsSerializer},
    )
    def put(self, request, deployment_id):
        """Score events by this profile from now on; events scored before keep their scores."""
        require(request, quality_profiles.PERMISSION)
        deployment = find_deployment(request, deployment_id)
        body = shapes.QualityProfileRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        choice = Choice(**{**given, "excluded": tuple(given["excluded"]), "ignored_caps": tuple(given["ignored_caps"])})
        try:
            deployment = quality_profiles.choose(deployment.pk, choice, by=request.user)
        except InvalidConfiguration as error:
            raise invalid(*error.errors) from error
        return Response(_described(deployment))


def _described(deployment) -> dict:
    return shapes.QualityProfileSerializer(quality_profiles.describe(deployment)).data
