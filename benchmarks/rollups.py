"""Measures the rollup of one hour with 100,000 events of 250 characters: `python -m benchmarks.rollups`.

Measured are the writer's part, in batches of its own size, the fold, readers, and making the hour again from its
events. Time is that of the processor in this process; the database's own is in the seconds. Trust ratios of one run.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import django

from benchmarks import bulk_events
from benchmarks.labelled_data import print_table
from tests import environment

EVENTS = 100_000
BATCH = 3_000
DAYS = 30
DEPLOYMENT = "helpdesk"
HOUR = datetime(2026, 5, 4, 12, tzinfo=UTC)
Line = tuple[str, float, float]


def main() -> None:
    with prepared_database():
        events, scores = _hour()
        lines = [*write(events, scores), *fold_and_read(), *rebuild(events, scores)]
        print_table(
            f"Rollup of one hour with {EVENTS:,} events", ("step", "seconds", "processor microseconds an event"), lines
        )
        print_table("Size of that hour", ("rows", "bytes an event"), [size()])
        print_table(f"A page over {DAYS} days of such hours", ("step", "milliseconds"), list(pages()))


@contextmanager
def prepared_database() -> Iterator[None]:
    """Servers, settings and an empty database, gone when the block ends."""
    environment.provide()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.test.utils import setup_databases, teardown_databases  # noqa: PLC0415 - needs django.setup

    made = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
    try:
        yield
    finally:
        teardown_databases(made, verbosity=0)


def _hour():
    """The tables of one hour, all of one deployment."""
    import pyarrow as pa  # noqa: PLC0415

    from feedback.stores import schema  # noqa: PLC0415

    chunks = list(bulk_events.tables(EVENTS, end=HOUR))
    events, scores = (pa.concat_tables(part) for part in zip(*chunks, strict=True))
    step = timedelta(hours=1) / EVENTS
    times = pa.array([HOUR + index * step for index in range(EVENTS)], schema.TIME)
    for name, column in (("occurred_at", times), ("deployment_id", pa.array([DEPLOYMENT] * EVENTS))):
        events = events.set_column(events.schema.get_field_index(name), schema.EVENT.field(name), column)
    return events, scores


def _timed(name: str, work: Callable[[], object]) -> Line:
    begun_at, cpu = time.perf_counter(), time.process_time()
    work()
    return name, time.perf_counter() - begun_at, (time.process_time() - cpu) / EVENTS * 1e6


def write(events, scores) -> list[Line]:
    from django.db import transaction  # noqa: PLC0415

    from feedback.measures import measuring  # noqa: PLC0415
    from feedback.rollups import deltas  # noqa: PLC0415

    by_event = deltas.by_event(scores.to_pylist())
    batches = [batch.to_pylist() for batch in events.to_batches(max_chunksize=BATCH)]
    measured = []

    def add():
        for one in measured:
            with transaction.atomic():
                deltas.add(one)

    return [
        _timed("measure texts and numbers", lambda: measured.extend(measuring.measure(b, by_event) for b in batches)),
        _timed("add up and insert", add),
    ]


def fold_and_read() -> list[Line]:
    from feedback.rollups import folding, reading  # noqa: PLC0415

    hour = reading.window(HOUR, HOUR + timedelta(hours=1), DEPLOYMENT)
    return [
        _timed("read every metric, not folded", lambda: reading.histograms(hour)),
        _timed("fold", folding.fold),
        _timed("read every metric, folded", lambda: reading.histograms(hour)),
    ]


def rebuild(events, scores) -> list[Line]:
    from django.db import connection  # noqa: PLC0415

    from feedback.models import Deployment  # noqa: PLC0415
    from feedback.rollups import rebuilding  # noqa: PLC0415
    from feedback.stores import event_store  # noqa: PLC0415

    deployment = Deployment.objects.create(pk=DEPLOYMENT)
    event_store().append_events(events, scores)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return [_timed("make again from the events", lambda: rebuilding.rebuild(deployment, is_check=True))]


def size() -> tuple[int, float]:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), pg_total_relation_size('feedback_rollup') FROM feedback_rollup")
        rows, held = cursor.fetchone()
    return rows, held / EVENTS


def pages() -> Iterator[tuple[str, float]]:
    """The hour again at noon of every day before, and what pages ask of the whole time."""
    from feedback.choices import Metric  # noqa: PLC0415
    from feedback.rollups import reading, trends  # noqa: PLC0415

    _copy_to_other_days()
    end = HOUR + timedelta(hours=1)
    window = reading.window(end - timedelta(days=DAYS), end, DEPLOYMENT)
    period = trends.period("30d", HOUR)
    for name, work in (
        ("figures of the home page", lambda: trends.trends(period, {}, DEPLOYMENT)),
        ("one metric", lambda: reading.histograms(window, [Metric.LATENCY])),
        ("every metric", lambda: reading.histograms(window)),
    ):
        seconds = []
        for _ in range(5):
            begun_at = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - begun_at)
        yield name, 1_000 * min(seconds)


def _copy_to_other_days() -> None:
    from django.db import connection  # noqa: PLC0415

    from feedback.models import Rollup  # noqa: PLC0415

    columns = [field.column for field in Rollup._meta.fields if field.column not in ("id", "start_at")]
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO feedback_rollup (id, start_at, {names})"
            f" SELECT gen_random_uuid(), start_at - make_interval(days => day), {names}"
            f" FROM feedback_rollup, generate_series(1, {DAYS - 1}) AS day"
        )
        cursor.execute("ANALYZE feedback_rollup")


if __name__ == "__main__":
    main()
