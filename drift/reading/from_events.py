"""The events of a window read one by one, as far as MAX_EVENTS, and measured as the writer measures them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import xxhash

from drift.windows.data import EVENTS, Summaries
from drift.windows.segments import distributions, parts_of_group
from feedback.choices import SignalType
from feedback.measures.measuring import COLUMNS, measure
from feedback.rollups import deltas
from feedback.rollups.tally import Cell, summary_of
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging, SignalChange, SignalFilter

MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Events:
    """Rows of events, newest first."""

    rows: Sequence[dict]

    @property
    def ids(self) -> set[str]:
        return {row["id"] for row in self.rows}

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """From the first up to, not including, what comes after the last."""
        return (self.rows[-1]["occurred_at"], self.rows[0]["occurred_at"] + MOMENT) if self.rows else None

    def resolved(self) -> dict:
        """Which events these are, to read them again."""
        first, last = (self.rows[-1], self.rows[0]) if self.rows else (None, None)
        return {
            "source": "events",
            "first_at": first and first["occurred_at"].isoformat(),
            "last_at": last and last["occurred_at"].isoformat(),
            "first_id": first and first["id"],
            "last_id": last and last["id"],
            "events_digest": xxhash.xxh3_128_hexdigest("".join(sorted(self.ids)).encode()),
        }


def newest(where: EventFilter, *, limit: int, skip: int = 0) -> Events:
    return Events(event_store().scan(where, COLUMNS, Paging(limit=limit, skip=skip)).read_all().to_pylist())


def again(where: EventFilter, resolved: dict) -> Events:
    """The events from the first to the last of a resolved window, as far as they are still there."""
    if resolved["first_at"] is None:
        return Events([])
    first, last = ((datetime.fromisoformat(resolved[f"{end}_at"]), resolved[f"{end}_id"]) for end in ("first", "last"))
    span = EventFilter(deployment_id=where.deployment_id, occurred_from=first[0], occurred_to=last[0] + MOMENT)
    rows = event_store().scan(span, COLUMNS).read_all().to_pylist()
    return Events([row for row in rows if first <= (row["occurred_at"], row["id"]) <= last])


def summaries(events: Events, split_by: Sequence[str]) -> dict[str, Summaries]:
    """What the events say, by segment: the whole, and the segments of the names in `split_by`."""
    ids = [row["id"] for row in events.rows]
    measured = measure(events.rows, deltas.checks_of(ids))
    cells: defaultdict[str, defaultdict[str, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    groups = [(change.group, change.cells) for change in deltas.changes_of(measured, may_learn=False)]
    groups += deltas.signal_cells(_live_signals(ids), deltas.groups_of(measured)).items()
    sizes: defaultdict[str, int] = defaultdict(int)
    for group, found in groups:
        if group.segment and EVENTS in found:
            sizes[group.segment] += found[EVENTS].n
        for part in parts_of_group(group, split_by):
            for metric, cell in found.items():
                cells[part][metric].append(cell)
    parts = {part: {name: summary_of(name, found) for name, found in of.items()} for part, of in cells.items()}
    return parts | {"": {**parts.get("", {}), **distributions(sizes)}}


def _live_signals(ids: Sequence[str]) -> list[SignalChange]:
    if not ids:
        return []
    rows = event_store().scan_signals(SignalFilter(event_ids=ids), ["id", "event_id", "type"]).read_all().to_pylist()
    return [SignalChange(row["id"], row["event_id"], SignalType(row["type"]), 1) for row in rows]
