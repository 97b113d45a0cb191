"""The API of masking: one text is masked, nothing is stored."""

from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.api.errors import refusal
from feedback.choices import Scope
from feedback.deployments import configuration, policies
from feedback.masking import InvalidPattern, mask_text
from feedback.models import Deployment
from feedback.serializers import base, masking


class MaskView(APIView):
    scopes = {"POST": Scope.READ}

    @extend_schema(
        request=masking.MaskRequestSerializer, responses={200: masking.MaskedSerializer, 409: base.ErrorsSerializer}
    )
    def post(self, request):
        """Mask one text; nothing is stored. Offsets are code points of the given text.

        With `deployment_id` the patterns of that deployment apply too.
        """
        given = masking.MaskRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        deployment_id = given.validated_data.get("deployment_id")
        patterns = []
        if deployment_id is not None:
            visible = Deployment.objects.visible_to(request.auth)
            deployment = get_object_or_404(visible, pk=deployment_id)
            try:
                patterns = configuration.compiled_patterns(deployment)
            except InvalidPattern as error:
                return refusal("masking_unusable", str(error), http_status=409, field="deployment_id")
        masked = mask_text(given.validated_data["text"], patterns=patterns, options=policies.masking_options())
        return Response(masking.MaskedSerializer(masked).data)
