"""Removes what belongs to one person, known by the hashes of their id, from everything that came in."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from feedback import removal
from feedback.models import Event, RejectedItem, Signal

BATCH = 1_000


@dataclass(frozen=True)
class Erased:
    """What one step removed. `more` without anything removed: another transaction holds the rows for the moment."""

    events: int = 0
    signals: int = 0
    rejected_items: int = 0
    more: bool = True

    @property
    def nothing(self) -> bool:
        return not (self.events or self.signals or self.rejected_items)


def erase_some(hashes: Sequence[str]) -> Erased:
    """Remove at most BATCH events of this person with all that was said about them, or BATCH signals, or BATCH items.

    Their events are subtracted from the rollups, so averages are those of the others from then on.
    """
    if event_ids := _first(Event.objects.of_people(hashes)):
        return _erase_events(event_ids)
    if signal_ids := _first(Signal.objects.of_people(hashes)):
        return _erase_signals(signal_ids)
    if item_ids := _first(RejectedItem.objects.of_people(hashes)):
        return Erased(rejected_items=RejectedItem.objects.filter(pk__in=item_ids).delete()[0])
    return Erased(more=False)


def _first(rows) -> list:
    # In no order: sorted by id, a search for a busy user would walk the index of ids.
    return list(rows.values_list("pk", flat=True)[:BATCH])


def _erase_events(event_ids: list[UUID]) -> Erased:
    with transaction.atomic():
        removed = removal.remove_events(event_ids, from_rollups=True)
        rejected_items = RejectedItem.objects.about_events(removed).delete()[0]
        signals = removal.remove_signals_of(removed)
    return Erased(len(removed), signals, rejected_items)


def _erase_signals(signal_ids: list[UUID]) -> Erased:
    """A slot is one person's, so nobody else's signal becomes live when all of theirs are gone."""
    with transaction.atomic():
        removal.lock_signals()
        return Erased(signals=Signal.objects.filter(pk__in=signal_ids).delete()[0])
