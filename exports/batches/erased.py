"""Keeps rows of erased users out of files that are being written."""

from curation.models import CuratedExample, CuratedPair, CuratedSet
from exports.models import ExportBatch


class RowsErased(Exception):
    def __init__(self):
        super().__init__(
            "A user was erased while the file was written, and it held rows of theirs. Approve this export again: the "
            "next file leaves them out."
        )


def count(set_id: int) -> int:
    """How many rows of a set are erased."""
    return sum(rows.objects.filter(curated_set_id=set_id).erased().count() for rows in (CuratedExample, CuratedPair))


def require_none(batch: ExportBatch) -> None:
    """Raise RowsErased if an item of the batch was erased since it was read. None is until the transaction ends."""
    CuratedSet.objects.select_for_update(no_key=True).get(pk=batch.curated_set_id)
    erased = (
        rows.objects.filter(curated_set_id=batch.curated_set_id, export_items__batch=batch).erased()
        for rows in (CuratedExample, CuratedPair)
    )
    if any(found.exists() for found in erased):
        raise RowsErased
