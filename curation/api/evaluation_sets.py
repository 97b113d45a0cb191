"""API of evaluation sets: register, list and delete what training data must not contain."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from curation.decontamination import registering, uploads
from curation.models import EvaluationSet
from curation.serializers.evaluation_sets import EvaluationSetRequestSerializer, EvaluationSetSerializer
from feedback.api.errors import Conflict, invalid
from feedback.api.rights import require
from feedback.choices import Scope
from feedback.serializers.base import ErrorsSerializer


@extend_schema_view(get=extend_schema(operation_id="evaluation_sets_list"))
class EvaluationSetsView(ListAPIView):
    """The evaluation sets whose texts are kept out of curated sets, newest first."""

    scopes = {"GET": Scope.READ, "POST": Scope.OPERATE}
    shows = "curation.evaluationset"
    serializer_class = EvaluationSetSerializer
    parser_classes = [MultiPartParser]
    queryset = EvaluationSet.objects.with_people()

    def get_queryset(self):
        _require_every_deployment(self.request)
        return super().get_queryset()

    @extend_schema(
        operation_id="evaluation_sets_create",
        request={"multipart/form-data": EvaluationSetRequestSerializer},
        responses={201: EvaluationSetSerializer, 400: ErrorsSerializer, 409: ErrorsSerializer, 413: ErrorsSerializer},
    )
    def post(self, request):
        """Register a file: JSON Lines, JSON, CSV or Parquet. Its texts are compared and not kept.

        The command `register_evaluation_set` takes larger files and directories.
        """
        _require(request, registering.REGISTER_PERMISSION)
        body = EvaluationSetRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            found = uploads.register(by=request.user, **body.validated_data)
        except uploads.NotRegistered as error:
            if error.problem.code == "taken":
                raise Conflict(str(error)) from error
            raise invalid(error.problem) from error
        return Response(EvaluationSetSerializer(found).data, status=status.HTTP_201_CREATED)


@extend_schema_view(get=extend_schema(operation_id="evaluation_sets_retrieve"))
class EvaluationSetView(RetrieveAPIView):
    """One evaluation set."""

    scopes = {"GET": Scope.READ, "DELETE": Scope.OPERATE}
    shows = "curation.evaluationset"
    serializer_class = EvaluationSetSerializer
    queryset = EvaluationSet.objects.with_people()

    def get_queryset(self):
        _require_every_deployment(self.request)
        return super().get_queryset()

    @extend_schema(operation_id="evaluation_sets_delete", responses={204: None})
    def delete(self, request, pk):
        """Delete an evaluation set: later sets are no longer compared with it."""
        _require(request, registering.DELETE_PERMISSION)
        if not registering.delete(pk):
            raise Http404
        return Response(status=status.HTTP_204_NO_CONTENT)


def _require(request, permission: str) -> None:
    _require_every_deployment(request)
    require(request, permission)


def _require_every_deployment(request) -> None:
    """Evaluation sets concern every deployment, so a key limited to some neither reads nor changes them."""
    if request.auth.deployments:
        raise PermissionDenied("Evaluation sets need a key for every deployment.")
