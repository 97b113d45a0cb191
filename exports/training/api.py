"""API of training runs: record a training, open a run, report on it."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from exports.choices import RunStatus
from exports.models import ExportBatch, ModelVersion, TrainingRun
from exports.training import completing, configs, policies, runs, trainers
from exports.training import serializers as shapes
from exports.training.commands import logs
from exports.training.handover import keys
from feedback.api.errors import Conflict, invalid
from feedback.api.rights import find, find_deployment, require
from feedback.choices import Scope
from feedback.field_errors import FieldError
from feedback.serializers.base import ErrorsSerializer

_REPORTED = ("current_epoch", "metrics", "metrics_history", "best_metrics", "checkpoint_uris", "external_url")


class TrainedView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="deployments_trained",
        request=shapes.TrainedRequestSerializer,
        responses={
            200: shapes.TrainingRunSerializer,
            201: shapes.TrainingRunSerializer,
            400: ErrorsSerializer,
            409: ErrorsSerializer,
        },
    )
    def post(self, request, deployment_id):
        """Record that a training used this deployment's data: what the set of the export had read, or all until now.

        Counts start again, the baseline `training` is pinned, open firings are closed. 200 if it was recorded before.
        """
        require(request, runs.ADD_PERMISSION)
        deployment = find_deployment(request, deployment_id)
        body = shapes.TrainedRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        batch = _batch(request, wanted.get("export"))
        try:
            run, is_new = completing.record(
                deployment.pk, by=request.user, batch=batch, model_version_id=wanted["model_version_id"]
            )
        except runs.RunNotAllowed as error:
            raise Conflict(str(error)) from error
        return _shown(run, status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)


@extend_schema_view(get=extend_schema(operation_id="training_runs_list", parameters=[shapes.RunsQuerySerializer]))
class TrainingRunsView(ListAPIView):
    """Training runs, newest first."""

    query = shapes.RunsQuerySerializer
    scopes = {"GET": Scope.READ, "POST": Scope.OPERATE}
    shows = "exports.trainingrun"
    serializer_class = shapes.TrainingRunSerializer
    queryset = TrainingRun.objects.with_facts()

    def get_queryset(self):
        wanted = self.query(data=self.request.query_params)
        wanted.is_valid(raise_exception=True)
        return super().get_queryset().visible_to(self.request.auth).filter(**wanted.validated_data)

    @extend_schema(
        operation_id="training_runs_create",
        request=shapes.RunRequestSerializer,
        responses={201: shapes.TrainingRunSerializer, 400: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def post(self, request):
        """Open a training run. A deployment has one unfinished run at most."""
        require(request, runs.ADD_PERMISSION)
        body = shapes.RunRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        deployment = find_deployment(request, wanted["deployment_id"])
        if wanted["trainer"] and wanted["trainer"] not in trainers.names():
            raise ValidationError({"trainer": [str(trainers.UnknownTrainer(wanted["trainer"]))]})
        try:
            run = runs.open_run(
                deployment.pk,
                by=request.user,
                batch=_batch(request, wanted.get("export")),
                trainer=wanted["trainer"],
                config=wanted.get("config"),
            )
        except configs.InvalidConfig as error:
            raise ValidationError({"config": error.messages}) from error
        except runs.RunNotAllowed as error:
            raise Conflict(str(error)) from error
        return _shown(run, status.HTTP_201_CREATED)


@extend_schema_view(get=extend_schema(operation_id="training_runs_retrieve"))
class TrainingRunView(RetrieveAPIView):
    """One training run."""

    scopes = {"GET": Scope.READ, "PATCH": Scope.OPERATE}
    shows = "exports.trainingrun"
    serializer_class = shapes.TrainingRunSerializer
    queryset = TrainingRun.objects.with_facts()

    def opens_to_run(self, key, method):
        return keys.opens_run(key, self.kwargs["pk"])

    def get_queryset(self) -> QuerySet[TrainingRun]:
        return super().get_queryset().visible_to(self.request.auth)

    @extend_schema(
        operation_id="training_runs_report",
        request=shapes.ReportSerializer,
        responses={200: shapes.TrainingRunSerializer, 400: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def patch(self, request, pk):
        """Report on a run: its status, metrics of epochs, checkpoints, and the model version that it made."""
        if not request.auth.is_of_run:
            require(request, runs.CHANGE_PERMISSION)
        run = find(TrainingRun.objects, request, pk)
        body = shapes.ReportSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            _report(run, body.validated_data)
        except runs.RunNotAllowed as error:
            raise Conflict(str(error)) from error
        return _shown(run, status.HTTP_200_OK)


class LoopPolicyView(APIView):
    scopes = {"GET": Scope.READ, "PUT": Scope.OPERATE}
    shows = "exports.looppolicy"

    @extend_schema(operation_id="loop_policy_retrieve", responses={200: shapes.LoopPolicySerializer})
    def get(self, request, deployment_id):
        """How far the loop of this deployment goes by itself after a trigger fired."""
        deployment = find_deployment(request, deployment_id)
        return Response(shapes.LoopPolicySerializer(policies.of(deployment.pk)).data)

    @extend_schema(
        operation_id="loop_policy_update",
        request=shapes.LoopPolicyRequestSerializer,
        responses={200: shapes.LoopPolicySerializer, 400: ErrorsSerializer},
    )
    def put(self, request, deployment_id):
        """Choose how far it goes, for firings from now on. What is left out has its default."""
        deployment = find_deployment(request, deployment_id)
        body = shapes.LoopPolicyRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            policy = policies.change(deployment.pk, by=request.user, **body.validated_data)
        except policies.InvalidPolicy as error:
            raise invalid(FieldError(error.field, "invalid", str(error))) from error
        return Response(shapes.LoopPolicySerializer(policy).data)


class TrainingRunLogView(APIView):
    scopes = {"GET": Scope.READ}
    shows = "exports.trainingrun"
    query = shapes.LogQuerySerializer

    @extend_schema(
        operation_id="training_runs_log",
        parameters=[shapes.LogQuerySerializer],
        responses={200: shapes.LogPartSerializer, 400: ErrorsSerializer},
    )
    def get(self, request, pk):
        """A part of the output of a command, from an offset in bytes, not masked. A run of another trainer has none."""
        run = find(TrainingRun.objects, request, pk)
        wanted = self.query(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        return Response(shapes.LogPartSerializer(logs.read(run, **wanted.validated_data)).data)


@extend_schema_view(get=extend_schema(operation_id="model_versions_list"))
class ModelVersionsView(ListAPIView):
    """The versions of models that trainings of this deployment made, newest first."""

    scopes = {"GET": Scope.READ}
    shows = "exports.modelversion"
    serializer_class = shapes.ModelVersionSerializer

    def get_queryset(self):
        deployment = find_deployment(self.request, self.kwargs["deployment_id"])
        return ModelVersion.objects.of_deployment(deployment.pk).select_related("model", "parent")


class CancelTrainingRunView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="training_runs_cancel",
        request=None,
        responses={200: shapes.TrainingRunSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, pk):
        """Cancel an unfinished run."""
        require(request, runs.CHANGE_PERMISSION)
        run = find(TrainingRun.objects, request, pk)
        if not runs.cancel(run.pk, by=request.user):
            run.refresh_from_db()
            raise Conflict(str(runs.RunEnded(run)))
        return _shown(run, status.HTTP_200_OK)


def _report(run: TrainingRun, reported: dict[str, Any]) -> None:
    """First the figures, then the end; a repeated end is accepted."""
    if run.is_active:
        try:
            runs.report(run.pk, runs.Report(**{name: reported[name] for name in _REPORTED if name in reported}))
        except runs.RunEnded:
            # Meanwhile, perhaps by the same report.
            run.refresh_from_db()
    match reported.get("status"):
        case RunStatus.COMPLETED:
            completing.complete(run.pk, reported["final_model_version"])
        case RunStatus.FAILED:
            _end(run, RunStatus.FAILED, runs.fail(run.pk, reported["error_message"]))
        case RunStatus.CANCELLED:
            _end(run, RunStatus.CANCELLED, runs.cancel(run.pk, reason=reported.get("error_message", "")))
        case _ if not run.is_active:
            raise runs.RunEnded(run)


def _end(run: TrainingRun, wanted: RunStatus, is_ended: bool) -> None:
    run.refresh_from_db()
    if not is_ended and run.status != wanted:
        raise runs.RunEnded(run)


def _batch(request, number: int | None) -> ExportBatch | None:
    if number is None:
        return None
    batch = ExportBatch.objects.visible_to(request.auth).select_related("curated_set").filter(pk=number).first()
    if batch is None:
        raise ValidationError({"export": [f"There is no export {number}."]})
    return batch


def _shown(run: TrainingRun, code: int) -> Response:
    return Response(shapes.TrainingRunSerializer(TrainingRun.objects.with_facts().get(pk=run.pk)).data, status=code)
