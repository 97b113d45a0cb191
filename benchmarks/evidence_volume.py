"""Measures evidence from scratch, and its increments: `python -m benchmarks.evidence_volume [EVENTS]`.

Events of bulk_events with three thumbs each are in PostgreSQL. Measured are reading and filling the evidence, the fit
with the scores by it, and a batch of the queue. The seconds are those of the clock; database and program share them.
"""

import sys
import time
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from benchmarks import bulk_events
from benchmarks.labelled_data import print_table
from benchmarks.rollups import prepared_database

EVENTS, LARGE_EVENTS = 100_000, 1_000_000
SIGNALS_EACH, USERS = 3, 20_000
UP = 0.7
END = datetime(2026, 5, 4, 12, tzinfo=UTC)
TOUCHED = 2_000
Line = tuple[str, int, float, float]


def main(events: int = EVENTS) -> None:
    with prepared_database():
        _store(events)
        lines = list(_measure(events))
        title = f"Evidence of {events:,} events with {SIGNALS_EACH * events:,} signals"
        print_table(title, ("step", "events", "seconds", "microseconds an event"), lines)


def _store(events: int) -> None:
    from feedback.stores import event_store  # noqa: PLC0415 - needs django.setup

    random = np.random.default_rng(7)
    for some, scores in bulk_events.tables(events, end=END):
        event_store().append_events(some, scores)
        event_store().append_signals(signals_of(some, random))


def signals_of(events: pa.Table, random, *, right: float | None = None) -> pa.Table:
    """SIGNALS_EACH thumbs for each of these events, seven of ten up.

    right: seven of ten events are good, and users are right with this probability.
    """
    from feedback.stores import schema  # noqa: PLC0415 - needs django.setup

    size = events.num_rows * SIGNALS_EACH
    repeated = np.repeat(np.arange(events.num_rows), SIGNALS_EACH)
    is_up = random.random(size) < UP
    if right is not None:
        is_up = (random.random(events.num_rows) < UP)[repeated] == (random.random(size) < right)
    columns = {
        "id": bulk_events.ids(random, size),
        "event_id": events["id"].take(repeated),
        "deployment_id": events["deployment_id"].take(repeated),
        "type": pa.array(np.where(is_up, "thumbs_up", "thumbs_down")),
        "slot": pa.array(["thumbs"] * size),
        # No user votes twice on one event.
        "user_hash": pa.array(
            [
                f"{user * SIGNALS_EACH + at % SIGNALS_EACH:064x}"
                for at, user in enumerate(random.integers(0, USERS // 3, size))
            ]
        ),
        "occurred_at": events["occurred_at"].take(repeated),
        "received_at": events["received_at"].take(repeated),
        "waiting": pa.array([False] * size),
        "live": pa.array([True] * size),
    }
    arrays = [columns.get(field.name, bulk_events.default(field, size)) for field in schema.SIGNAL]
    return pa.table(arrays, schema=schema.SIGNAL)


def _measure(events: int):
    from feedback.evidence.keeping import checking, filling, touching  # noqa: PLC0415 - needs django.setup
    from feedback.models import Evidence  # noqa: PLC0415

    def scratch() -> None:
        for deployment_id in bulk_events.DEPLOYMENTS:
            checking.rebuild(deployment_id)

    yield _timed("from scratch: read, filled, fitted, scored", events, scratch)
    touching.touch((str(row), "helpdesk") for row in Evidence.objects.values_list("pk", flat=True)[:TOUCHED])
    yield _timed("a batch of the queue", TOUCHED, filling.work_off)


def _timed(name: str, events: int, work) -> Line:
    begun = time.perf_counter()
    work()
    seconds = time.perf_counter() - begun
    return name, events, round(seconds, 2), round(seconds / events * 1e6, 1)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS)
