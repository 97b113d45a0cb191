"""The API of quality checks: one answer is scored, nothing is stored."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.choices import Scope
from feedback.quality import assessment
from feedback.serializers import quality as shapes
from feedback.serializers.base import ErrorsSerializer


class AssessView(APIView):
    scopes = {"POST": Scope.READ}

    @extend_schema(
        operation_id="assess_text",
        request=shapes.AssessRequestSerializer,
        responses={200: shapes.AssessmentSerializer, 400: ErrorsSerializer},
    )
    def post(self, request):
        """Score one response, as text or as a whole message; nothing is stored."""
        body = shapes.AssessRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(shapes.AssessmentSerializer(assessment.assess(**body.validated_data)).data)
