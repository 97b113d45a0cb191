"""Rollup deltas: rows that a transaction inserts together with its changes of events."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
from django.db import connection

from feedback.evidence.votes import hash_of_user
from feedback.measures.binning import SCHEME
from feedback.measures.measuring import COLUMNS, PLACING_COLUMNS, Measured, measure, measure_scores, placed
from feedback.rollups import segments
from feedback.rollups.segments import Group
from feedback.rollups.signals import counting
from feedback.rollups.signals.live import live_signals
from feedback.rollups.tally import Cell, Cells, tally
from feedback.stores import event_store
from feedback.stores.base import EventFilter, ScoreChanges, SignalChange
from feedback.stores.schema import Row

_COPY = """
    COPY feedback_rollupdelta (
        deployment_id, model_version_id, prompt_version, segment, hour_at, scheme, changes, users, recount_users
    ) FROM STDIN
"""


@dataclass(frozen=True)
class Change:
    """The changes to one group. A cell may have counts below 0."""

    group: Group
    cells: Cells
    users: tuple[int, ...] = ()
    recount_users: bool = False


def add(measured: Measured) -> None:
    """Add these newly stored events; call it in the transaction that stores them."""
    insert(changes_of(measured, may_learn=True))


@dataclass(frozen=True)
class Contribution:
    """What stored events add to the rollups, with the live signals about them."""

    measured: Measured
    live: Sequence[SignalChange] = ()

    def only(self, ids: set[str]) -> "Contribution":
        """The same of these events alone."""
        return Contribution(self.measured.only(ids), [change for change in self.live if change.event_id in ids])


def contribution_of(event_ids: Sequence[UUID | str]) -> Contribution:
    """Read what to subtract, before the events are deleted or measured again; call it under the lock of signals."""
    rows = event_store().scan(EventFilter(ids=event_ids), COLUMNS).read_all().to_pylist()
    live = live_signals(event_ids)
    return Contribution(measure(rows, scores_of([row["id"] for row in rows])), live)


def subtract(contribution: Contribution) -> None:
    """Subtract events; call it in the transaction that deletes them or measures them again. The distinct users of their
    hours are counted again from the remaining events.
    """
    changes = changes_of(contribution.measured, may_learn=False)
    insert(_negative(change, recount_users=change.group.segment == "") for change in changes)
    add_signals([replace(change, sign=-change.sign) for change in contribution.live], contribution.measured)


def _negative(change: Change, *, recount_users: bool) -> Change:
    cells = {measure: cell.negative() for measure, cell in change.cells.items()}
    return Change(change.group, cells, recount_users=recount_users)


def add_scores(changes: ScoreChanges) -> None:
    """Count new scores of stored events and subtract replaced ones; call it in the transaction that stores them. The
    scores of a deleted event are not counted.
    """
    replaced, stored = by_event(changes.replaced.to_pylist()), by_event(changes.stored.to_pylist())
    if not (event_ids := sorted(replaced.keys() | stored.keys())):
        return
    rows = event_store().scan(EventFilter(ids=event_ids), PLACING_COLUMNS).read_all().to_pylist()
    former = changes_of(measure_scores(rows, replaced), may_learn=False)
    insert([_negative(change, recount_users=False) for change in former])
    insert(changes_of(measure_scores(rows, stored), may_learn=False))


def add_signals(changes: Sequence[SignalChange], measured: Measured) -> None:
    """Count live signals at the hours of their events; call it in the transaction that attaches them, under its lock.
    measured: events already in memory; others are looked up, and deleted ones are not counted.

    The weights are read here: whoever changes them holds that lock until they are stored.
    """
    if not changes:
        return
    groups = groups_of(measured)
    missing = {change.event_id for change in changes} - groups.keys()
    if missing:
        rows = event_store().scan(EventFilter(ids=sorted(missing)), PLACING_COLUMNS).read_all().to_pylist()
        groups |= groups_of(placed(rows))
    cells = counting.cells_of(changes, groups, may_learn=True)
    insert(Change(group, of_group) for group, of_group in cells.items())


def groups_of(measured: Measured) -> dict[str, list[Group]]:
    """The groups of each event, by its id."""
    placement = segments.place(measured, may_learn=False)
    groups = defaultdict(list)
    for index, segment in zip(placement.indexes, placement.segments, strict=True):
        groups[measured.ids[index]].append(Group(placement.places[index], segment))
    return groups


def scores_of(event_ids: Sequence[str]) -> dict[str, list[Row]]:
    """All scores of these events, by the event's id."""
    return by_event(event_store().scores(event_ids).to_pylist())


def by_event(scores: Iterable[Row]) -> dict[str, list[Row]]:
    """Rows of scores by the id of their event."""
    found = defaultdict(list)
    for score in scores:
        found[score["event_id"]].append(score)
    return found


def changes_of(measured: Measured, *, may_learn: bool) -> list[Change]:
    """The changes of these events, one for each group."""
    if not measured.ids:
        return []
    placement = segments.place(measured, may_learn=may_learn)
    codes: dict[Group, int] = {}
    known: dict[tuple[int, str], int] = {}
    chosen = []
    for index, segment in zip(placement.indexes, placement.segments, strict=True):
        # The places of one batch are few objects, each of them once.
        place = placement.places[index]
        key = (id(place), segment)
        if key not in known:
            known[key] = codes.setdefault(Group(place, segment), len(codes))
        chosen.append(known[key])
    names = {**measured.names, **placement.names}
    cells = tally(measured.numbers, names, np.array(placement.indexes), np.array(chosen), len(codes))
    users = _users_of(measured, chosen)
    return [Change(group, cells[code], users.get(code, ())) for group, code in codes.items()]


def _users_of(measured: Measured, groups: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """64-bit hashes of the users of each group that is no segment: the first pair of each event is such a one."""
    found = defaultdict(set)
    for group, user_hash in zip(groups, measured.user_hashes, strict=False):
        if user_hash:
            found[group].add(user_hash)
    return {group: tuple(sorted(map(hash_of_user, hashes))) for group, hashes in found.items()}


def insert(changes: Iterable[Change]) -> None:
    rows = [_row(change) for change in changes]
    if not rows:
        return
    # Django translates the driver's errors in its own methods only, and COPY is not one of them.
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            copy.write_row(row)


def _row(change: Change) -> tuple:
    place = change.group.place
    changes = [
        {"metric": metric, "assessor": assessor, "measure_version": version, **as_columns(cell)}
        for (metric, assessor, version), cell in change.cells.items()
        if not cell.is_nothing
    ]
    return (
        *(place.deployment_id, place.model_version_id, place.prompt_version, change.group.segment, place.hour_at),
        *(SCHEME, msgspec.json.encode(changes).decode(), list(change.users), change.recount_users),
    )


def as_columns(cell: Cell) -> Mapping[str, Any]:
    """A cell as the columns of a row."""
    counts = cell.counts.tolist() or list(cell.names.values())
    return {
        "n": cell.n,
        "total": cell.total,
        "squares": cell.squares,
        "bins": cell.bins.tolist(),
        "names": list(cell.names),
        "counts": counts,
    }
