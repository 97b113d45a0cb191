"""The API of drift reports as files."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.views import APIView

from drift.models import DriftReport
from drift.pages import files
from feedback.api.rights import find
from feedback.choices import Scope


class AnyAccepted(BaseContentNegotiation):
    """Ignores the Accept header, because the path names the format; errors are JSON."""

    def select_parser(self, request, parsers):
        return parsers[0]

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


class ReportFileView(APIView):
    """One drift report as a self-contained file."""

    scopes = {"GET": Scope.READ}
    shows = "drift.driftreport"
    content_negotiation_class = AnyAccepted
    form = "html"

    @extend_schema(operation_id="drift_report_html", responses={(200, "text/html"): OpenApiTypes.STR})
    def get(self, request, report_id):
        return download(find(DriftReport.objects.with_accepted_by(), request, report_id), self.form)


class MarkdownReportFileView(ReportFileView):
    form = "md"

    @extend_schema(operation_id="drift_report_markdown", responses={(200, "text/markdown"): OpenApiTypes.STR})
    def get(self, request, report_id):
        return super().get(request, report_id)


def download(report: DriftReport, form: str) -> HttpResponse:
    file = files.of_report(report, form)
    return HttpResponse(
        file.content,
        content_type=file.media_type,
        headers={"Content-Disposition": f'attachment; filename="{file.name}"', "X-Content-Type-Options": "nosniff"},
    )
