"""Feedback from files, for events that were loaded from files."""

import pytest
from django.core.management import CommandError

from feedback.models import Event, Signal
from tests.feedback.ingestion.loading.files import ASKED, load, write


@pytest.fixture
def event(write_all, tmp_path):
    load(write(tmp_path, ".jsonl", [ASKED | {"id": 41}], name="events"))
    write_all()
    return Event.objects.get()


def stored():
    return sorted(Signal.objects.values_list("event_id", "type", "name", "comment"))


@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl", ".parquet"])
def test_signals_come_from_every_kind_of_file(event, write_all, tmp_path, suffix):
    rows = [
        {"event_id": 41, "type": "thumbs", "value": 1.0, "comment": "Right.", "user_id": 7.0},
        {"event_id": 41, "type": "rating", "value": 4.0, "comment": None, "user_id": 7.0},
    ]
    path = write(tmp_path, suffix, rows)

    said = load(path, signals=True)
    write_all()
    again = load(path, signals=True)
    write_all()

    assert "accepted 2, rejected 0" in said
    assert "accepted 2, rejected 0" in again
    assert stored() == [(event.pk, "rating", "", ""), (event.pk, "thumbs_up", "", "Right.")]
    assert Signal.objects.get(type="rating").value == 4
    assert len(set(Signal.objects.values_list("user_hash", flat=True)) - {""}) == 1


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        ("thumbs", "0", ("thumbs_down", None)),
        ("thumbs", "True", ("thumbs_up", None)),
        ("thumbs", "up", ("thumbs_up", None)),
        ("rating", "3.5", ("rating", 3.5)),
        ("label", "on topic", ("label", "on topic")),
        ("label", '{"value": 2, "unit": "min"}', ("label", {"value": 2, "unit": "min"})),
    ],
)
def test_cells_of_csv_are_the_values_of_their_type(event, write_all, tmp_path, type_, value, expected):
    load(write(tmp_path, ".csv", [{"external_id": "41", "type": type_, "value": value}]), signals=True)
    write_all()

    signal = Signal.objects.get()
    assert (signal.type, signal.value) == expected


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_a_missing_rating_takes_nothing_back(event, write_all, tmp_path, suffix):
    rows = [{"external_id": "41", "type": "rating", "value": value} for value in (2.0, float("nan"))]

    said = load(write(tmp_path, suffix, rows), signals=True)
    write_all()

    assert "accepted 1, rejected 1" in said
    assert "the value of a signal of type rating must be a number" in said
    assert [signal.value for signal in Signal.objects.all()] == [2]


def test_a_column_of_ratings_is_loaded_with_its_type_and_time(event, write_all, tmp_path):
    path = write(tmp_path, ".csv", [{"key": "41", "stars": "5", "when": "1748865600000"}])

    said = load(path, "key=external_id", "stars=value", "when=occurred_at", set=["type=rating"], signals=True)
    write_all()

    assert "accepted 1, rejected 0" in said
    signal = Signal.objects.get()
    assert (signal.event_id, signal.type, signal.value) == (event.pk, "rating", 5)
    assert signal.occurred_at.isoformat() == "2025-06-02T12:00:00+00:00"


def test_a_dry_run_of_signals_names_what_is_missing(event, write_all, tmp_path):
    said = load(write(tmp_path, ".csv", [{"external_id": "41", "stars": 5}]), signals=True, dry_run=True)

    assert "stars       → metadata.stars; did you mean --map stars=value?" in said
    assert "No column becomes type" in said
    assert "valid 0, invalid 1" in said


def test_a_field_of_events_is_none_of_signals(tmp_path):
    with pytest.raises(CommandError, match="prompt is no field of a signal"):
        load(write(tmp_path, ".csv", [{"a": "b"}]), "a=prompt", signals=True)
