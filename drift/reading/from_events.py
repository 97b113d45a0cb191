"""Reads windows as single events, up to MAX_EVENTS, measured as in the writer."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import xxhash

from drift.windows.data import EVENTS, WindowData, with_model_version
from drift.windows.segments import distributions, parts_of_group
from feedback.measures.catalogue import OWN
from feedback.measures.measuring import COLUMNS, measure
from feedback.rollups import deltas
from feedback.rollups import versions as measure_versions
from feedback.rollups.segments import Group
from feedback.rollups.signals import counting
from feedback.rollups.signals.live import live_signals
from feedback.rollups.tally import Cell, Cells, summary_of
from feedback.rollups.versions import Seen
from feedback.stores import event_store
from feedback.stores.base import EventFilter, Paging

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
        """From the first event to just after the last."""
        return (self.rows[-1]["occurred_at"], self.rows[0]["occurred_at"] + MOMENT) if self.rows else None

    def resolved(self) -> dict:
        """A description of the events that allows to read them again."""
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


def read_again(where: EventFilter, resolved: dict) -> Events:
    """The events from the first to the last of a resolved window that still exist."""
    if resolved["first_at"] is None:
        return Events([])
    first, last = ((datetime.fromisoformat(resolved[f"{end}_at"]), resolved[f"{end}_id"]) for end in ("first", "last"))
    span = EventFilter(deployment_id=where.deployment_id, occurred_from=first[0], occurred_to=last[0] + MOMENT)
    rows = event_store().scan(span, COLUMNS).read_all().to_pylist()
    return Events([row for row in rows if first <= (row["occurred_at"], row["id"]) <= last])


def content(events: Events, split_by: Sequence[str]) -> WindowData:
    """Summaries by segment: the whole window, and the segments of the keys in `split_by`."""
    ids = [row["id"] for row in events.rows]
    measured = measure(events.rows, deltas.scores_of(ids))
    groups = [(change.group, change.cells) for change in deltas.changes_of(measured, may_learn=False)]
    groups += counting.cells_of(live_signals(ids), deltas.groups_of(measured)).items()
    seen = _seen(groups)
    deployment_id = events.rows[0]["deployment_id"] if events.rows else None
    versions = measure_versions.in_force(seen, deployment_id)
    cells: defaultdict[str, defaultdict[str, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    segments: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for group, found in groups:
        parts = parts_of_group(group, split_by)
        for one, cell in found.items():
            if one.metric == EVENTS:
                segments[group.segment] += cell.n
                sizes.update(dict.fromkeys(parts, cell.n))
            if one.assessor in OWN and versions.get(one.metric) == one.version:
                for part in parts:
                    cells[part][one.metric].append(cell)
    parts = {part: {name: summary_of(name, found) for name, found in of.items()} for part, of in cells.items()}
    del segments[""]
    named = sum(bool(row["model_version_id"]) for row in events.rows)
    parts[""] = {**parts.get("", {}), **distributions(segments), **with_model_version(named, len(events.rows))}
    return WindowData(parts, versions=versions, mixed=measure_versions.mixed(seen), sizes=sizes)


def _seen(groups: Iterable[tuple[Group, Cells]]) -> list[Seen]:
    return [
        Seen(*one, group.place.hour_at, group.place.hour_at, cell.n)
        for group, cells in groups
        for one, cell in cells.items()
        if not group.segment and one.assessor in OWN
    ]
