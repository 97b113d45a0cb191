from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response
from rest_framework.views import APIView

from exports.erasures import erasing
from exports.erasures.serializers import ErasureRequestSerializer, ErasureSerializer
from exports.models import Erasure
from feedback.choices import Scope


class ErasuresView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        summary="Erase a user: everything that is known of them and not decided on is removed",
        request=ErasureRequestSerializer,
        responses={202: ErasureSerializer},
    )
    def post(self, request):
        _check_reach(request.auth)
        body = ErasureRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        requested = erasing.request(body.validated_data["user_id"], by=request.user)
        return Response(_shown(requested), status=status.HTTP_202_ACCEPTED)


class ErasureView(APIView):
    scopes = {"GET": Scope.READ}

    @extend_schema(summary="How far an erasure is, and what it leaves as it is", responses=ErasureSerializer)
    def get(self, request, pk):
        _check_reach(request.auth)
        return Response(_shown(get_object_or_404(Erasure.objects.select_related("requested_by"), pk=pk)))


def _check_reach(key) -> None:
    """A user is erased everywhere, which a key of some deployments may neither do nor see."""
    if key.deployments:
        raise PermissionDenied("Erasing a user needs a key for every deployment.")


def _shown(requested: Erasure) -> dict:
    return ErasureSerializer(requested, context={"remains": erasing.remains(requested)}).data
