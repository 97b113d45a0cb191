"""API of erasures: erase a user and read the progress."""

from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response
from rest_framework.views import APIView

from exports.erasures import erasing, results
from exports.erasures import serializers as shapes
from exports.models import Erasure
from feedback.choices import Scope
from feedback.serializers.base import ErrorsSerializer


class ErasuresView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="erasures_create",
        request=shapes.ErasureRequestSerializer,
        responses={202: shapes.ErasureSerializer, 400: ErrorsSerializer},
    )
    def post(self, request):
        """Erase a user: delete their data, and blank their rows in decided sets."""
        _require_every_deployment(request)
        body = shapes.ErasureRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        erasure = erasing.request(body.validated_data["user_id"], by=request.user)
        return Response(_shown(erasure), status=status.HTTP_202_ACCEPTED)


class ErasureView(APIView):
    scopes = {"GET": Scope.READ}
    shows = "exports.erasure"

    @extend_schema(operation_id="erasures_retrieve", responses=shapes.ErasureSerializer)
    def get(self, request, pk):
        """The progress of an erasure: what was removed, blanked and deleted, and what is left to do."""
        _require_every_deployment(request)
        return Response(_shown(get_object_or_404(Erasure.objects.select_related("requested_by"), pk=pk)))


def _require_every_deployment(request) -> None:
    """An erasure covers every deployment, so a key limited to some may neither request nor read one."""
    if request.auth.deployments:
        raise PermissionDenied("Erasing a user needs a key for every deployment.")


def _shown(erasure: Erasure) -> dict:
    return shapes.ErasureSerializer(erasure, context={"results": results.of(erasure)}).data
