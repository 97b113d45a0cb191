"""Prometheus metrics of drift."""

from collections import Counter
from collections.abc import Iterator, Sequence

from django.db.models import Count
from prometheus_client.core import Metric

from drift.models import DriftReport
from feedback.metrics import Ledger, counter, of_deployments


def families(ledger: Ledger, deployment_ids: Sequence[str]) -> Iterator[Metric]:
    reports: Counter[tuple[str, str]] = Counter()
    rows = of_deployments(DriftReport.objects.finished(), deployment_ids).order_by().values("deployment_id", "verdict")
    for row in rows.annotate(number=Count("pk")):
        reports[ledger.label(row["deployment_id"]), row["verdict"]] += row["number"]
    yield counter("crucible_drift_reports_total", "Finished drift reports.", ["deployment", "verdict"], reports)
