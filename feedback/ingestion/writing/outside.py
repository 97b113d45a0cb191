"""Writes entries to a store outside of the database's transaction: the store first, then the counts.

A claim tells a second attempt which items are its own.
"""

from collections.abc import Mapping, Sequence

from django.db import transaction

from feedback.choices import ItemKind
from feedback.ingestion.stream import Entry
from feedback.ingestion.writing import appending, bookkeeping, claims, counting
from feedback.ingestion.writing.preparing import Prepared
from feedback.stores.schema import Row


def write(entries: Sequence[Entry], prepared: Mapping[ItemKind, Prepared]) -> list[Entry]:
    """Write entries; return those not written before."""
    mine = _claim(entries, prepared)
    appending.append(prepared, mine)
    for kind, rows in mine.items():
        # Those that an earlier attempt brought into the store are stored, too.
        _keep_stored(prepared[kind], {row["id"] for row in rows} - prepared[kind].rejected.keys())
    with transaction.atomic():
        fresh = counting.open_entries(entries)
        written = {entry.batch_id for entry in fresh}
        for of_kind in prepared.values():
            _keep_stored(of_kind, {item_id for item_id in of_kind.stored if of_kind.batch_of[item_id] in written})
        counting.count(fresh, prepared)
        claims.release([entry.batch_id for entry in entries])
    return fresh


def _claim(entries: Sequence[Entry], prepared: Mapping[ItemKind, Prepared]) -> dict[ItemKind, list[Row]]:
    """The rows that these entries add, now or in an earlier attempt."""
    batch_ids = {entry.batch_id for entry in entries} - bookkeeping.written(entries)
    mine = {}
    for kind in claims.KINDS:
        of_kind = prepared[kind]
        left = of_kind.left(batch_ids)
        claimed = claims.claim(kind, {row["id"]: of_kind.batch_of[row["id"]] for row in left})
        mine[kind] = [row for row in left if row["id"] in claimed]
    return mine


def _keep_stored(prepared: Prepared, item_ids: set[str]) -> None:
    prepared.stored.clear()
    prepared.stored.update(item_ids)
