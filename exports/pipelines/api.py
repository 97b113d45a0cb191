"""API of pipelines: run an experiment, see what its stages did, cancel it."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from exports.models import PipelineRun
from exports.pipelines import serializers as shapes
from exports.pipelines.stored import documents, requesting
from feedback.api.errors import Conflict, invalid
from feedback.api.rights import find, find_deployment, require
from feedback.choices import Scope
from feedback.serializers.base import ErrorsSerializer


@extend_schema_view(get=extend_schema(operation_id="pipelines_list"))
class PipelinesView(ListAPIView):
    """Runs of pipelines, newest first."""

    scopes = {"GET": Scope.READ, "POST": Scope.OPERATE}
    shows = "exports.pipelinerun"
    serializer_class = shapes.PipelineSummarySerializer
    queryset = PipelineRun.objects.select_related("requested_by", "cancelled_by")

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.auth)

    @extend_schema(
        operation_id="pipelines_create",
        request=shapes.ExperimentRequestSerializer,
        responses={
            202: shapes.PipelineAcceptedSerializer,
            400: ErrorsSerializer,
            404: ErrorsSerializer,
            409: ErrorsSerializer,
        },
    )
    def post(self, request):
        """Run the enabled stages of an experiment in order; workers do it in the name of the key's user."""
        require(request, requesting.PERMISSION)
        try:
            checked = documents.read(request.data)
        except documents.UnrunnableExperiment as error:
            raise invalid(*error.errors) from error
        find_deployment(request, checked.deployment_id)
        if missing := checked.missing_permission(request.user):
            require(request, missing)
        try:
            run = requesting.request(checked, by=request.user)
        except (requesting.DeploymentClosed, requesting.TooManyPipelines) as error:
            raise Conflict(str(error)) from error
        return Response(shapes.PipelineAcceptedSerializer(run).data, status=status.HTTP_202_ACCEPTED)


@extend_schema_view(get=extend_schema(operation_id="pipelines_retrieve"))
class PipelineView(RetrieveAPIView):
    """One run of a pipeline with its stages."""

    scopes = {"GET": Scope.READ}
    shows = "exports.pipelinerun"
    serializer_class = shapes.PipelineSerializer
    queryset = PipelineRun.objects.with_stages()

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.auth)


class CancelPipelineView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="cancel_pipeline",
        request=None,
        responses={200: shapes.PipelineSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, pk):
        """Cancel a run: no further stage begins. A set or an export that a stage has started goes on."""
        run = find(PipelineRun.objects, request, pk)
        try:
            requesting.cancel(run.pk, by=request.user)
        except requesting.NotCancellable as error:
            raise Conflict(str(error)) from error
        return Response(shapes.PipelineSerializer(find(PipelineRun.objects.with_stages(), request, pk)).data)
