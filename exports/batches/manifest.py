"""The manifest of an export: what its rows are and where they come from."""

from typing import Any

from exports.batches import gathering
from exports.models import ExportBatch

VERSION = 1


def of(batch: ExportBatch, gathered: gathering.Gathered) -> dict[str, Any]:
    """The manifest of a batch whose records are made. Its only date is that of the approval of the set, so that the
    same request gives the same bytes.
    """
    curated_set = batch.curated_set
    return {
        "manifest_version": VERSION,
        "deployment": curated_set.deployment_id,
        "set": curated_set.name,
        "version": curated_set.version,
        "content_hash": curated_set.content_hash,
        "approved_at": curated_set.decided_at.isoformat() if curated_set.decided_at else None,
        "format": batch.format,
        "options": batch.options,
        "tables": gathering.facts(gathered.tables()),
        "excluded": dict(gathered.excluded),
    }
