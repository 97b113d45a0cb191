"""Prometheus metrics of ingestion, read from the ledger and the stream at every scrape."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, QuerySet
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily

from feedback.choices import ItemKind
from feedback.ingestion import stream, writers
from feedback.models import IngestCount, RejectedItem

OUTCOMES = ("accepted", "stored", "duplicate", "sampled_out", "rejected", "invalid")
OWN_LABELS = 200
OTHER = "(other)"  # No id of a deployment has parentheses.


@dataclass(frozen=True)
class Ledger:
    """The ledger's sums by deployment and kind, and the deployments that are shown under their own names.

    Those are the first OWN_LABELS ever seen. Were they the largest, a change of rank would move counts between
    labels, and Prometheus would take a sum that sinks for a counter that started again.
    """

    sums: Sequence[dict[str, Any]] = ()
    named: frozenset[str] = frozenset()

    def label(self, deployment_id: str) -> str:
        return deployment_id if deployment_id in self.named else OTHER


def of_deployments(rows: QuerySet, deployment_ids: Sequence[str], field: str = "deployment_id") -> QuerySet:
    """The rows of these deployments; of all when there are none to choose from."""
    return rows.filter(**{f"{field}__in": deployment_ids}) if deployment_ids else rows


def read_ledger(deployment_ids: Sequence[str]) -> Ledger:
    """The ledger of these deployments, or of all."""
    counts = of_deployments(IngestCount.objects.all(), deployment_ids).totals("deployment_id", "kind")
    sums = list(counts.annotate(first_at=Min("hour_at")).order_by("first_at", "deployment_id", "kind"))
    seen = dict.fromkeys(row["deployment_id"] for row in sums)
    return Ledger(sums, frozenset([*deployment_ids, *seen][:OWN_LABELS]))


def ledger_families(ledger: Ledger, deployment_ids: Sequence[str]) -> Iterator[Metric]:
    items: Counter[tuple[str, str, str]] = Counter()
    flushes: Counter[str] = Counter()
    assessed: Counter[str] = Counter()
    scores: Counter[str] = Counter()
    for row in ledger.sums:
        label, kind = ledger.label(row["deployment_id"]), row["kind"]
        flushes[label] += row["flushes_sum"]
        for outcome in OUTCOMES:
            items[label, kind, outcome] += row[f"{outcome}_sum"]
        if kind == ItemKind.EVENT:
            assessed[label] += row["stored_sum"]
            scores[label] += row["score_total_sum"]
    yield counter(
        "crucible_ingest_items_total",
        "Items by outcome. accepted = stored + duplicate + sampled_out + rejected; "
        "invalid items were rejected in the response.",
        ["deployment", "kind", "outcome"],
        items,
    )
    yield counter("crucible_ingest_flushes_total", "Transactions of writers.", ["deployment"], flushes)
    quality = SummaryMetricFamily(
        "crucible_quality_assessments", "Quality scores of stored events, 0 to 1.", labels=["deployment"]
    )
    for label, number in assessed.items():
        quality.add_metric([label], number, scores[label])
    yield quality
    flushed_at = max((row["last_flush_at"] for row in ledger.sums), default=None)
    if flushed_at is not None:
        yield GaugeMetricFamily(
            "crucible_last_flush_timestamp_seconds", "Time of the last write by a writer.", value=flushed_at.timestamp()
        )
    yield _rejected(ledger, deployment_ids)


def _rejected(ledger: Ledger, deployment_ids: Sequence[str]) -> Metric:
    rejected: Counter[str] = Counter()
    rows = of_deployments(RejectedItem.objects.not_replayed(), deployment_ids).order_by().values("deployment_id")
    for row in rows.annotate(number=Count("pk")):
        rejected[ledger.label(row["deployment_id"])] += row["number"]
    name = "crucible_rejected_items"
    return gauge(name, "Items rejected by the database and not yet replayed.", ["deployment"], rejected)


def stream_families(ledger: Ledger, deployment_ids: Sequence[str]) -> Iterator[Metric]:
    """Metrics of the stream. Installation-wide metrics are omitted for keys limited to some deployments."""
    waiting = stream.waiting()
    if deployment_ids:
        waiting = {name: number for name, number in waiting.items() if name in deployment_ids}
    # The newest deployments wait for their first row in the ledger.
    named = {*[*sorted(ledger.named), *sorted(waiting)][:OWN_LABELS]}
    pending: Counter[str] = Counter()
    for deployment_id, number in waiting.items():
        pending[deployment_id if deployment_id in named else OTHER] += number
    yield gauge("crucible_ingest_pending_items", "Accepted items waiting to be written.", ["deployment"], pending)
    if deployment_ids:
        return
    backlog, alive = stream.backlog(), writers.writers_alive()
    for name, text, value in (
        ("crucible_ingest_backlog_entries", "Requests waiting to be written.", backlog.entries),
        (
            "crucible_ingest_backlog_entries_limit",
            "Limit of requests waiting to be written.",
            settings.INGEST_MAX_BACKLOG_ENTRIES,
        ),
        ("crucible_ingest_backlog_bytes", "Bytes waiting to be written.", backlog.bytes),
        (
            "crucible_ingest_backlog_bytes_limit",
            "Limit of bytes waiting to be written.",
            settings.INGEST_MAX_BACKLOG_BYTES,
        ),
        (
            "crucible_ingest_backlog_oldest_age_seconds",
            "Age of the oldest waiting request; 0 when none waits.",
            backlog.oldest_age_seconds or 0,
        ),
        ("crucible_writers_alive", "Writers with a heartbeat.", len(alive)),
    ):
        yield GaugeMetricFamily(name, text, value=value)


def counter(name: str, text: str, labels: Sequence[str], values: Counter) -> CounterMetricFamily:
    """A counter with one sample per key of `values`: the label, or a tuple of the labels."""
    return _filled(CounterMetricFamily(name, text, labels=labels), values)


def gauge(name: str, text: str, labels: Sequence[str], values: Counter) -> GaugeMetricFamily:
    """A gauge with one sample per key of `values`: the label, or a tuple of the labels."""
    return _filled(GaugeMetricFamily(name, text, labels=labels), values)


def _filled(family, values: Counter):
    for key, value in values.items():
        family.add_metric([key] if isinstance(key, str) else list(key), value)
    return family
