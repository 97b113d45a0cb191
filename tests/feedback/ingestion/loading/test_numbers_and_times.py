"""Numbers and times as data frames and logs write them."""

import json
import math
from datetime import UTC, datetime
from datetime import date as day
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError

from feedback.hashing import hash_person
from feedback.ingestion.loading.times import InvalidTime, moment
from feedback.models import Event
from tests.feedback.ingestion.loading.files import ASKED, load, write

NOON = datetime(2025, 6, 2, 12, tzinfo=UTC)
SECONDS = int(NOON.timestamp())


@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl", ".parquet"])
def test_numbers_of_data_frames_are_read(write_all, tmp_path, suffix):
    rows = [
        ASKED | {"prompt_tokens": 31.0, "cost_usd": 0.25, "user_id": 7.0, "grade": 2.5},
        ASKED | {"prompt_tokens": math.nan, "cost_usd": math.nan, "user_id": math.nan, "grade": math.nan},
    ]

    said = load(write(tmp_path, suffix, rows))
    write_all()

    assert "accepted 2, rejected 0" in said
    full, empty = Event.objects.order_by("cost_usd")
    assert (full.prompt_tokens, full.cost_usd, full.user_hash) == (31, 0.25, hash_person("7"))
    assert (empty.prompt_tokens, empty.cost_usd) == (None, None)
    if suffix != ".csv":  # There nan is a text like any other, but for numbers.
        assert (full.metadata, empty.metadata, empty.user_hash) == ({"grade": 2.5}, {}, "")


@pytest.mark.parametrize(("count", "status"), [(31.0, 202), (31.5, 400), (-1.0, 400), (1e12, 400)])
def test_a_whole_number_with_a_point_is_a_count_over_the_api_too(api, write_all, count, status):
    answer = api.post("/api/v1/events", ASKED | {"deployment_id": "files", "prompt_tokens": count}, format="json")
    write_all()

    assert answer.status_code == status
    assert list(Event.objects.values_list("prompt_tokens", flat=True)) == ([31] if status == 202 else [])
    if status == 400:
        assert [error["field"] for error in answer.json()["errors"]] == ["prompt_tokens"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (SECONDS, NOON),
        (SECONDS + 0.25, NOON.replace(microsecond=250_000)),
        (SECONDS * 1_000 + 7, NOON.replace(microsecond=7_000)),
        (SECONDS * 1_000_000 + 7, NOON.replace(microsecond=7)),
        (SECONDS * 1_000_000_000 + 7_999, NOON.replace(microsecond=7)),
        (f"{SECONDS}", NOON),
        (f"{SECONDS}.000001", NOON.replace(microsecond=1)),
        (f"{SECONDS * 1_000}", NOON),
        ("2025-06-02T12:00:00Z", NOON),
        ("2025-06-02 14:00:00+02", NOON),
        ("2025-06-02 12:00:00 UTC", NOON),
        ("2025-06-02T12:00:00.123456789Z", NOON.replace(microsecond=123_456)),
        ("2025-06-02 14:00:00", NOON),
        ("2025-06-02T14:00", NOON),
        ("2025-06-02", datetime(2025, 6, 1, 22, tzinfo=UTC)),
        (datetime(2025, 6, 2, 14), NOON),
        (day(2025, 6, 2), datetime(2025, 6, 1, 22, tzinfo=UTC)),
        ("20250602", datetime(2025, 6, 1, 22, tzinfo=UTC)),
    ],
)
def test_times_of_any_unit_and_form_are_read(value, expected):
    assert moment(value, zone=ZoneInfo("Europe/Berlin")) == expected


@pytest.mark.parametrize("value", [5, 20250602, -SECONDS, math.inf, 10**25, "02/06/2025", "noon", True, [1]])
def test_what_is_no_time_or_one_of_several_is_not_guessed(value):
    with pytest.raises(InvalidTime):
        moment(value, zone=UTC)


@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl", ".parquet"])
@pytest.mark.parametrize(
    "value", [SECONDS, SECONDS * 1_000, "2025-06-02T12:00:00Z", "2025-06-02 21:00:00"], ids=["s", "ms", "zone", "none"]
)
def test_history_keeps_its_own_times(write_all, tmp_path, suffix, value):
    rows = [ASKED | {"made": value}]

    load(write(tmp_path, suffix, rows), "made=occurred_at", timezone="Asia/Tokyo")
    write_all()

    assert Event.objects.get().occurred_at == NOON


def test_times_without_a_zone_in_parquet_are_in_the_zone_that_is_named(write_all, tmp_path):
    times = pa.array([datetime(2025, 6, 2, 21)], pa.timestamp("ns"))
    columns = {name: [value] for name, value in ASKED.items()} | {"occurred_at": times}
    pq.write_table(pa.table(columns), tmp_path / "rows.parquet")

    load(tmp_path / "rows.parquet", timezone="Asia/Tokyo")
    write_all()

    assert Event.objects.get().occurred_at == NOON


def test_a_row_whose_time_cannot_be_read_is_rejected_alone(write_all, tmp_path):
    times = pa.array([10**18, int(NOON.timestamp() * 1e6)], pa.timestamp("us"))
    pq.write_table(
        pa.table({name: [value] * 2 for name, value in ASKED.items()} | {"made": times}), tmp_path / "a.parquet"
    )
    (tmp_path / "b.jsonl").write_text(
        "\n".join(json.dumps(ASKED | {"model": "m1", "made": made}) for made in ("2/6/2025", SECONDS))
    )

    of_parquet, of_lines = (load(tmp_path / name, "made=occurred_at") for name in ("a.parquet", "b.jsonl"))
    write_all()

    assert "accepted 1, rejected 1" in of_parquet
    assert "row 1: the row has a value that cannot be read" in of_parquet
    assert "row 1: occurred_at: expected a time in ISO 8601, or seconds" in of_lines
    assert [event.occurred_at for event in Event.objects.all()] == [NOON, NOON]


def test_a_zone_that_is_none_is_reported(write_all, tmp_path):
    with pytest.raises(CommandError, match="Europe/Atlantis is not a time zone"):
        load(write(tmp_path, ".jsonl", [ASKED]), timezone="Europe/Atlantis")
