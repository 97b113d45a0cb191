"""Measures files of events: `python -m benchmarks.event_files [EVENTS ...]`.

Events of bulk_events with their scores, a third of them with three thumbs each, are in PostgreSQL. Each file is written
by a process of its own, `manage.py export_events`; its memory is the most that it held.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from benchmarks import bulk_events, process_usage
from benchmarks.evidence_volume import signals_of
from benchmarks.labelled_data import print_table
from benchmarks.rollups import prepared_database

SIZES = (10_000, 200_000)
FORMATS = ("jsonl", "csv", "parquet")
POLL_SECONDS = 0.05
END = datetime(2026, 5, 4, 12, tzinfo=UTC)
Line = tuple[str, str, float, float, float, float]


def main(sizes: tuple[int, ...] = SIZES) -> None:
    with prepared_database():
        lines = list(_measured(sizes))
    header = ("format", "events", "seconds", "events/s", "MiB of the file", "MiB of memory at most")
    print_table("Files of events", header, lines)


def _measured(sizes: tuple[int, ...]) -> Iterator[Line]:
    from feedback.evidence.keeping import checking  # noqa: PLC0415 - needs django.setup

    stored = 0
    for size in sizes:
        _store(size - stored, seed=size)
        for deployment in bulk_events.DEPLOYMENTS:
            checking.rebuild(deployment)
        stored = size
        yield from (_exported(format, size) for format in FORMATS)


def _store(events: int, *, seed: int) -> None:
    from feedback.stores import event_store  # noqa: PLC0415 - needs django.setup

    random = np.random.default_rng(seed)
    for some, scores in bulk_events.tables(events, end=END, seed=seed):
        event_store().append_events(some, scores)
        event_store().append_signals(signals_of(some.slice(0, some.num_rows // 3), random))


def _exported(format: str, events: int) -> Line:
    from django.db import connection  # noqa: PLC0415 - needs django.setup

    name = connection.settings_dict["NAME"]
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    with tempfile.TemporaryDirectory(prefix="crucible-event-files-") as folder:
        output = Path(folder) / f"events.{format}"
        command = [sys.executable, "manage.py", "export_events", "--format", format, "--output", str(output)]
        begun = time.perf_counter()
        running = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": url, "LOG_LEVEL": "ERROR"})
        most = 0.0
        while running.poll() is None:
            most = max(most, process_usage.memory_mib([running.pid], peak=True))
            time.sleep(POLL_SECONDS)
        seconds = time.perf_counter() - begun
        if running.returncode:
            raise SystemExit(f"export_events ended with status {running.returncode}")
        size = output.stat().st_size
    return format, f"{events:,}", seconds, events / seconds, size / 2**20, most


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
