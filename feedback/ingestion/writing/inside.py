"""Writes entries to a store that shares the database's transaction: rows and counts are committed together."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from feedback.choices import ItemKind
from feedback.ingestion.stream import Entry
from feedback.ingestion.writing import appending, counting
from feedback.ingestion.writing.preparing import Prepared


def write(entries: Sequence[Entry], prepared: Mapping[ItemKind, Prepared]) -> list[Entry]:
    """Write entries; return those not written before."""
    with transaction.atomic():
        fresh = counting.open_entries(entries)
        batch_ids = {entry.batch_id for entry in fresh}
        appending.append(prepared, {kind: of_kind.left(batch_ids) for kind, of_kind in prepared.items()})
        counting.count(fresh, prepared)
    return fresh
