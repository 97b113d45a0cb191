"""The API of quality checks: one answer is scored, nothing is stored."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.api.rights import find_deployment
from feedback.choices import Scope
from feedback.quality import assessment, chosen
from feedback.serializers import quality as shapes
from feedback.serializers.base import ErrorsSerializer


class AssessView(APIView):
    scopes = {"POST": Scope.READ}

    @extend_schema(
        operation_id="assess_text",
        request=shapes.AssessRequestSerializer,
        responses={200: shapes.AssessmentSerializer, 400: ErrorsSerializer, 404: ErrorsSerializer},
    )
    def post(self, request):
        """Score one response, as text or as a whole message; nothing is stored."""
        body = shapes.AssessRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        if "deployment_id" in given:
            given["profile"] = chosen.profile_of(find_deployment(request, given.pop("deployment_id")).pk)
        return Response(shapes.AssessmentSerializer(assessment.assess(**given)).data)
