from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView, RetrieveAPIView, get_object_or_404
from rest_framework.response import Response
from rest_framework.views import APIView

from drift import reports, tasks
from drift.models import DriftReport, TriggerEvaluation
from drift.serializers import (
    DriftReportSerializer,
    DriftRequestSerializer,
    StartedReportSerializer,
    TriggerEvaluationSerializer,
    TriggersSerializer,
)
from drift.windows import InvalidWindow
from feedback.choices import Scope
from feedback.models import Deployment
from feedback.pagination import NewestFirst


class NewestRecords(NewestFirst):
    ordering = ("-created_at", "-id")


class NewestNumbers(NewestFirst):
    """By number: the evaluations of one check share their moment, and a cursor needs a place of its own for each."""

    ordering = "-id"


class DeploymentDriftView(ListAPIView):
    """The drift reports of a deployment, newest first; POST starts one."""

    scopes = {"GET": Scope.READ, "POST": Scope.OPERATE}
    serializer_class = DriftReportSerializer
    pagination_class = NewestRecords

    def get_queryset(self):
        deployment = get_object_or_404(Deployment, pk=self.kwargs["deployment_id"])
        return DriftReport.objects.of_deployment(deployment.pk)

    @extend_schema(operation_id="run_drift", request=DriftRequestSerializer, responses={202: StartedReportSerializer})
    def post(self, request, deployment_id):
        _require(request.user, "drift.add_driftreport")
        deployment = get_object_or_404(Deployment, pk=deployment_id)
        body = DriftRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            report = reports.request(deployment.pk, **body.validated_data)
        except InvalidWindow as error:
            raise ValidationError({error.field: [error.message]}, "invalid_window") from error
        return Response(StartedReportSerializer(report).data, status=status.HTTP_202_ACCEPTED)


class DriftReportView(RetrieveAPIView):
    scopes = {"GET": Scope.READ}
    serializer_class = DriftReportSerializer
    queryset = DriftReport.objects.all()
    lookup_url_kwarg = "report_id"

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.auth)


class DeploymentTriggersView(ListAPIView):
    """Every evaluation of a deployment's triggers, newest first."""

    scopes = {"GET": Scope.READ}
    serializer_class = TriggerEvaluationSerializer
    pagination_class = NewestNumbers

    def get_queryset(self):
        deployment = get_object_or_404(Deployment, pk=self.kwargs["deployment_id"])
        return TriggerEvaluation.objects.of_deployment(deployment.pk)


class CheckTriggersView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(operation_id="check_triggers", request=None, responses=TriggersSerializer)
    def post(self, request, deployment_id):
        """Evaluate the four triggers now."""
        _require(request.user, "drift.add_triggerevaluation")
        deployment = get_object_or_404(Deployment, pk=deployment_id)
        evaluations = TriggerEvaluation.objects.in_bulk(tasks.check_triggers(deployment.pk))
        return Response(TriggersSerializer({"triggers": [evaluations[key] for key in sorted(evaluations)]}).data)


def _require(user, permission):
    if not user.has_perm(permission):
        raise PermissionDenied("The user of this API key may not do this.")
