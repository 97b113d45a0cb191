"""API of users' objections to training. The id of the user is in the body, so that no log of addresses holds it."""

from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.choices import Scope
from feedback.removal import objections
from feedback.serializers.base import ErrorsSerializer
from feedback.serializers.people import TrainingAllowedSerializer, TrainingObjectionRequestSerializer


class TrainingObjectionsView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="training_objections_create",
        request=TrainingObjectionRequestSerializer,
        responses={200: TrainingAllowedSerializer, 400: ErrorsSerializer},
    )
    def post(self, request):
        """Keep a user's events and edits out of curated sets and exports. Safe to repeat."""
        objections.record(_user_id(request), by=request.user)
        return Response({"training_allowed": False})


class LiftTrainingObjectionView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="lift_training_objection",
        request=TrainingObjectionRequestSerializer,
        responses={200: TrainingAllowedSerializer, 400: ErrorsSerializer},
    )
    def post(self, request):
        """Allow training on a user's data again. Safe to repeat."""
        objections.lift(_user_id(request), by=request.user)
        return Response({"training_allowed": True})


def _user_id(request) -> str | int:
    """An objection covers every deployment, so a key limited to some may neither record nor lift one."""
    if request.auth.deployments:
        raise PermissionDenied("Training objections need a key for every deployment.")
    body = TrainingObjectionRequestSerializer(data=request.data)
    body.is_valid(raise_exception=True)
    return body.validated_data["user_id"]
