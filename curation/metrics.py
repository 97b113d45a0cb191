"""Prometheus metrics of curation."""

from collections import Counter
from collections.abc import Iterator, Sequence

from prometheus_client.core import Metric

from curation.models import CuratedSet
from feedback.metrics import Ledger, counter, of_deployments


def families(ledger: Ledger, deployment_ids: Sequence[str]) -> Iterator[Metric]:
    """Count finished runs; later review decisions do not change a run's status."""
    runs: Counter[tuple[str, str]] = Counter()
    examples: Counter[str] = Counter()
    built = of_deployments(CuratedSet.objects.built(), deployment_ids).order_by()
    for deployment_id, error, counts in built.values_list("deployment_id", "error", "counts"):
        label = ledger.label(deployment_id)
        runs[label, "failed" if error else "completed"] += 1
        examples[label] += sum(counts.values())
    yield counter(
        "crucible_curation_runs_total",
        "Finished curation runs; a run that failed or found nothing counts as failed.",
        ["deployment", "status"],
        runs,
    )
    yield counter("crucible_curated_examples_total", "Curated examples.", ["deployment"], examples)
