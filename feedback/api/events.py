"""The API of events, signals and scores: ingestion and reads."""

import msgspec
from django.http import Http404
from drf_spectacular.utils import OpenApiExample, OpenApiTypes, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.api import described_items, item_examples
from feedback.api.errors import invalid
from feedback.api.ingest import IngestView
from feedback.choices import EventFileFormat, ItemKind, Scope
from feedback.event_files import responses
from feedback.event_files.filters import event_filter, within_search
from feedback.event_files.formats import MEDIA_TYPES
from feedback.evidence.keeping import worst_first
from feedback.evidence.keeping.reading import evidence_of, evidence_of_events
from feedback.field_errors import FieldError
from feedback.flagging import shown as flags
from feedback.ingestion import feedback_documents
from feedback.ir.items import from_event
from feedback.serializers import events as shapes
from feedback.serializers.base import ErrorsSerializer
from feedback.serializers.ingest import ReceiptSerializer
from feedback.stores import pages

_RECEIPTS = {202: ReceiptSerializer, 207: ReceiptSerializer, 400: ErrorsSerializer}


def _examples(values):
    return [OpenApiExample(name, value, summary=name, request_only=True) for name, value in values.items()]


class EventsView(IngestView):
    scopes = {"POST": Scope.INGEST, "GET": Scope.READ}
    shows = "feedback.event"
    kind = ItemKind.EVENT
    list_name = "events"
    query = shapes.EventQuerySerializer

    @extend_schema(
        operation_id="events_create",
        request={"application/json": described_items.EVENTS, "application/x-ndjson": OpenApiTypes.STR},
        responses=_RECEIPTS,
        examples=_examples(item_examples.EVENTS),
    )
    def post(self, request):
        """Accept events; they are durable before the response is sent."""
        return self.ingest(request)

    @extend_schema(
        operation_id="events_list",
        parameters=[shapes.EventQuerySerializer],
        responses={200: shapes.EventListSerializer, 400: ErrorsSerializer},
    )
    def get(self, request):
        """Events, newest first, or those with evidence, worst first."""
        query = self.query(data=request.query_params)
        query.is_valid(raise_exception=True)
        given = query.validated_data
        where = event_filter(given, deployment_ids=request.auth.deployments)
        is_worst_first = given["order"] == "worst"
        where, searched_from = (where, None) if is_worst_first else within_search(where)
        read = worst_first.page if is_worst_first else pages.page
        try:
            page = read(where, size=given["page_size"], cursor=given.get("cursor"))
        except pages.InvalidCursor as error:
            raise invalid(FieldError("cursor", "invalid", str(error))) from error
        evidence = evidence_of_events([row["id"] for row in page.rows])
        for row in page.rows:
            row["evidence"] = evidence.get(row["id"])
        links = {"next": _link(request, page.next), "previous": _link(request, page.previous)}
        body = {"results": page.rows, **links, "searched_from": searched_from}
        return Response(shapes.EventListSerializer(body).data)


def _link(request, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    query = request.query_params.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


class EventExportView(APIView):
    scopes = {"GET": Scope.READ}
    shows = "feedback.event"
    query = shapes.EventExportQuerySerializer

    def perform_content_negotiation(self, request, force=False):
        # The file has the format of the query, regardless of the Accept header; only errors are rendered.
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(
        operation_id="events_export",
        parameters=[shapes.EventExportQuerySerializer],
        responses={
            **{(200, media_type): OpenApiTypes.BINARY for media_type in MEDIA_TYPES},
            400: ErrorsSerializer,
            503: ErrorsSerializer,
        },
    )
    def get(self, request):
        """A file of all events that match, the newest first, each with what the call for one event has."""
        query = self.query(data=request.query_params)
        query.is_valid(raise_exception=True)
        where = event_filter(query.validated_data, deployment_ids=request.auth.deployments)
        file_format = EventFileFormat(query.validated_data["format"])
        by = f"{request.user.get_username()}, key {request.auth.prefix}"
        return responses.response(where, file_format, by=by, method=request.method)


class EventView(APIView):
    scopes = {"GET": Scope.READ}
    shows = "feedback.event"

    @extend_schema(operation_id="events_retrieve", responses=shapes.EventSerializer)
    def get(self, request, event_id):
        """One event with its checks, evidence and signals; 404 until it is stored."""
        event = pages.find(event_id, deployment_ids=request.auth.deployments or None)
        if event is None:
            raise Http404
        event["evidence"] = evidence_of(event["id"])
        event["flags"] = flags.of_event(event["id"])
        return Response(shapes.EventSerializer(event).data)


class SignalsView(IngestView):
    scopes = {"POST": Scope.SIGNALS}
    kind = ItemKind.SIGNAL
    list_name = "signals"

    @extend_schema(
        operation_id="signals_create",
        request={"application/json": described_items.SIGNALS, "application/x-ndjson": OpenApiTypes.STR},
        responses=_RECEIPTS,
        examples=_examples(item_examples.SIGNALS),
    )
    def post(self, request):
        """Accept signals; they are durable before the response is sent."""
        return self.ingest(request)


class FeedbackEventsView(IngestView):
    scopes = {"POST": Scope.INGEST}
    list_name = "feedback_events"

    @extend_schema(
        operation_id="feedback_events_create",
        request={"application/json": described_items.FEEDBACK_EVENTS, "application/x-ndjson": OpenApiTypes.STR},
        responses=_RECEIPTS,
        examples=_examples(item_examples.FEEDBACK_EVENTS),
    )
    def post(self, request):
        """Accept Feedback.Events of the Crucible IR, each as an event, a signal or both."""
        return self.ingest(request)

    def accept(self, items, *, key):
        return feedback_documents.accept_documents(items, key=key)


class EventFeedbackView(APIView):
    scopes = {"GET": Scope.READ}
    shows = "feedback.event"

    @extend_schema(operation_id="events_feedback", responses=shapes.FeedbackEventsSerializer)
    def get(self, request, event_id):
        """One event as Feedback.Events of the Crucible IR: one for each live signal, or one without a value."""
        event = pages.find(event_id, deployment_ids=request.auth.deployments or None)
        if event is None:
            raise Http404
        return Response({"results": [msgspec.to_builtins(one) for one in from_event(event)]})


class ScoresView(IngestView):
    scopes = {"POST": Scope.INGEST}
    kind = ItemKind.SCORE
    list_name = "scores"

    @extend_schema(
        operation_id="scores_create",
        request={"application/json": described_items.SCORES, "application/x-ndjson": OpenApiTypes.STR},
        responses=_RECEIPTS,
        examples=_examples(item_examples.SCORES),
    )
    def post(self, request):
        """Accept scores of the application; they are durable before the response is sent."""
        return self.ingest(request)
