"""Which examples of a set an export left out."""

from curation.models import CuratedExample
from exports.batches.encodings import ENCODINGS
from exports.choices import LeftOut, Profile
from exports.models import ExportBatch

SHOWN = 50


def first_of(batch: ExportBatch) -> list[tuple[CuratedExample, LeftOut]]:
    """The first examples that are not in the file, each with the reason, in set order; none before there is a file."""
    if batch.rows is None:
        return []
    encoding, profile = ENCODINGS[batch.format], Profile(batch.options.get("profile", Profile.DEFAULT))
    accepted = CuratedExample.objects.filter(curated_set_id=batch.curated_set_id).accepted()
    missing = accepted.exclude(export_items__batch=batch)
    found = [(example, encoding.records(example, profile)) for example in missing.in_order()[:SHOWN]]
    # What the format could hold was withdrawn when the file was written.
    return [
        (example, records if isinstance(records, LeftOut) else LeftOut.TRAINING_NOT_ALLOWED)
        for example, records in found
    ]
