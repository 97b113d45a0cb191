"""The API of masking: one text is masked, nothing is stored."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.api.errors import Conflict
from feedback.api.rights import find_deployment, require_view
from feedback.choices import Scope
from feedback.deployments import configuration
from feedback.deployments.masking_options import masking_options
from feedback.masking import InvalidPattern, mask_answer
from feedback.serializers import masking as shapes
from feedback.serializers.base import ErrorsSerializer


class MaskView(APIView):
    scopes = {"POST": Scope.READ}

    @extend_schema(
        operation_id="mask_text",
        request=shapes.MaskRequestSerializer,
        responses={200: shapes.MaskedSerializer, 400: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def post(self, request):
        """Mask one text; nothing is stored. Offsets are code points of the given text. JSON stays JSON.

        With `deployment_id` the patterns of that deployment apply too.
        """
        body = shapes.MaskRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        deployment_id = body.validated_data.get("deployment_id")
        patterns = []
        if deployment_id is not None:
            require_view(request, "feedback.deployment")
            deployment = find_deployment(request, deployment_id)
            try:
                patterns = configuration.compiled_patterns(deployment)
            except InvalidPattern as error:
                raise Conflict({"deployment_id": [str(error)]}, "masking_unusable") from error
        masked = mask_answer(body.validated_data["text"], patterns=patterns, options=masking_options())
        return Response(shapes.MaskedSerializer(masked).data)
