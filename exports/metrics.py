"""Prometheus metrics of exports."""

from collections import Counter
from collections.abc import Iterator, Sequence

from django.db.models import Count
from prometheus_client.core import Metric

from exports.choices import ExportStatus
from exports.models import ExportBatch
from feedback.metrics import counter, gauge, of_deployments


def families(deployment_ids: Sequence[str]) -> Iterator[Metric]:
    """Published is final, so it is a counter; exports leave every other status, so those are gauges."""
    published: Counter[tuple[str, str]] = Counter()
    unfinished: Counter[tuple[str, str]] = Counter()
    batches = of_deployments(ExportBatch.objects.all(), deployment_ids, "curated_set__deployment_id")
    rows = batches.order_by().values("format", "status").annotate(number=Count("pk"))
    for row in rows:
        family = published if row["status"] == ExportStatus.PUBLISHED else unfinished
        family[row["format"], row["status"]] = row["number"]
    labels = ["format", "status"]
    yield counter("crucible_exports_total", "Published exports.", labels, published)
    yield gauge("crucible_exports_unfinished", "Exports that are not published.", labels, unfinished)
