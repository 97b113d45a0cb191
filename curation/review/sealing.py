"""Seals the rows of a decided set: a salted hash of each, and one of all, that hold after an erasure too.

The content hash needs every text. A sealed set can be checked without the texts of erased rows: their row hashes stay.
"""

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db import connection, transaction

from curation.models import CuratedExample, CuratedPair, CuratedSet
from curation.sets.content import canonical

Row = CuratedExample | CuratedPair
KINDS = (CuratedExample, CuratedPair)
# Rows whose texts are in memory at a time.
_BATCH = 500
_STORE = """
UPDATE {table} AS stored SET row_hash = new.hash
FROM unnest(%s::bigint[], %s::text[]) AS new(id, hash) WHERE stored.id = new.id
"""


@dataclass(frozen=True)
class Checked:
    """The result of a check. changed: the ids of rows whose content is not what was sealed."""

    rows: int
    erased: int
    changed: list[int]
    is_complete: bool

    @property
    def is_unchanged(self) -> bool:
        return self.is_complete and not self.changed


def seal(set_id: int) -> None:
    """Store the salted hashes of a set and of its rows, examples of its queue included, unless it has them."""
    with transaction.atomic():
        curated_set = CuratedSet.objects.select_for_update().get(pk=set_id)
        if curated_set.sealed_hash:
            return
        salt = secrets.token_hex(32)
        hashes: list[str] = []
        for kind in KINDS:
            for rows in _batches(kind, set_id):
                found = [row_hash(row, salt) for row in rows]
                with connection.cursor() as cursor:
                    cursor.execute(_STORE.format(table=kind._meta.db_table), [[row.pk for row in rows], found])
                hashes += found
        CuratedSet.objects.filter(pk=set_id).update(salt=salt, sealed_hash=sealed_hash(hashes))


def check(curated_set: CuratedSet) -> Checked:
    """Compare the rows of a sealed set with their hashes; those of erased rows are taken as they are."""
    hashes: list[str] = []
    changed: list[int] = []
    erased = 0
    for kind in KINDS:
        for rows in _batches(kind, curated_set.pk):
            hashes += [row.row_hash for row in rows]
            erased += sum(row.erased_at is not None for row in rows)
            changed += [row.pk for row in rows if not row.erased_at and row_hash(row, curated_set.salt) != row.row_hash]
    return Checked(len(hashes), erased, changed, is_complete=sealed_hash(hashes) == curated_set.sealed_hash)


def row_hash(row: Row, salt: str) -> str:
    """SHA-256 of the salt of a set and the content of a row: without the salt no text can be guessed from it."""
    return hashlib.sha256(bytes.fromhex(salt) + canonical(row)).hexdigest()


def sealed_hash(row_hashes: Sequence[str]) -> str:
    """SHA-256 of the row hashes of a set, independent of their order."""
    return hashlib.sha256("\n".join(sorted(row_hashes)).encode()).hexdigest()


def _batches(kind: type[Row], set_id: int) -> Iterator[list[Row]]:
    unread = kind.objects.filter(curated_set_id=set_id).order_by("pk").iterator(chunk_size=_BATCH)
    while rows := list(islice(unread, _BATCH)):
        yield rows
