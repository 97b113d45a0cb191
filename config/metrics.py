"""Prometheus metrics: one collector that queries database and stream on each scrape."""

from collections.abc import Iterator, Sequence

import redis
import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from rest_framework.views import APIView

from curation import metrics as curation_metrics
from drift import metrics as drift_metrics
from exports import metrics as export_metrics
from feedback import metrics as feedback_metrics
from feedback.choices import Scope
from feedback.metrics import Ledger
from feedback.stores.connection_loss import is_database_unavailable

log = structlog.get_logger(__name__)


class Collector:
    """The metrics of these deployments, or of all if none are given."""

    def __init__(self, deployment_ids: Sequence[str] = ()):
        self._deployment_ids = deployment_ids

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("crucible_up", "1 when a server answers, else 0.", labels=["component"])
        ledger = self._ledger()
        up.add_metric(["database"], 0 if ledger is None else 1)
        yield from self._from_database(ledger) if ledger else ()
        families = self._from_stream(ledger or Ledger())
        up.add_metric(["stream"], 0 if families is None else 1)
        yield from families or ()
        yield up

    def _ledger(self) -> Ledger | None:
        try:
            return feedback_metrics.read_ledger(self._deployment_ids)
        except (OperationalError, InterfaceError) as error:
            if not is_database_unavailable(error):
                raise
            log.warning("metrics_without_database", error=type(error).__name__)
            return None

    def _from_database(self, ledger: Ledger) -> Iterator[Metric]:
        yield from feedback_metrics.ledger_families(ledger, self._deployment_ids)
        yield from drift_metrics.families(ledger, self._deployment_ids)
        yield from curation_metrics.families(ledger, self._deployment_ids)
        yield from export_metrics.families(self._deployment_ids)

    def _from_stream(self, ledger: Ledger) -> list[Metric] | None:
        try:
            return list(feedback_metrics.stream_families(ledger, self._deployment_ids))
        except (redis.ConnectionError, redis.TimeoutError) as error:
            log.warning("metrics_without_stream", error=type(error).__name__)
            return None


class MetricsView(APIView):
    scopes = {"GET": Scope.READ}
    shows = "feedback.ingestbatch"

    @extend_schema(responses={(200, "text/plain"): OpenApiResponse(OpenApiTypes.STR, "Prometheus text format")})
    def get(self, request):
        registry = CollectorRegistry()
        registry.register(Collector(request.auth.deployments))
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return HttpResponse(encode(registry), content_type=content_type)

    def perform_content_negotiation(self, request, force=False):
        # The encoder chooses the format; errors are JSON regardless of the Accept header.
        return super().perform_content_negotiation(request, force=True)
