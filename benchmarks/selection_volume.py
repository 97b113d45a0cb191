"""Measures time and memory of a build, and of `why`: `python -m benchmarks.selection_volume [EVENTS]`.

Events of bulk_events, a third of them with three thumbs each, are in PostgreSQL. The build runs in a process of its
own. Bare reading fetches prompts and answers once, without keeping them. Both count processor seconds of the program.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import median
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa

from benchmarks import bulk_events, process_usage
from benchmarks.evidence_volume import signals_of
from benchmarks.labelled_data import print_table
from benchmarks.rollups import prepared_database

EVENTS = 20_000
DEPLOYMENT = bulk_events.DEPLOYMENTS[0]
END = datetime(2026, 5, 4, 12, tzinfo=UTC)
ASKED = 200
RIGHT = 0.8
BUILD = "--build"


def main(events: int = EVENTS) -> None:
    for title, header, lines in measured(events):
        print_table(title, header, lines)


def measured(events: int) -> Iterator[tuple[str, tuple[str, ...], list[tuple]]]:
    """The title, header and lines of each table."""
    with prepared_database():
        read_seconds = _store(events)
        found = _build_in_a_process(events)
        header = ("stage", "seconds", "of reading the events bare", "MiB at the end", "MiB at most")
        lines = [
            (name, seconds, seconds / read_seconds, round(now), round(most))
            for name, seconds, now, most in found["stages"]
        ]
        yield f"A build over {events:,} events, {events // 3:,} of them with evidence", header, lines
        yield "`why` of an event", ("asked", "median ms", "95th percentile ms"), [_why(found["set"])]


def _store(events: int) -> float:
    """Store the events; return the processor seconds of reading their texts once."""
    from feedback.evidence.keeping import checking  # noqa: PLC0415 - needs django.setup
    from feedback.models import Deployment  # noqa: PLC0415
    from feedback.stores import event_store, schema  # noqa: PLC0415
    from feedback.stores.base import EventFilter  # noqa: PLC0415

    Deployment.objects.create(pk=DEPLOYMENT)
    random = np.random.default_rng(7)
    for some, scores in bulk_events.tables(events, end=END):
        ours = some
        for column, value in (("deployment_id", DEPLOYMENT), ("training_allowed", True)):
            place = some.schema.get_field_index(column)
            ours = ours.set_column(place, schema.EVENT.field(place), pa.array([value] * some.num_rows))
        event_store().append_events(ours, scores)
        event_store().append_signals(signals_of(ours.slice(0, some.num_rows // 3), random, right=RIGHT))
    checking.rebuild(DEPLOYMENT)
    begun = time.process_time()
    for _ in event_store().scan(EventFilter(deployment_id=DEPLOYMENT), ["id", "prompt", "response"]):
        pass
    return time.process_time() - begun


def _build_in_a_process(events: int) -> dict:
    from django.db import connection  # noqa: PLC0415 - needs django.setup

    name = connection.settings_dict["NAME"]
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    environment = os.environ | {"DATABASE_URL": url, "CURATION_CANDIDATES": str(events), "LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "benchmarks.selection_volume", BUILD]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def build() -> None:
    """Build a set and print what each stage took."""
    import django  # noqa: PLC0415

    django.setup()
    from curation.sets import building, progress, requesting  # noqa: PLC0415

    stages: list[list] = []
    begin = progress.Progress.stage

    def stage(self, name, total=0):
        _close(stages)
        stages.append([str(name), time.process_time()])
        begin(self, name, total)

    progress.Progress.stage = stage
    created = requesting.create(DEPLOYMENT, name="measured", by=None, limit=1_000)
    stages.append(["start", time.process_time()])
    building.build(created.pk)
    _close(stages)
    sys.stdout.write("\n" + json.dumps({"set": created.pk, "stages": stages}) + "\n")


def _close(stages: list[list]) -> None:
    if stages and len(stages[-1]) == 2:
        ours = [os.getpid()]
        stages[-1][1] = time.process_time() - stages[-1][1]
        stages[-1] += [process_usage.memory_mib(ours), process_usage.memory_mib(ours, peak=True)]


def _why(set_id: int) -> tuple[int, float, float]:
    """Milliseconds of explaining events of a set, one at a time."""
    from curation.models import CuratedSet  # noqa: PLC0415 - needs django.setup
    from curation.sets import why  # noqa: PLC0415
    from feedback.models import Event  # noqa: PLC0415

    ids = list(Event.objects.order_by("id").values_list("pk", flat=True)[: ASKED * 10 : 10])
    spent = []
    for event_id in ids:
        begun = time.perf_counter()
        why.explain(event_id, CuratedSet.objects.all())
        spent.append((time.perf_counter() - begun) * 1_000)
    return len(ids), median(spent), float(np.quantile(spent, 0.95))


if __name__ == "__main__":
    if BUILD in sys.argv:
        build()
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS)
