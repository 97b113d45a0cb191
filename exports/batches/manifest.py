"""The manifest of an export: what its rows are and where they come from."""

from importlib.metadata import version
from typing import Any

from django.conf import settings
from django.db.models import Count

from curation.models import ContaminatedEvent, CuratedSet, DuplicateLink
from exports.batches.gathering import Gathered
from exports.choices import LeftOut
from exports.formats.base import Table
from exports.models import ExportBatch
from exports.products.figures import Labels, PairLengths
from feedback import masking

VERSION = 1


def of(batch: ExportBatch, gathered: Gathered) -> dict[str, Any]:
    """The manifest of a batch whose records are made.

    Its only dates are those of the request of the set and of the approvals, so that the same request gives the same
    bytes.
    """
    curated_set = batch.curated_set
    return {
        "manifest_version": VERSION,
        "deployment": curated_set.deployment_id,
        "set": curated_set.name,
        "version": curated_set.version,
        "semantic_version": curated_set.semantic_version,
        "parent": _parent(curated_set.parent),
        "set_id": curated_set.pk,
        "content_hash": curated_set.content_hash,
        "request": _request(curated_set),
        "selection": _selection(curated_set),
        "duplicates": _duplicates(curated_set),
        "decontamination": _decontamination(curated_set),
        "approved_at": curated_set.decided_at.isoformat() if curated_set.decided_at else None,
        "approvals": _approvals(batch),
        "license": settings.EXPORT_LICENSE or None,
        "training": {
            # A row that may not be used for training is in no file.
            "training_allowed": True,
            "left_out": gathered.excluded[LeftOut.TRAINING_NOT_ALLOWED],
        },
        "versions": _versions(),
        "format": batch.format,
        "options": batch.options,
        "tables": [_table(table) for table in gathered.tables()],
        "excluded": dict(gathered.excluded),
        "left_out": {product: dict(counts) for product, counts in gathered.left_out_by_product.items()},
        "figures": _figures(gathered),
    }


def _parent(curated_set: CuratedSet | None) -> dict[str, Any] | None:
    """The version that the set was made after."""
    if curated_set is None:
        return None
    return {"set_id": curated_set.pk, "semantic_version": curated_set.semantic_version}


def _request(curated_set: CuratedSet) -> dict[str, Any]:
    return {
        "at": curated_set.created_at.isoformat(),
        "by": curated_set.created_by.username if curated_set.created_by else None,
        "strategies": curated_set.strategies,
        "parameters": curated_set.parameters,
        "filters": curated_set.filters,
        "shares": curated_set.shares,
        "segments": curated_set.segments,
        "splits": curated_set.splits,
        "only_new": curated_set.only_new,
        "limit": curated_set.limit,
        "seed": curated_set.seed,
    }


def _selection(curated_set: CuratedSet) -> dict[str, Any]:
    """What the build found. influence: of the one person on whom most rows rest."""
    return {
        "candidates": curated_set.candidates,
        "examples": curated_set.counts,
        "queued": curated_set.queued,
        "pairs": curated_set.pairs,
        "funnel": curated_set.funnel,
        "influence": curated_set.influence,
        "evidence_snapshot": curated_set.snapshot_id,
    }


def _duplicates(curated_set: CuratedSet) -> dict[str, dict[str, int]]:
    """Events that repeat a row, and rows with a near-copy of another prompt, by method."""
    links = DuplicateLink.objects.filter(curated_set=curated_set).order_by("kind", "method")
    found: dict[str, dict[str, int]] = {}
    for kind, method, number in links.values_list("kind", "method").annotate(number=Count("pk")):
        found.setdefault(kind, {})[method] = number
    return found


def _decontamination(curated_set: CuratedSet) -> list[dict[str, Any]]:
    """The evaluation sets of which the build met texts, with the events that it left out for them."""
    met = ContaminatedEvent.objects.filter(curated_set=curated_set).order_by("evaluation_set", "method")
    counted = met.values_list("evaluation_set", "method").annotate(number=Count("pk"))
    return [{"evaluation_set": name, "method": method, "events": number} for name, method, number in counted]


def _approvals(batch: ExportBatch) -> list[dict[str, Any]]:
    curated_set = batch.curated_set
    decided = [
        ("set", curated_set.decided_by, curated_set.decided_at),
        ("export", batch.approved_by, batch.approved_at),
    ]
    return [
        {"of": name, "by": by.username if by else None, "at": at.isoformat()}
        for name, by, at in decided
        if at is not None
    ]


def _versions() -> dict[str, str]:
    packages = {name: version(name) for name in ("pyarrow", "rensa", "wordllama")}
    return {
        "crucible_feedback": settings.PROGRAM_VERSION,
        "masking": masking.VERSION,
        "embedding_client": settings.EMBEDDING_CLIENT,
        **packages,
    }


def _table(table: Table) -> dict[str, Any]:
    return {"product": table.product, "split": table.split, "rows": table.rows, "columns": list(table.columns)}


def _figures(gathered: Gathered) -> dict[str, Any]:
    """Of products with pairs their lengths, of labelled answers their balance."""
    found: dict[str, Any] = {}
    for product, figures in gathered.figures.items():
        if figures.lengths.pairs:
            found[product] = {"lengths": _lengths(figures.lengths)}
        if figures.labels.desirable or figures.labels.undesirable:
            found[product] = {"labels": _labels(figures.labels)}
    return found


def _lengths(lengths: PairLengths) -> dict[str, Any]:
    difference, correlation = lengths.difference, lengths.correlation
    warning = (
        "Chosen and rejected answers differ in length by more than 20 %. Preference tuning may learn the length."
        if lengths.is_biased
        else None
    )
    return {
        "pairs": lengths.pairs,
        "mean_characters_chosen": round(lengths.mean_chosen, 2),
        "mean_characters_rejected": round(lengths.mean_rejected, 2),
        "difference": None if difference is None else round(difference, 4),
        "share_chosen_longer": round(lengths.chosen_longer / lengths.pairs, 4),
        "correlation_with_margin": None if correlation is None else round(correlation, 4),
        "warning": warning,
    }


def _labels(labels: Labels) -> dict[str, Any]:
    desirable, undesirable = labels.weights or (None, None)
    return {
        "desirable": labels.desirable,
        "undesirable": labels.undesirable,
        "desirable_weight": desirable,
        "undesirable_weight": undesirable,
    }
