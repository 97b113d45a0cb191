"""The API of what comes in: events, signals, batches, quality, masking."""

from dataclasses import asdict

import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import Http404
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.api.errors import RETRY_SECONDS, refusal
from feedback.api.serializers import traffic as shapes
from feedback.choices import ItemKind, Scope
from feedback.deployments import configuration
from feedback.ingestion import accept, bodies, ledger, requests, stream
from feedback.ingestion.writing import rejections
from feedback.masking import InvalidPattern, mask_text
from feedback.models import Deployment
from feedback.quality import assessment
from feedback.stores import pages
from feedback.stores.base import EventFilter
from feedback.stores.connection_loss import DATABASE_AWAY

log = structlog.get_logger(__name__)


class IngestView(APIView):
    """Takes one object, a list under its name, or newline-delimited JSON; gzip is read."""

    kind: ItemKind
    list_name: str

    def ingest(self, request):
        try:
            items = requests.read_items(
                _whole_body(request),
                content_type=request.content_type or "",
                encoding=request.headers.get("Content-Encoding", "").strip().lower(),
                list_name=self.list_name,
            )
            receipt = accept.accept(items, self.kind, key=request.auth)
        except bodies.MalformedBody as error:
            return refusal("malformed", str(error), http_status=400)
        except (bodies.BodyTooLarge, RequestDataTooBig) as error:
            return refusal("too_large", str(error), http_status=413)
        except requests.UnsupportedBody as error:
            return refusal("unsupported_media_type", str(error), http_status=415)
        except stream.BacklogFull as error:
            return refusal("backlog_full", str(error), http_status=429, headers={"Retry-After": RETRY_SECONDS})
        except DATABASE_AWAY as error:
            log.warning("nothing_accepted", error=rejections.reason_of(error))
            message = "Neither the stream nor the database can be reached; nothing was accepted. Send it again later."
            return refusal("unavailable", message, http_status=503, headers={"Retry-After": RETRY_SECONDS})
        return _answer(receipt)


def _whole_body(request) -> bytes:
    """The body, if all of it came: a cut one may still parse, as fewer items than were sent."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if announced.isdecimal() and len(request.body) < int(announced):
        raise bodies.MalformedBody(f"Only {len(request.body)} of {announced} bytes arrived.")
    return request.body


def _answer(receipt: accept.Receipt) -> Response:
    if not receipt.ids:
        errors = [asdict(error) | {"index": item.index} for item in receipt.rejected for error in item.errors]
        return Response({"errors": errors}, status=status.HTTP_400_BAD_REQUEST)
    body = {
        "batch_id": receipt.batch_id,
        "accepted": len(receipt.ids),
        "duplicates": receipt.duplicates,
        "ids": receipt.ids,
    }
    if not receipt.rejected:
        return Response(body, status=status.HTTP_202_ACCEPTED)
    body["rejected"] = [asdict(item) for item in receipt.rejected]
    return Response(body, status=status.HTTP_207_MULTI_STATUS)


_RECEIPTS = {202: shapes.ReceiptSerializer, 207: shapes.ReceiptSerializer, 400: shapes.ErrorsSerializer}


class EventsView(IngestView):
    scopes = {"POST": Scope.INGEST, "GET": Scope.READ}
    kind = ItemKind.EVENT
    list_name = "events"

    @extend_schema(
        operation_id="events_create",
        request={"application/json": OpenApiTypes.OBJECT, "application/x-ndjson": OpenApiTypes.STR},
        responses=_RECEIPTS,
    )
    def post(self, request):
        """Accept events: durable before the answer."""
        return self.ingest(request)

    @extend_schema(
        operation_id="events_list",
        parameters=[shapes.EventQuerySerializer],
        responses={200: shapes.EventListSerializer, 400: shapes.ErrorsSerializer},
    )
    def get(self, request):
        """Events, newest first."""
        query = shapes.EventQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        given = query.validated_data
        where = EventFilter(
            deployment_id=given.get("deployment_id"),
            deployment_ids=request.auth.deployments or None,
            model_version_id=given.get("model_version_id"),
            prompt_version=given.get("prompt_version"),
            occurred_from=given.get("from"),
            occurred_to=given.get("to"),
            min_quality=given.get("min_quality"),
            signal=given.get("signal"),
            text=given.get("q", ""),
        )
        try:
            page = pages.page(where, size=given["page_size"], cursor=given.get("cursor"))
        except pages.InvalidCursor as error:
            return refusal("invalid", str(error), http_status=400, field="cursor")
        body = {"results": page.rows, "next": _link(request, page.next), "previous": _link(request, page.previous)}
        return Response(shapes.EventListSerializer(body).data)


def _link(request, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    query = request.query_params.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


class EventView(APIView):
    scopes = {"GET": Scope.READ}

    @extend_schema(operation_id="events_retrieve", responses=shapes.EventSerializer)
    def get(self, request, event_id):
        """One event with its quality and signals; 404 until it is stored."""
        event = pages.find(event_id, deployment_ids=request.auth.deployments or None)
        if event is None:
            raise Http404
        return Response(shapes.EventSerializer(event).data)


class SignalsView(IngestView):
    scopes = {"POST": Scope.SIGNALS}
    kind = ItemKind.SIGNAL
    list_name = "signals"

    @extend_schema(
        operation_id="signals_create",
        request={"application/json": OpenApiTypes.OBJECT, "application/x-ndjson": OpenApiTypes.STR},
        responses=_RECEIPTS,
    )
    def post(self, request):
        """Accept signals: durable before the answer."""
        return self.ingest(request)


class BatchView(APIView):
    scopes = {"GET": Scope.READ}

    @extend_schema(responses=shapes.BatchSerializer)
    def get(self, request, batch_id):
        """What became of the items of one request."""
        counts = ledger.counts_of(batch_id)
        if counts is None or not request.auth.sees(*counts.deployments - {""}):
            raise Http404
        return Response(shapes.BatchSerializer(counts).data)


class AssessView(APIView):
    scopes = {"POST": Scope.READ}

    @extend_schema(request=shapes.AssessRequestSerializer, responses=shapes.AssessmentSerializer)
    def post(self, request):
        """Score one prompt and response; nothing is stored."""
        given = shapes.AssessRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(shapes.AssessmentSerializer(assessment.assess(**given.validated_data)).data)


class MaskView(APIView):
    scopes = {"POST": Scope.READ}

    @extend_schema(
        request=shapes.MaskRequestSerializer, responses={200: shapes.MaskedSerializer, 409: shapes.ErrorsSerializer}
    )
    def post(self, request):
        """Mask one text; nothing is stored. Offsets are code points of the given text.

        With `deployment_id` the patterns of that deployment apply too.
        """
        given = shapes.MaskRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        deployment_id = given.validated_data.get("deployment_id")
        patterns = []
        if deployment_id is not None:
            visible = Deployment.objects.visible_to(request.auth)
            deployment = get_object_or_404(visible, pk=deployment_id)
            try:
                patterns = configuration.compiled_patterns(deployment)
            except InvalidPattern as error:
                return refusal("masking_unusable", str(error), http_status=409, field="deployment_id")
        masked = mask_text(given.validated_data["text"], patterns=patterns)
        return Response(shapes.MaskedSerializer(masked).data)
