"""Why a row is in one version of a set and not in the other, in sentences."""

import math
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from curation.choices import Decision, LinkKind, Outcome, PairSource
from curation.models import CuratedSet, DuplicateLink
from curation.sets import tracing, why
from curation.sets.comparing import Comparison
from curation.sets.diff_rows import EXAMPLE, PAIR, SetRows, StoredRow
from feedback.stores import event_store
from feedback.stores.base import EventFilter


class DiffReason(NamedTuple):
    """A code, and the same in words."""

    code: str
    sentence: str


ERASED = DiffReason("erased", "It was erased with the data of its user.")
DELETED = DiffReason("deleted", "Its event was deleted.")
NOT_PAIRED = DiffReason("not_paired", "The build did not pair these answers.")
PAIRED = DiffReason("paired", "The build paired these answers.")
BY_REVIEWER = DiffReason("by_reviewer", "A reviewer made it.")


class Reasons:
    """Reads at once what the reasons of all rows of a diff need."""

    def __init__(self, before: SetRows, after: SetRows, examples: Comparison) -> None:
        self._before, self._after = before, after
        absent = [key for key in examples.removed if key not in after.every[EXAMPLE]]
        new = [key for key in examples.added if key not in before.every[EXAMPLE]]
        self._found = tracing.find_many({after.curated_set.pk: absent, before.curated_set.pk: new})
        self._copies = _copies(after.curated_set, absent) if absent else {}
        unread = [key for key in absent if key not in self._found[after.curated_set.pk] and key not in self._copies]
        self._stored = _stored(unread) if unread else {}

    def of_removed(self, kind: str, key: str) -> DiffReason:
        row, earlier = self._after.every[kind].get(key), self._before.every[kind][key]
        if earlier["erased_at"] or row and row["erased_at"]:
            return ERASED
        if row:
            return _of_kept_out(row)
        if kind == PAIR:
            return NOT_PAIRED
        if key in self._copies:
            return self._copies[key]
        return self._traced(self._after.curated_set, key, earlier["label"]) or self._not_read(key)

    def of_added(self, kind: str, key: str) -> DiffReason:
        row, earlier = self._after.every[kind][key], self._before.every[kind].get(key)
        if kind == PAIR and not earlier:
            return BY_REVIEWER if row["label"] == PairSource.REVIEW else PAIRED
        against = self._before.curated_set
        if earlier:
            state = "was dropped" if earlier["decision"] == Decision.DROP else "waited in the queue"
            return DiffReason(f"{state.split()[-1]}_before", f"It {state} in {against.title}.")
        found = self._traced(against, key, row["label"])
        if found is None:
            return DiffReason("new", f"{against.title} did not read it.")
        return DiffReason(found.code, f"{against.title}: {found.sentence}")

    def of_changed(self, kind: str, key: str) -> DiffReason:
        row = self._after.every[kind][key]
        if row["decision"] == Decision.EDIT:
            return DiffReason("edited", "A reviewer wrote a better answer.")
        return DiffReason("changed", "The build took other content.")

    def _traced(self, curated_set: CuratedSet, key: str, strategy: str) -> DiffReason | None:
        """What a build decided about an event: at the gates, else in the strategy of the row in the other version."""
        found = self._found[curated_set.pk].get(key)
        if found is None:
            return None
        outcome, number = found[tracing.GATES]
        name = tracing.GATES
        if outcome == Outcome.PASSED and strategy in found:
            name, (outcome, number) = strategy, found[strategy]
        return DiffReason(outcome.value, why.reason(curated_set, name, outcome, number).sentence)

    def _not_read(self, key: str) -> DiffReason:
        if key not in self._stored:
            return DELETED
        outcome = Outcome.NOT_CONSIDERED if self._stored[key] else Outcome.NOT_ALLOWED
        return DiffReason(outcome.value, why.reason(self._after.curated_set, tracing.GATES, outcome, math.nan).sentence)


def _of_kept_out(row: StoredRow) -> DiffReason:
    """A row that the newer version has and does not release."""
    if row["decision"] == Decision.DROP:
        reason = f": {row['drop_reason']}" if row["drop_reason"] else ""
        return DiffReason("dropped", f"A reviewer dropped it{reason}.")
    return DiffReason("queued", f"It waits in the queue. {row['queue_reason']}")


def _copies(curated_set: CuratedSet, event_ids: Sequence[str]) -> dict[str, DiffReason]:
    """By event, the kept row of which it is a near-copy."""
    links = DuplicateLink.objects.filter(curated_set=curated_set, kind=LinkKind.DROPPED, dropped_event_id__in=event_ids)
    return {
        str(dropped): DiffReason(
            Outcome.NEAR_COPY.value, f"It is a near-copy of the event {kept}: similarity {similarity:.2f}."
        )
        for dropped, kept, similarity in links.values_list("dropped_event_id", "kept_event_id", "similarity")
    }


def _stored(event_ids: Sequence[str]) -> dict[str, bool]:
    """Of stored events, whether they may be used for training."""
    where = EventFilter(ids=[UUID(one) for one in event_ids])
    rows = event_store().scan(where, ["id", "training_allowed"]).read_all().to_pylist()
    return {row["id"]: row["training_allowed"] for row in rows}
