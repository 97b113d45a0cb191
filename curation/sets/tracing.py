"""Stores what a build did with every event it read, and finds one of them again."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from uuid import UUID

import pyarrow as pa

from curation.choices import OUTCOMES, Outcome
from curation.models import CuratedSet, TracedEvents
from curation.strategies.base import Candidate, Trace

GATES = "gates"
# Events in one row of the table: enough to be compressed well, few enough to be read in a millisecond.
EVENTS = 4_096
Found = dict[str, tuple[Outcome, float]]


def trace_of(candidates: Sequence[Candidate]) -> Trace:
    """A trace that holds what the gates decided."""
    trace = Trace(len(candidates))
    trace.columns(GATES)
    for index, candidate in enumerate(candidates):
        trace.note(GATES, index, candidate.gate, candidate.gate_number)
    return trace


def rows(curated_set: CuratedSet, candidates: Sequence[Candidate], trace: Trace) -> list[TracedEvents]:
    """The trace in rows of the table, not stored yet."""
    order = sorted(range(len(candidates)), key=lambda index: candidates[index].event_id)
    return [
        _row(curated_set, candidates, trace, order[start : start + EVENTS]) for start in range(0, len(order), EVENTS)
    ]


def _row(curated_set: CuratedSet, candidates: Sequence[Candidate], trace: Trace, order: list[int]) -> TracedEvents:
    columns = {"id": pa.array([UUID(candidates[index].event_id).bytes for index in order], pa.binary(16))}
    for name in sorted(trace.codes):
        columns[f"{name} outcome"] = pa.array(trace.codes[name][order])
        columns[f"{name} number"] = pa.array(trace.numbers[name][order])
    table, sink = pa.table(columns), pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    first = UUID(candidates[order[0]].event_id)
    return TracedEvents(curated_set=curated_set, first_id=first, rows=sink.getvalue().to_pybytes())


def find(set_id: int, event_id: UUID) -> Found | None:
    """The outcomes of an event at the gates and in each strategy, with the numbers that decided, if it was read."""
    stored = TracedEvents.objects.filter(curated_set_id=set_id, first_id__lte=event_id).order_by("-first_id").first()
    return None if stored is None else _among(stored, [str(event_id)]).get(str(event_id))


def find_many(wanted: Mapping[int, Sequence[str]]) -> dict[int, dict[str, Found]]:
    """By set, the outcomes of those of its events that its build read."""
    found: dict[int, dict[str, Found]] = {set_id: {} for set_id in wanted}
    for stored in TracedEvents.objects.filter(curated_set_id__in=[one for one in wanted if wanted[one]]).iterator():
        found[stored.curated_set_id] |= _among(stored, wanted[stored.curated_set_id])
    return found


def _among(stored: TracedEvents, event_ids: Sequence[str]) -> dict[str, Found]:
    """The outcomes of those of these events that a row of the table holds."""
    table = pa.ipc.open_stream(bytes(stored.rows)).read_all()
    ids = table["id"].to_pylist()
    names = [name.removesuffix(" outcome") for name in table.column_names if name.endswith(" outcome")]
    columns = {name: (table[f"{name} outcome"], table[f"{name} number"]) for name in names}
    found: dict[str, Found] = {}
    for event_id in event_ids:
        key = UUID(event_id).bytes
        position = bisect_left(ids, key)
        if position < len(ids) and ids[position] == key:
            found[event_id] = {
                name: (OUTCOMES[outcomes[position].as_py()], numbers[position].as_py())
                for name, (outcomes, numbers) in columns.items()
            }
    return found
