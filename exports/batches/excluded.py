"""The rows of a set that an export reads, and which of them it left out."""

from uuid import UUID

from django.db.models import QuerySet

from curation.models import CuratedExample, CuratedPair
from exports.batches.encodings import ENCODINGS
from exports.choices import LeftOut, Profile
from exports.models import ExportBatch

SHOWN = 50


def rows_of(batch: ExportBatch) -> QuerySet:
    """The accepted examples of the set, or its pairs, as the format is of the one or the other."""
    if ENCODINGS[batch.format].reads_pairs(batch.curated_set):
        return CuratedPair.objects.filter(curated_set_id=batch.curated_set_id)
    return CuratedExample.objects.filter(curated_set_id=batch.curated_set_id).accepted()


def first_of(batch: ExportBatch) -> list[tuple[UUID, LeftOut]]:
    """The events of the first rows that are not in the file, each with the reason, in set order; none before there is a
    file. The event of a pair is that of its chosen answer.
    """
    if batch.rows is None:
        return []
    encoding, profile = ENCODINGS[batch.format], Profile(batch.options.get("profile", Profile.DEFAULT))
    missing = rows_of(batch).exclude(export_items__batch=batch)
    found = [(_event(row), encoding.records(row, profile)) for row in missing.in_order()[:SHOWN]]
    # What the format could hold was withdrawn when the file was written.
    return [
        (event_id, records if isinstance(records, LeftOut) else LeftOut.TRAINING_NOT_ALLOWED)
        for event_id, records in found
    ]


def _event(row: CuratedExample | CuratedPair) -> UUID:
    return row.chosen_event_id if isinstance(row, CuratedPair) else row.event_id
