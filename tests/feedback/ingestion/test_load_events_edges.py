"""Files that are damaged or hold what JSON has no word for, and servers that are away."""

import gzip
import json
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError
from django.db import OperationalError

from feedback.ingestion import loading
from feedback.models import Event
from tests.feedback.ingestion.test_load_events import ROWS, load, write_file

ROW = {"prompt": "Where is it?", "response": "It is on the shelf beside the door."}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[" * 100_000, "is nested too deeply"),
        (json.dumps(ROW)[:-1] + ', "score": {"a": [-Infinity]}}', "contains an infinite number"),
        (json.dumps(ROW)[:-1] + ', "latency_ms": 1e999}', "contains an infinite number"),
        (json.dumps(ROW)[:-1] + ', "seconds": 1e306}', "contains an infinite number"),
        (json.dumps(ROW)[:-1] + f', "seconds": 1{"0" * 400}}}', "contains an infinite number"),
    ],
    ids=["deep", "Infinity", "large float", "large product", "large integer product"],
)
def test_a_row_that_json_cannot_carry_is_rejected_alone(write_all, tmp_path, line, reason):
    said = load(write_file(tmp_path, ".jsonl", [line, ROW]), "seconds=latency_ms*1000")
    write_all()

    assert "accepted 1, rejected 1" in said
    assert f"row 1: the row {reason}" in said
    assert Event.objects.count() == 1


@pytest.mark.parametrize("mapping", ["a=latency_ms*nan", "a=latency_ms*1e999", "a=latency_ms*-inf"])
def test_a_factor_is_a_finite_number(mapping):
    with pytest.raises(loading.InvalidMapping):
        loading.parse_mapping(mapping)


def test_decimals_of_a_parquet_file_are_numbers(write_all, tmp_path):
    row = ROW | {"cost_usd": Decimal("0.25"), "seconds": Decimal("1.500"), "prompt_tokens": Decimal("7")}
    path = write_file(tmp_path, ".parquet", [row | {"share": Decimal("0.125")}])

    load(path, "seconds=latency_ms*1000")
    write_all()

    event = Event.objects.get()
    assert (event.cost_usd, event.latency_ms, event.prompt_tokens) == (0.25, 1500.0, 7)
    assert event.metadata == {"share": 0.125}


@pytest.mark.parametrize(
    ("mappings", "expected"),
    [
        ([], ["files", "files"]),
        (["deployment_id=deployment_id"], ["files", "other"]),
        (["team=deployment_id"], ["files", "shop"]),
    ],
    ids=["no mapping", "its own", "another column"],
)
def test_a_column_names_the_deployment_only_if_it_is_mapped(write_all, tmp_path, mappings, expected):
    path = write_file(tmp_path, ".jsonl", [ROW | {"deployment_id": "other", "team": "shop"}, ROW])

    load(path, *mappings)
    write_all()

    assert sorted(Event.objects.values_list("deployment_id", flat=True)) == expected


def damaged_deflate(folder):
    path = write_file(folder, ".jsonl.gz", [ROW | {"note": number} for number in range(2_000)])
    data = bytearray(path.read_bytes())
    data[200:260] = b"\xff" * 60
    path.write_bytes(data)
    return path


def damaged_parquet(folder):
    path = folder / "events.parquet"
    rows = [ROW | {"prompt": f"Question {number}?"} for number in range(5_000)]
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=1_000)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 2_000] = b"\xff" * 2_000
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("make", [damaged_deflate, damaged_parquet])
def test_a_file_damaged_in_the_middle_is_reported(write_all, tmp_path, make):
    path = make(tmp_path)

    with pytest.raises(CommandError, match=f"^{path.name}: "):
        load(path)


def test_gzip_data_is_read_however_many_parts_it_has(write_all, tmp_path):
    path = tmp_path / "events.jsonl.gz"
    path.write_bytes(b"".join(gzip.compress(json.dumps(row).encode() + b"\n") for row in ROWS))

    assert "accepted 5, rejected 0" in load(path, "question=prompt", "latency_s=latency_ms*1000")


def test_with_the_database_down_the_command_reports_it(write_all, tmp_path, monkeypatch):
    def away(*args, **options):
        raise OperationalError("connection refused")

    with monkeypatch.context() as outage:
        outage.setattr("django.db.backends.base.base.BaseDatabaseWrapper.cursor", away)
        with pytest.raises(CommandError, match="^The database cannot be reached"):
            load(write_file(tmp_path, ".jsonl", [ROW]))
    write_all()

    assert Event.objects.count() == 0


def test_times_with_nanoseconds_are_cut_to_microseconds(write_all, tmp_path):
    times = pa.array([1_777_896_000_123_456_789], pa.timestamp("ns", "UTC"))
    columns = {name: [value] for name, value in ROW.items()} | {"occurred_at": times}
    pq.write_table(pa.table(columns), tmp_path / "times.parquet")

    load(tmp_path / "times.parquet")
    write_all()

    assert Event.objects.get().occurred_at == datetime(2026, 5, 4, 12, 0, 0, 123_456, tzinfo=UTC)
