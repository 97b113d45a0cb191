"""Which deployment an id belongs to: an id of another deployment is no duplicate."""

from collections.abc import Sequence

from feedback.choices import ItemKind
from feedback.ingestion.stream import Entry
from feedback.ingestion.writing.preparing import Prepared
from feedback.stores import event_store
from feedback.stores.base import EventFilter, SignalFilter


def of_items(kind: ItemKind, entries: Sequence[Entry], prepared: Prepared) -> dict[str, str]:
    """The deployments of these entries' items that are in the store, by id; only those stored before are read."""
    owners = {item_id: prepared.rows[item_id]["deployment_id"] for item_id in prepared.stored}
    ids = {row["id"] for entry in entries if entry.kind == kind for row in entry.rows}
    return owners | _stored_before(kind, sorted(ids - owners.keys() - prepared.rejected.keys()))


def _stored_before(kind: ItemKind, ids: Sequence[str]) -> dict[str, str]:
    # Every score has an id of its own, made here.
    if not ids or kind == ItemKind.SCORE:
        return {}
    store, columns = event_store(), ["id", "deployment_id"]
    if kind == ItemKind.EVENT:
        found = store.scan(EventFilter(ids=ids), columns)
    else:
        found = store.scan_signals(SignalFilter(ids=ids, state=None), columns)
    table = found.read_all()
    return dict(zip(table["id"].to_pylist(), table["deployment_id"].to_pylist(), strict=True))
