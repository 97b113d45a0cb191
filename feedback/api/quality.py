"""The API of quality checks: one text is scored, nothing is stored."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.choices import Scope
from feedback.quality import assessment
from feedback.serializers import quality


class AssessView(APIView):
    scopes = {"POST": Scope.READ}

    @extend_schema(request=quality.AssessRequestSerializer, responses=quality.AssessmentSerializer)
    def post(self, request):
        """Score one prompt and response; nothing is stored."""
        given = quality.AssessRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(quality.AssessmentSerializer(assessment.assess(**given.validated_data)).data)
