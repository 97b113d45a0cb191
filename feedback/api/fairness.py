"""The API of the groups of a deployment beside each other."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.api.errors import invalid
from feedback.api.rights import find_deployment
from feedback.choices import Scope
from feedback.field_errors import FieldError
from feedback.rollups.fairness import computing
from feedback.serializers import fairness as shapes
from feedback.serializers.base import ErrorsSerializer


class FairnessView(APIView):
    scopes = {"GET": Scope.READ}
    shows = "feedback.event"
    query = shapes.FairnessQuerySerializer

    @extend_schema(
        operation_id="deployment_fairness",
        parameters=[shapes.FairnessQuerySerializer],
        responses={200: shapes.FairnessSerializer, 400: ErrorsSerializer},
    )
    def get(self, request, deployment_id):
        """Approval, refusals and checks of each group beside the rest, and the fairness metrics of the Crucible IR."""
        deployment = find_deployment(request, deployment_id)
        query = self.query(data=request.query_params)
        query.is_valid(raise_exception=True)
        try:
            found = computing.fairness(deployment, **query.validated_data)
        except computing.UnknownKey as error:
            raise invalid(FieldError("by", "invalid", str(error))) from error
        return Response(shapes.FairnessSerializer(found).data)
