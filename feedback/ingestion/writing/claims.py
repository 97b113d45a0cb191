"""Exact counts for a store that does not share the database's transactions.

An item is claimed for its request before the store gets it, and the claim goes in the transaction that counts it. So a
request that comes again after a crash knows which of its items it brought into the store itself.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import connection, transaction

from feedback.choices import ItemKind
from feedback.models import StoreClaim
from feedback.stores import event_store
from feedback.stores.base import EventFilter, SignalFilter
from feedback.stores.locks import uuid_array

# Scores wait in the database, and reach the store by a protocol of their own: see `feedback.scores.recording`.
KINDS = (ItemKind.EVENT, ItemKind.SIGNAL)
_CLAIM = """
    INSERT INTO feedback_storeclaim (item_id, kind, batch_id)
    SELECT item_id, %s, batch_id FROM unnest(%s::uuid[], %s::uuid[]) AS row (item_id, batch_id)
    ORDER BY item_id ON CONFLICT DO NOTHING RETURNING item_id::text
"""


def claim(kind: ItemKind, batch_of: Mapping[str, UUID]) -> set[str]:
    """Claim items, given as {id: batch id}; return those that their request brings, now or in an earlier attempt.

    The others are in the store already, or another request is bringing them. Two requests with one id wait here for
    each other, so that the second sees what the first one claimed.
    """
    if not batch_of:
        return set()
    with transaction.atomic():
        earlier = StoreClaim.objects.filter(kind=kind, batch_id__in=set(batch_of.values()))
        mine = {
            str(item_id)
            for item_id, batch_id in earlier.values_list("item_id", "batch_id")
            if batch_of.get(str(item_id)) == batch_id
        }
        fresh = _insert(kind, {item_id: batch for item_id, batch in batch_of.items() if item_id not in mine})
        there = _in_store(kind, sorted(fresh))
        StoreClaim.objects.filter(kind=kind, item_id__in=there).delete()
    return mine | (fresh - there)


def claim_removal(kind: ItemKind, ids: Sequence[UUID | str]) -> set[str]:
    """Claim items for removal, in the transaction that subtracts them; return those that no one else holds."""
    return _insert(kind, dict.fromkeys(map(str, ids)))


def _insert(kind: ItemKind, batch_of: Mapping[str, UUID | None]) -> set[str]:
    if not batch_of:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [kind, uuid_array(batch_of), list(batch_of.values())])
        return {row[0] for row in cursor.fetchall()}


def _in_store(kind: ItemKind, ids: Sequence[str]) -> set[str]:
    if not ids:
        return set()
    store = event_store()
    if kind == ItemKind.EVENT:
        found = store.scan(EventFilter(ids=ids), ["id"])
    else:
        found = store.scan_signals(SignalFilter(ids=ids, state=None), ["id"])
    return set(found.read_all()["id"].to_pylist())


def release(batch_ids: Sequence[UUID]) -> None:
    """Forget the claims of requests, in the transaction that counts their items."""
    StoreClaim.objects.filter(batch_id__in=batch_ids).delete()


def of_others(batch_ids: Sequence[UUID]) -> frozenset[str]:
    """The ids of items that are in the store, or on their way, but not counted yet, except those of these requests."""
    others = StoreClaim.objects.exclude(batch_id__in=batch_ids)
    return frozenset(str(item_id) for item_id in others.values_list("item_id", flat=True))
