"""API of judging offline: export events to be judged elsewhere, and apply their scores."""

from dataclasses import asdict

from django.core.exceptions import RequestDataTooBig
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.api.errors import Conflict, error_response, invalid
from feedback.api.rights import find_deployment, require, require_view
from feedback.choices import Scope
from feedback.field_errors import FieldError
from feedback.ingestion.parsing import bodies, requests
from feedback.judging.offline import applying, exporting
from feedback.rubrics import versions
from feedback.serializers import offline_judging as shapes
from feedback.serializers.base import ErrorsSerializer

LINES = "application/x-ndjson"


class ExportJudgementsView(APIView):
    scopes = {"POST": Scope.OPERATE}

    @extend_schema(
        operation_id="judgements_export",
        request=shapes.JudgementsExportSerializer,
        responses={
            (200, LINES): OpenApiTypes.STR,
            400: ErrorsSerializer,
            404: ErrorsSerializer,
            409: ErrorsSerializer,
        },
    )
    def post(self, request, deployment_id):
        """Sample events to be judged elsewhere: a header with the rubric, then a line for each event."""
        deployment = find_deployment(request, deployment_id)
        require_view(request, "feedback.event")
        exporting.check_permission(request.user)
        body = shapes.JudgementsExportSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        try:
            rubric = versions.find(wanted["rubric"])
            prepared = exporting.prepare(
                deployment, rubric, sample=wanted["sample"], judge=wanted["judge"], by=request.user
            )
        except versions.UnknownRubric as error:
            raise invalid(FieldError("rubric", "unknown_rubric", str(error))) from error
        except exporting.ExportNotAllowed as error:
            raise Conflict(str(error)) from error
        answer = StreamingHttpResponse(exporting.lines(prepared, by=request.user), content_type=LINES)
        answer.headers["Content-Disposition"] = f'attachment; filename="{prepared.judge.name}.jsonl"'
        return answer


class ApplyJudgementsView(APIView):
    scopes = {"POST": Scope.OPERATE}
    query = shapes.ApplyQuerySerializer

    @extend_schema(
        operation_id="judgements_apply",
        parameters=[shapes.ApplyQuerySerializer],
        request={"application/json": shapes.FilledLinesSerializer, LINES: shapes.FilledLineSerializer},
        responses={
            200: shapes.AppliedLinesSerializer,
            207: shapes.AppliedLinesSerializer,
            400: ErrorsSerializer,
            409: ErrorsSerializer,
            413: ErrorsSerializer,
            415: ErrorsSerializer,
        },
    )
    def post(self, request):
        """Apply scored events, one a line: 200, or 207 if a line is rejected. Lines applied before are unchanged."""
        require(request, applying.PERMISSION)
        query = self.query(data=request.query_params)
        query.is_valid(raise_exception=True)
        try:
            items = requests.read_items(
                request.body,
                bounds=requests.Bounds.of(is_public=False),
                content_type=request.content_type or "",
                encoding=request.headers.get("Content-Encoding", "").strip().lower(),
                list_name="judgements",
            )
            found = applying.apply(
                items, by=request.user, deployments=request.auth.deployments, replace=query.validated_data["replace"]
            )
        except bodies.MalformedBody as error:
            return error_response("malformed", str(error), http_status=400)
        except (bodies.BodyTooLarge, RequestDataTooBig) as error:
            return error_response("too_large", str(error), http_status=413)
        except requests.UnsupportedBody as error:
            return error_response("unsupported_media_type", str(error), http_status=415)
        except applying.WrongFile as error:
            raise Conflict(str(error)) from error
        return _answer(found)


def _answer(found: applying.AppliedLines) -> Response:
    rejected = [{"index": index, **asdict(error)} for index, error in found.rejected]
    code = status.HTTP_207_MULTI_STATUS if rejected else status.HTTP_200_OK
    return Response(shapes.AppliedLinesSerializer({**found.counts, "rejected": rejected}).data, status=code)
