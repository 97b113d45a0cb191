"""The API of the ledger: the outcome of one request."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback.choices import Scope
from feedback.ingestion import ledger
from feedback.serializers import ingest as shapes


class BatchView(APIView):
    scopes = {"GET": Scope.READ}
    shows = "feedback.ingestbatch"

    @extend_schema(operation_id="batches_retrieve", responses=shapes.BatchSerializer)
    def get(self, request, batch_id):
        """The outcome of the items of one request."""
        counts = ledger.counts_of(batch_id)
        if counts is None or not request.auth.sees(*counts.deployments - {""}):
            raise Http404
        return Response(shapes.BatchSerializer(counts).data)
