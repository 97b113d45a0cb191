import gzip
import json
import threading
from io import StringIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command

from feedback import valkey
from feedback.ingestion import loading, stream
from feedback.ingestion.loading import loader
from feedback.models import Event

ROWS = [
    {"question": f"What is {n}?", "response": f"It is the number {n}, of course.", "latency_s": 0.5} for n in range(5)
]
MAPS = ["question=prompt", "latency_s=latency_ms*1000"]


def write_file(folder, suffix, rows):
    path = folder / f"events{suffix}"
    if suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        text = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows).encode()
        path.write_bytes(gzip.compress(text) if suffix.endswith("gz") else text)
    return path


def load(path, *maps, deployment="files"):
    out = StringIO()
    call_command("load_events", path, deployment=deployment, map=list(maps), stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz", ".parquet"])
def test_a_file_is_loaded_once_however_often_it_is_read(write_all, tmp_path, suffix):
    path = write_file(tmp_path, suffix, ROWS)

    first = load(path, *MAPS)
    write_all()
    second = load(path, *MAPS)
    write_all()

    assert "accepted 5, rejected 0" in first
    assert "accepted 5, rejected 0" in second
    assert Event.objects.count() == 5
    event = Event.objects.get(prompt="What is 3?")
    assert (event.deployment_id, event.latency_ms) == ("files", 500)


def test_bad_rows_are_counted_with_their_reasons(write_all, tmp_path):
    path = write_file(tmp_path, ".jsonl", [ROWS[0], "{", ROWS[1] | {"latency_s": -1}, {"response": "x"}, "5"])

    said = load(path, *MAPS)
    write_all()

    assert "accepted 1, rejected 4" in said
    for reason in ("row 2: the row is not a JSON object", "row 3: latency_ms", "row 4: prompt or messages is required"):
        assert reason in said
    assert "1 items are waiting in the stream and no writer is running" in said
    assert Event.objects.count() == 1


def test_columns_without_a_field_become_metadata(write_all, tmp_path):
    path = write_file(tmp_path, ".jsonl", [{"prompt": "a", "response": "b", "task": "prime", "note": "c", "old": 1}])

    load(path, "note=metadata.remark", "old=")
    write_all()

    assert Event.objects.get().metadata == {"task": "prime", "remark": "c"}


@pytest.mark.parametrize("mapping", ["prompt", "a=colour", "=prompt", "a=latency_ms*x"])
def test_a_mapping_that_makes_no_sense_is_rejected(mapping):
    with pytest.raises(loading.InvalidMapping):
        loading.parse_mapping(mapping)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.xlsx", b"", "only .csv, .tsv, .json"),
        ("a.jsonl.gz", b"no gzip", "damaged"),
        ("a.jsonl.gz", gzip.compress(b"{}\n" * 9)[:-5], "damaged"),
        ("a.parquet", b"no parquet", "a.parquet"),
    ],
    ids=["unknown kind", "no gzip", "cut gzip", "no parquet"],
)
def test_a_file_that_cannot_be_read_reports_why(write_all, tmp_path, name, content, reason):
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(CommandError, match=reason):
        load(path)


def test_a_full_backlog_is_waited_for(write_all, tmp_path, settings, monkeypatch):
    settings.INGEST_MAX_BACKLOG_ENTRIES = 1
    monkeypatch.setattr(loader, "CHUNK", 3)
    drain = threading.Timer(0.2, lambda: valkey.client().xtrim(stream.STREAM, maxlen=0))
    drain.start()

    said = load(write_file(tmp_path, ".jsonl", ROWS), *MAPS)

    drain.join()
    assert "accepted 5" in said
