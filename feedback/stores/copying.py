"""Copies everything from one event store to another, while writers keep writing to the first. Items are copied in the
order of time, and the position is saved, so that an interrupted copy continues where it stopped. Rows that arrived
late, changed or were deleted meanwhile are found afterwards by comparing both stores day by day.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import pyarrow as pa

from feedback.choices import ItemKind
from feedback.models import CopyPlace
from feedback.stores import schema
from feedback.stores.base import EventFilter, EventStore, Paging, SignalFilter
from feedback.stores.schema import Row
from feedback.times import DAY, floor_day

BATCH = 5_000
_OLDEST_FIRST = Paging(newest_first=False, batch_size=BATCH)
_OLDEST = Paging(newest_first=False, limit=1)
# What attaching may change in a copied signal.
_STANDING = ["id", "event_id", "deployment_id", "waiting", "live"]
Advance = Callable[[int], None]
Standing = tuple[str, str | None, str, bool, bool]


@dataclass(frozen=True)
class Route:
    """Source and target, with the names under which positions are saved."""

    source_name: str
    target_name: str
    source: EventStore
    target: EventStore


@dataclass
class Corrections:
    """The corrections of a comparison: items added and removed in the target, and signals whose state differed."""

    added: int = 0
    removed: int = 0
    changed: int = 0


@dataclass(frozen=True)
class Totals:
    events: int
    signals: int


def totals(store: EventStore) -> Totals:
    return Totals(store.count(EventFilter()), store.count_signals(SignalFilter(state=None)))


def forget(route: Route) -> None:
    """Have the next copy start from the beginning; what is there already is not copied again."""
    CopyPlace.objects.filter(source=route.source_name, target=route.target_name).delete()


def remaining(route: Route) -> int:
    """How many items come after the saved positions."""
    events = route.source.count(EventFilter(newer_than=_place(route, ItemKind.EVENT)))
    signals = SignalFilter(state=None, newer_than=_place(route, ItemKind.SIGNAL))
    return events + route.source.count_signals(signals)


def copy_new(route: Route, advance: Advance) -> None:
    """Copy the items after the saved positions. Events first, so that a signal finds its event."""
    where = EventFilter(newer_than=_place(route, ItemKind.EVENT))
    for batch in route.source.scan(where, schema.EVENT.names, _OLDEST_FIRST):
        _add_events(route, pa.Table.from_batches([batch]))
        _keep(route, ItemKind.EVENT, batch)
        advance(batch.num_rows)
    signals = SignalFilter(state=None, newer_than=_place(route, ItemKind.SIGNAL))
    for batch in route.source.scan_signals(signals, schema.SIGNAL.names, _OLDEST_FIRST):
        route.target.append_signals(pa.Table.from_batches([batch]))
        _keep(route, ItemKind.SIGNAL, batch)
        advance(batch.num_rows)


def correct(route: Route, *, may_remove: bool) -> Corrections:
    """Make the target equal to the source, day by day.

    may_remove: whether to remove what only the target has. Not if writers write to it.
    """
    corrections = Corrections()
    for start in _days(route):
        _correct_events(route, start, may_remove, corrections)
    # A slot has one live signal, so the former one goes everywhere before the next one comes.
    for start in _signal_days(route):
        _drop_signals(route, start, may_remove, corrections)
    for start in _signal_days(route):
        _add_missing_signals(route, start, corrections)
    return corrections


def _correct_events(route: Route, start: datetime, may_remove: bool, corrections: Corrections) -> None:
    span = EventFilter(occurred_from=start, occurred_to=start + DAY)
    there, copied = _ids(route.source, span), _ids(route.target, span)
    for ids in _chunks(sorted(there - copied)):
        missing = route.source.scan(EventFilter(ids=ids), schema.EVENT.names).read_all()
        corrections.added += len(_add_events(route, missing))
    if may_remove:
        for ids in _chunks(sorted(copied - there)):
            corrections.removed += len(route.target.remove_events(ids)[0])
    for ids in _chunks(sorted(there & copied)):
        _add_scores(route, ids)
        _add_vectors(route, ids)


def _drop_signals(route: Route, start: datetime, may_remove: bool, corrections: Corrections) -> None:
    there, copied = _standings(route.source, start), _standings(route.target, start)
    known = {standing[0] for standing in there}
    for standings in _chunks(sorted(copied - there, key=lambda standing: standing[0])):
        changed = [standing[0] for standing in standings if standing[0] in known]
        extra = [standing[0] for standing in standings if standing[0] not in known] if may_remove else []
        route.target.remove_signals(changed + extra)
        corrections.changed += len(changed)
        corrections.removed += len(extra)


def _add_missing_signals(route: Route, start: datetime, corrections: Corrections) -> None:
    there, copied = _standings(route.source, start), _standings(route.target, start)
    for standings in _chunks(sorted(there - copied, key=lambda standing: standing[0])):
        ids = [standing[0] for standing in standings]
        missing = route.source.scan_signals(SignalFilter(ids=ids, state=None), schema.SIGNAL.names).read_all()
        corrections.added += len(route.target.append_signals(missing))


def _add_events(route: Route, events: pa.Table) -> set[str]:
    ids = events["id"].to_pylist()
    added = route.target.append_events(events, route.source.scores(ids))
    _add_vectors(route, ids)
    return added


def _add_scores(route: Route, ids: Sequence[str]) -> None:
    """Copy the scores that came since their event was copied."""
    there, copied = route.source.scores(ids), route.target.scores(ids)
    if there.num_rows and not there.equals(copied):
        route.target.append_scores(there)


def _add_vectors(route: Route, ids: Sequence[str]) -> None:
    there, copied = route.source.embeddings(ids), route.target.embeddings(ids)
    known = {_vector_name(row) for row in copied.select(["event_id", "field", "client"]).to_pylist()}
    names = there.select(["event_id", "field", "client"]).to_pylist()
    missing = there.filter(pa.array([_vector_name(row) not in known for row in names], pa.bool_()))
    if missing.num_rows:
        route.target.append_embeddings(missing)


def _vector_name(row: Row) -> tuple[str, str, str]:
    return row["event_id"], row["field"], row["client"]


def _ids(store: EventStore, span: EventFilter) -> set[str]:
    return {item_id for batch in store.scan(span, ["id"]) for item_id in batch["id"].to_pylist()}


def _standings(store: EventStore, start: datetime) -> set[Standing]:
    span = SignalFilter(state=None, occurred_from=start, occurred_to=start + DAY)
    return {
        standing
        for batch in store.scan_signals(span, _STANDING)
        for standing in zip(*(batch[name].to_pylist() for name in _STANDING), strict=True)
    }


def _days(route: Route) -> Iterator[datetime]:
    """The beginnings of the days on which an event of either store occurred."""
    return _days_of(
        lambda store, start: store.scan(EventFilter(occurred_from=start), ["occurred_at"], _OLDEST),
        route,
    )


def _signal_days(route: Route) -> Iterator[datetime]:
    return _days_of(
        lambda store, start: store.scan_signals(
            SignalFilter(state=None, occurred_from=start), ["occurred_at"], _OLDEST
        ),
        route,
    )


def _days_of(first, route: Route) -> Iterator[datetime]:
    start = None
    while True:
        found = [first(store, start).read_all()["occurred_at"].to_pylist() for store in (route.source, route.target)]
        moments = [moment for moments in found for moment in moments]
        if not moments:
            return
        day = floor_day(min(moments))
        yield day
        start = day + DAY


def _place(route: Route, kind: ItemKind) -> tuple | None:
    kept = CopyPlace.objects.filter(source=route.source_name, target=route.target_name, kind=kind)
    return kept.values_list("occurred_at", "item_id").first()


def _keep(route: Route, kind: ItemKind, batch: pa.RecordBatch) -> None:
    CopyPlace.objects.update_or_create(
        source=route.source_name,
        target=route.target_name,
        kind=kind,
        defaults={"occurred_at": batch["occurred_at"][-1].as_py(), "item_id": batch["id"][-1].as_py()},
    )


def _chunks(items: Sequence) -> Iterator[list]:
    left = iter(items)
    while chunk := list(islice(left, BATCH)):
        yield chunk
