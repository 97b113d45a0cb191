"""Measures exports in every format: `python -m benchmarks.exports [ROWS]`.

A set of conversations of six messages, and as many pairs, is in PostgreSQL. Each export runs in a process of its own.
Bare writing serialises the same records, made beforehand, with orjson, or converts and writes them with pyarrow.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import process_usage
from benchmarks.labelled_data import print_table
from benchmarks.rollups import prepared_database

ROWS = 50_000
DEPLOYMENT = "measured"
MADE_AT = datetime(2026, 5, 4, 12, tzinfo=UTC)
TURNS = 3
VOCABULARY = 2_000
ROWS_PER_GROUP = 5_000
WRITE = "--write"
HEADER = ("format", "rows", "seconds", "making records", "writing", "reading back", "of bare writing", "MiB at most")
# Written by pyarrow; the others are lines of JSON or CSV.
COLUMNAR = {"parquet", "huggingface", "arrow"}


def main(rows: int = ROWS) -> None:
    print_table(*measured(rows))


def measured(rows: int, formats: tuple[str, ...] = ()) -> tuple[str, tuple[str, ...], list[tuple]]:
    """The title, header and lines of the table of these formats, or all of them."""
    with prepared_database(), tempfile.TemporaryDirectory() as folder:
        lines = list(_lines(rows, formats, Path(folder)))
    return f"Exports of {rows:,} conversations", HEADER, lines


def _lines(rows: int, formats: tuple[str, ...], folder: Path) -> Iterator[tuple]:
    """One line for each format."""
    from exports.batches.encodings import ENCODINGS  # noqa: PLC0415 - needs django.setup

    set_id = _store(rows)
    bare = _bare(set_id, folder)
    for name in formats or ENCODINGS:
        found = _write_in_a_process(set_id, str(name), folder)
        floor = bare["arrow" if name in COLUMNAR else "json"] * found["records"] / rows
        stages = [found[stage] for stage in ("gathering", "writing", "checking")]
        yield str(name), found["records"], found["seconds"], *stages, found["seconds"] / floor, found["mib"]


def _store(rows: int) -> int:
    from curation.choices import CuratedSetStatus, PairSource, Strategy  # noqa: PLC0415 - needs django.setup
    from curation.models import CuratedExample, CuratedPair, CuratedSet  # noqa: PLC0415
    from feedback.models import Deployment  # noqa: PLC0415

    Deployment.objects.create(pk=DEPLOYMENT)
    curated_set = CuratedSet.objects.create(
        deployment_id=DEPLOYMENT, name="measured", version=1, strategies=[Strategy.HIGH_QUALITY], limit=rows,
        funnel={"gates": {"passed": rows}}, counts={Strategy.HIGH_QUALITY: rows}, pairs=rows, content_hash="ab" * 32,
    )  # fmt: skip
    for start in range(0, rows, ROWS_PER_GROUP):
        places = range(start, min(start + ROWS_PER_GROUP, rows))
        texts = _texts(len(places), seed=start)
        CuratedExample.objects.bulk_create(
            CuratedExample(
                curated_set=curated_set, position=place, event_id=uuid4(), strategy=Strategy.HIGH_QUALITY, score=0.95,
                reason="", prompt=said[0], messages=_messages(said), response=said[-1], occurred_at=MADE_AT,
            )
            for place, said in zip(places, texts, strict=True)
        )  # fmt: skip
        CuratedPair.objects.bulk_create(
            CuratedPair(
                curated_set=curated_set, position=place, pair_source=PairSource.VOTES, margin=0.5,
                chosen_event_id=uuid4(), rejected_event_id=uuid4(), prompt=said[0], messages=_messages(said),
                chosen=said[-1], rejected=said[1], occurred_at=MADE_AT,
            )
            for place, said in zip(places, texts, strict=True)
        )  # fmt: skip
    CuratedSet.objects.filter(pk=curated_set.pk).update(status=CuratedSetStatus.APPROVED, decided_at=MADE_AT)
    return curated_set.pk


def _texts(n: int, *, seed: int) -> list[list[str]]:
    """Of each conversation what is said in turn, by the user and the model, and the answer."""
    random = np.random.default_rng(seed)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = np.array(["".join(random.choice(letters, size)) for size in random.integers(2, 10, VOCABULARY)])
    lengths = random.integers(10, 80, size=(n, 2 * TURNS))
    return [[" ".join(random.choice(words, size)) for size in row] for row in lengths]


def _messages(said: list[str]) -> list[dict]:
    return [{"role": ("user", "assistant")[at % 2], "content": text} for at, text in enumerate(said[:-1])]


def _bare(set_id: int, folder: Path) -> dict[str, float]:
    """Seconds of writing the conversations with nothing but orjson, and with nothing but pyarrow."""
    from curation.models import CuratedExample  # noqa: PLC0415 - needs django.setup

    orjson_seconds = arrow_seconds = 0.0
    rows = CuratedExample.objects.filter(curated_set_id=set_id).in_order().iterator(chunk_size=ROWS_PER_GROUP)
    writer = None
    with (folder / "bare.jsonl").open("wb") as lines:
        while records := [_record(row) for row, _ in zip(rows, range(ROWS_PER_GROUP), strict=False)]:
            begun = time.perf_counter()
            lines.writelines(orjson.dumps(record) + b"\n" for record in records)
            between = time.perf_counter()
            table = pa.Table.from_pylist(records)
            writer = writer or pq.ParquetWriter(folder / "bare.parquet", table.schema, compression="zstd")
            writer.write_table(table)
            orjson_seconds += between - begun
            arrow_seconds += time.perf_counter() - between
    begun = time.perf_counter()
    if writer:
        writer.close()
    return {"json": orjson_seconds, "arrow": arrow_seconds + time.perf_counter() - begun}


def _record(row) -> dict:
    answer = {"role": "assistant", "content": row.response}
    return {
        "messages": [*row.messages, answer], "source": row.strategy, "score": row.score, "event_id": str(row.event_id)
    }  # fmt: skip


def _write_in_a_process(set_id: int, name: str, folder: Path) -> dict:
    from django.db import connection  # noqa: PLC0415 - needs django.setup

    database = connection.settings_dict["NAME"]
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl()
    environment = os.environ | {
        "DATABASE_URL": url, "EXPORT_URL": f"file://{folder}/exports", "LOG_LEVEL": "ERROR"
    }  # fmt: skip
    command = [sys.executable, "-m", "benchmarks.exports", WRITE, str(set_id), name]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def write(set_id: int, name: str) -> None:
    """Write one export and print what each stage took."""
    import django  # noqa: PLC0415

    django.setup()
    from django.contrib.auth.models import User  # noqa: PLC0415

    from exports.batches import requesting, writing  # noqa: PLC0415
    from exports.batches.encodings import ENCODINGS  # noqa: PLC0415
    from exports.batches.gathering import Gathered  # noqa: PLC0415
    from exports.batches.review import approval  # noqa: PLC0415

    by, _ = User.objects.get_or_create(username="bench", is_superuser=True)
    batch, _ = requesting.request(set_id, format=name, by=by)
    approval.approve(batch.pk, by=by, queue=False)
    took: dict[str, float] = {}
    format = ENCODINGS[name].format
    Gathered.read = _timed("gathering", Gathered.read, took)
    object.__setattr__(format, "write", _timed("writing", format.write, took))
    object.__setattr__(format, "check", _timed("checking", format.check, took))
    begun = time.perf_counter()
    batch = writing.write(batch.pk)
    took["seconds"] = time.perf_counter() - begun
    peak = round(process_usage.memory_mib([os.getpid()], peak=True))
    sys.stdout.write("\n" + json.dumps({**took, "records": batch.rows, "mib": peak}) + "\n")


def _timed(name: str, work, took: dict[str, float]):
    def timed(*arguments):
        begun = time.perf_counter()
        found = work(*arguments)
        took[name] = time.perf_counter() - begun
        return found

    return timed


if __name__ == "__main__":
    if sys.argv[1:2] == [WRITE]:
        write(int(sys.argv[2]), sys.argv[3])
    else:
        main(*map(int, sys.argv[1:2]))
