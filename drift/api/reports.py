"""The API of drift reports and baselines."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.generics import ListAPIView, RetrieveAPIView, get_object_or_404
from rest_framework.response import Response
from rest_framework.views import APIView

from drift.models import Baseline, DriftReport
from drift.reading import baselines
from drift.reading.baselines import NotAcceptable, NothingToPin, TooManyBaselines
from drift.reading.references import UnknownSegment
from drift.reports import lifecycle
from drift.serializers import reports as shapes
from drift.windows.window import InvalidWindow
from feedback.api.errors import Conflict, invalid
from feedback.api.rights import find, find_deployment, require
from feedback.choices import Scope
from feedback.field_errors import FieldError
from feedback.serializers.base import ErrorsSerializer


@extend_schema_view(get=extend_schema(operation_id="drift_reports_list"))
class DeploymentDriftView(ListAPIView):
    """Summaries of a deployment's drift reports, newest first."""

    scopes = {"GET": Scope.READ, "POST": Scope.OPERATE}
    shows = "drift.driftreport"
    serializer_class = shapes.DriftReportInShortSerializer

    def get_queryset(self):
        deployment = find_deployment(self.request, self.kwargs["deployment_id"])
        return DriftReport.objects.of_deployment(deployment.pk).with_accepted_by().summarized()

    @extend_schema(
        operation_id="run_drift",
        request=shapes.DriftRequestSerializer,
        responses={202: shapes.StartedReportSerializer, 400: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, deployment_id):
        """Compare two windows of a deployment; a worker writes the report."""
        require(request, "drift.add_driftreport")
        deployment = find_deployment(request, deployment_id)
        body = shapes.DriftRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            report = lifecycle.request(deployment.pk, **body.validated_data)
        except InvalidWindow as error:
            raise invalid(_window_error(error)) from error
        except UnknownSegment as error:
            raise invalid(FieldError("segments", "unknown_segment", str(error))) from error
        except lifecycle.TooManyRunning as error:
            raise Conflict(str(error)) from error
        return Response(shapes.StartedReportSerializer(report).data, status=status.HTTP_202_ACCEPTED)


@extend_schema_view(get=extend_schema(operation_id="drift_reports_retrieve"))
class DriftReportView(RetrieveAPIView):
    """One drift report with all its metrics."""

    scopes = {"GET": Scope.READ}
    shows = "drift.driftreport"
    serializer_class = shapes.DriftReportSerializer
    queryset = DriftReport.objects.with_accepted_by().defer("histograms")
    lookup_url_kwarg = "report_id"

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.auth)


class AcceptReportView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="accept_drift_report",
        request=shapes.AcceptRequestSerializer,
        responses={201: shapes.BaselineSerializer, 400: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def post(self, request, report_id):
        """Accept the current window as the new normal: it is pinned as a baseline for scheduled checks."""
        require(request, "drift.change_driftreport")
        report = find(DriftReport.objects, request, report_id)
        body = shapes.AcceptRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            baseline = baselines.accept(report.pk, by=request.user, **body.validated_data)
        except (NotAcceptable, TooManyBaselines) as error:
            raise Conflict(str(error)) from error
        except NothingToPin as error:
            raise invalid(FieldError("", "no_events", str(error))) from error
        except InvalidWindow as error:
            raise invalid(_window_error(error)) from error
        return Response(shapes.BaselineSerializer(baseline).data, status=status.HTTP_201_CREATED)


class BaselineView(APIView):
    scopes = {"GET": Scope.READ, "PUT": Scope.OPERATE}
    shows = "drift.driftreport"

    @extend_schema(operation_id="baselines_retrieve", responses=shapes.BaselineSerializer)
    def get(self, request, deployment_id, name):
        """The newest version of a baseline."""
        deployment = find_deployment(request, deployment_id)
        named = Baseline.objects.of_deployment(deployment.pk).named(name).without_parts().order_by("-version")
        return Response(shapes.BaselineSerializer(get_object_or_404(named[:1])).data)

    @extend_schema(
        operation_id="pin_baseline",
        request=shapes.BaselineRequestSerializer,
        responses={200: shapes.BaselineSerializer, 400: ErrorsSerializer, 409: ErrorsSerializer},
    )
    def put(self, request, deployment_id, name):
        """Pin a window under this name, as a new version."""
        require(request, "drift.add_baseline")
        deployment = find_deployment(request, deployment_id)
        body = shapes.BaselineRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            baseline = baselines.pin(deployment.pk, name, by=request.user, **body.validated_data)
        except InvalidWindow as error:
            raise invalid(_window_error(error, within="window")) from error
        except NothingToPin as error:
            raise invalid(FieldError("window", "no_events", str(error))) from error
        except TooManyBaselines as error:
            raise Conflict(str(error)) from error
        return Response(shapes.BaselineSerializer(baseline).data)


def _window_error(error: InvalidWindow, within: str = "") -> FieldError:
    """The error of a window, with the path of its field in the request body."""
    code = "no_baseline" if error.field.endswith("baseline") else "invalid_window"
    return FieldError(".".join(filter(None, (within, error.field))), code, error.message)
