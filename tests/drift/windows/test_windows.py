from datetime import UTC, datetime, timedelta

import pytest

from drift.windows.window import InvalidWindow, Window, parse, resolve

DAY = datetime(2026, 5, 4, tzinfo=UTC)
TODAY = Window(start_at=DAY, end_at=DAY + timedelta(days=1))


@pytest.mark.parametrize(
    ("reference", "current", "expected"),
    [
        (None, None, (Window(1000, 1000), Window(1000))),
        (None, Window(200, 50), (Window(1000, 250), Window(200, 50))),
        (Window(200, 1000), None, (Window(200, 1000), Window(1000))),
        (None, Window(50_000), (Window(50_000, 50_000), Window(50_000))),
        (None, Window(trailing_hours=24), (Window(trailing_hours=24), Window(trailing_hours=24))),
        (None, TODAY, (Window(start_at=DAY - timedelta(days=1), end_at=DAY), TODAY)),
        (TODAY, Window(model_version_id="v2"), (TODAY, Window(model_version_id="v2"))),
    ],
)
def test_default_windows_are_the_newest_events_and_those_before(reference, current, expected):
    assert resolve(reference, current, size=1000) == expected


@pytest.mark.parametrize(
    ("reference", "current"),
    [
        (Window(200, 999), None),
        (Window(1000, 500), Window(501)),
        (TODAY, Window(start_at=DAY + timedelta(hours=23), end_at=DAY + timedelta(days=2))),
        (Window(model_version_id="v2"), Window(model_version_id="v2")),
    ],
)
def test_overlapping_windows_are_rejected(reference, current):
    with pytest.raises(InvalidWindow, match="overlap"):
        resolve(reference, current, size=1000)


@pytest.mark.parametrize(
    ("reference", "current"),
    [
        (None, Window(season_weeks=2)),
        (None, Window(baseline="release")),
        (Window(previous_version=True), Window(300)),
        (Window(season_weeks=2), Window(start_at=DAY, end_at=DAY + timedelta(days=8))),
    ],
)
def test_incompatible_windows_are_rejected(reference, current):
    with pytest.raises(InvalidWindow):
        resolve(reference, current, size=1000)


def test_times_within_one_hour_overlap_because_they_widen():
    first = Window(start_at=DAY, end_at=DAY + timedelta(minutes=10))
    second = Window(start_at=DAY + timedelta(minutes=20), end_at=DAY + timedelta(minutes=30))

    with pytest.raises(InvalidWindow, match="widened to whole hours"):
        resolve(first, second, size=1000)


def test_a_current_version_needs_a_reference():
    with pytest.raises(InvalidWindow, match="requires a reference window"):
        resolve(None, Window(model_version_id="v2"), size=1000)


def test_a_window_with_no_time_as_long_before_it_needs_a_reference():
    everything = Window(start_at=datetime(2, 1, 1, tzinfo=UTC), end_at=datetime(9999, 12, 31, tzinfo=UTC))

    with pytest.raises(InvalidWindow) as refusal:
        resolve(None, everything, size=1000)

    assert refusal.value.field == "reference"


WINDOWS = [
    Window(300),
    Window(300, 20),
    TODAY,
    Window(model_version_id="gpt-4-0613"),
    Window(prompt_version="p7"),
    Window(baseline="release"),
    Window(trailing_hours=48, gap_hours=6),
    Window(trailing_hours=1, gap_hours=1),
    Window(trailing_hours=8784),
    Window(season_weeks=4),
    Window(season_weeks=1),
    Window(previous_version=True),
]


@pytest.mark.parametrize("window", WINDOWS, ids=lambda item: item.describe("now"))
def test_a_window_is_the_same_after_storing(window):
    assert parse(window.as_json()) == window


def test_a_window_is_described_as_text():
    assert [window.describe("the current window") for window in WINDOWS] == [
        "newest 300 events",
        "newest 300 events, skipping the 20 newest",
        "2026-05-04 00:00 to 2026-05-05 00:00 UTC",
        "model version gpt-4-0613",
        "prompt version p7",
        "baseline release",
        "48 hours, ending 6 hours before the current window",
        "1 hour, ending 1 hour before the current window",
        "8,784 hours before the current window",
        "the same hours of the week, 4 weeks before",
        "the same hours of the week, 1 week before",
        "the previous model version",
    ]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, ""),
        ({"last_events": 5, "model_version_id": "v2"}, ""),
        ({"skip": 5}, "last_events"),
        ({"from": DAY}, ""),
        ({"from": DAY, "to": DAY}, "to"),
        ({"from": "2026-05-04T00:00:00", "to": DAY}, "from"),
        ({"trailing": {"gap_hours": 2}}, "trailing"),
        ({"trailing": {"hours": 2, "days": 1}}, "trailing"),
        ({"previous_version": False}, "previous_version"),
    ],
)
def test_an_unclear_window_names_its_field(asked, field):
    with pytest.raises(InvalidWindow) as refusal:
        parse(asked)

    assert refusal.value.field == field
