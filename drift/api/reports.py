from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView, RetrieveAPIView, get_object_or_404
from rest_framework.response import Response
from rest_framework.views import APIView

from drift.models import Baseline, DriftReport
from drift.reading import baselines
from drift.reading.baselines import NotAcceptable, NothingToPin
from drift.reading.references import UnknownSegment
from drift.reports import lifecycle
from drift.serializers import reports as shapes
from drift.windows.window import InvalidWindow
from feedback.api.errors import Conflict
from feedback.api.pagination import NewestFirst
from feedback.choices import Scope
from feedback.models import Deployment


class NewestRecords(NewestFirst):
    ordering = ("-created_at", "-id")


class DeploymentDriftView(ListAPIView):
    """The drift reports of a deployment in short, newest first; POST starts one."""

    scopes = {"GET": Scope.READ, "POST": Scope.OPERATE}
    serializer_class = shapes.DriftReportInShortSerializer
    pagination_class = NewestRecords

    def get_queryset(self):
        deployment = get_object_or_404(Deployment, pk=self.kwargs["deployment_id"])
        return DriftReport.objects.of_deployment(deployment.pk).with_who_accepted().in_short()

    @extend_schema(
        operation_id="run_drift",
        request=shapes.DriftRequestSerializer,
        responses={202: shapes.StartedReportSerializer},
    )
    def post(self, request, deployment_id):
        _require(request.user, "drift.add_driftreport")
        deployment = get_object_or_404(Deployment, pk=deployment_id)
        body = shapes.DriftRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            report = lifecycle.request(deployment.pk, **body.validated_data)
        except InvalidWindow as error:
            raise _invalid(error) from error
        except UnknownSegment as error:
            raise ValidationError({"segments": [str(error)]}, "unknown_segment") from error
        return Response(shapes.StartedReportSerializer(report).data, status=status.HTTP_202_ACCEPTED)


class DriftReportView(RetrieveAPIView):
    scopes = {"GET": Scope.READ}
    serializer_class = shapes.DriftReportSerializer
    queryset = DriftReport.objects.with_who_accepted().defer("histograms")
    lookup_url_kwarg = "report_id"

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.auth)


class AcceptReportView(APIView):
    """Accept the current window of a report as the new normal: it is pinned, and scheduled checks compare with it."""

    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="accept_drift_report",
        request=shapes.AcceptRequestSerializer,
        responses={201: shapes.BaselineSerializer},
    )
    def post(self, request, report_id):
        _require(request.user, "drift.change_driftreport")
        report = get_object_or_404(DriftReport.objects.visible_to(request.auth), pk=report_id)
        body = shapes.AcceptRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            baseline = baselines.accept(report.pk, by=request.user, **body.validated_data)
        except NotAcceptable as error:
            raise Conflict(str(error)) from error
        except NothingToPin as error:
            raise ValidationError({"": [str(error)]}, "no_events") from error
        except InvalidWindow as error:
            raise _invalid(error) from error
        return Response(shapes.BaselineSerializer(baseline).data, status=status.HTTP_201_CREATED)


class BaselineView(APIView):
    """The newest version of a baseline; PUT pins a window under its name, as a new version."""

    scopes = {"GET": Scope.READ, "PUT": Scope.OPERATE}

    @extend_schema(operation_id="get_baseline", responses=shapes.BaselineSerializer)
    def get(self, request, deployment_id, name):
        deployment = get_object_or_404(Deployment, pk=deployment_id)
        named = Baseline.objects.of_deployment(deployment.pk).named(name).without_parts().order_by("-version")
        return Response(shapes.BaselineSerializer(get_object_or_404(named[:1])).data)

    @extend_schema(
        operation_id="pin_baseline",
        request=shapes.BaselineRequestSerializer,
        responses=shapes.BaselineSerializer,
    )
    def put(self, request, deployment_id, name):
        _require(request.user, "drift.add_baseline")
        deployment = get_object_or_404(Deployment, pk=deployment_id)
        body = shapes.BaselineRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            baseline = baselines.pin(deployment.pk, name, by=request.user, **body.validated_data)
        except InvalidWindow as error:
            raise _invalid(error, within="window") from error
        except NothingToPin as error:
            raise ValidationError({"window": [str(error)]}, "no_events") from error
        return Response(shapes.BaselineSerializer(baseline).data)


def _invalid(error: InvalidWindow, within: str = "") -> ValidationError:
    """The refusal of a window that cannot be used, with the place of its field in the body."""
    code = "no_baseline" if error.field.endswith("baseline") else "invalid_window"
    found: dict | list = [error.message]
    for name in reversed([part for part in (within, *error.field.split(".")) if part]):
        found = {name: found}
    return ValidationError(found, code)


def _require(user, permission):
    if not user.has_perm(permission):
        raise PermissionDenied("The user of this API key may not do this.")
