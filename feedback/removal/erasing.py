"""Removes all stored data of one person, found by the hashes of their id."""

from collections.abc import Sequence
from dataclasses import dataclass

from feedback.evidence.keeping.removing import forget_users
from feedback.models import RejectedItem
from feedback.removal import removing
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging, SignalFilter

BATCH = 1_000


@dataclass(frozen=True)
class Erased:
    """What one step removed. `more` without anything removed: another process is removing the same."""

    events: int = 0
    signals: int = 0
    rejected_items: int = 0
    more: bool = True

    @property
    def nothing(self) -> bool:
        return not (self.events or self.signals or self.rejected_items)


def erase_some(hashes: Sequence[str]) -> Erased:
    """Remove at most BATCH events of this person with their signals and scores, or BATCH signals, or BATCH items.

    Their events are subtracted from the rollups, so averages are those of the others from then on. A slot is one
    person's, so no other user's signal becomes live when theirs are deleted.
    """
    removing.finish_removals()
    store = event_store()
    if event_ids := _ids(store.scan(EventFilter(user_hashes=hashes), ["id"], Paging(limit=BATCH))):
        removed = removing.remove_events(event_ids)
        return Erased(len(removed.events), removed.signals, removed.rejected_items)
    if signal_ids := _ids(
        store.scan_signals(SignalFilter(user_hashes=hashes, state=None), ["id"], Paging(limit=BATCH))
    ):
        return Erased(signals=removing.remove_signals(signal_ids))
    if item_ids := list(RejectedItem.objects.of_people(hashes).values_list("pk", flat=True)[:BATCH]):
        return Erased(rejected_items=RejectedItem.objects.filter(pk__in=item_ids).delete()[0])
    forget_users(hashes)
    return Erased(more=False)


def _ids(reader) -> list[str]:
    return reader.read_all()["id"].to_pylist()
