from datetime import UTC, datetime, timedelta

import pytest

from drift.windows import InvalidWindow, Window, parse, resolve

DAY = datetime(2026, 5, 4, tzinfo=UTC)
TODAY = Window(start_at=DAY, end_at=DAY + timedelta(days=1))


@pytest.mark.parametrize(
    ("reference", "current", "expected"),
    [
        (None, None, (Window(1000, 1000), Window(1000))),
        (None, Window(200, 50), (Window(1000, 250), Window(200, 50))),
        (Window(200, 1000), None, (Window(200, 1000), Window(1000))),
        (None, TODAY, (Window(start_at=DAY - timedelta(days=1), end_at=DAY), TODAY)),
        (TODAY, Window(model_version_id="v2"), (TODAY, Window(model_version_id="v2"))),
    ],
)
def test_what_is_left_out_is_the_newest_events_and_what_lies_before(reference, current, expected):
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
def test_windows_that_share_events_are_refused(reference, current):
    with pytest.raises(InvalidWindow, match="overlap"):
        resolve(reference, current, size=1000)


def test_a_current_version_needs_a_reference():
    with pytest.raises(InvalidWindow, match="needs a reference window"):
        resolve(None, Window(model_version_id="v2"), size=1000)


def test_a_window_with_no_time_as_long_before_it_needs_a_reference():
    everything = Window(start_at=datetime(2, 1, 1, tzinfo=UTC), end_at=datetime(9999, 12, 31, tzinfo=UTC))

    with pytest.raises(InvalidWindow) as refusal:
        resolve(None, everything, size=1000)

    assert refusal.value.field == "reference"


@pytest.mark.parametrize(
    "window", [Window(300), Window(300, 20), TODAY, Window(model_version_id="gpt-4-0613")], ids=lambda item: item.words
)
def test_a_window_is_the_same_after_storing(window):
    assert parse(window.as_json()) == window


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, ""),
        ({"last_events": 5, "model_version_id": "v2"}, ""),
        ({"skip": 5}, "last_events"),
        ({"from": DAY}, ""),
        ({"from": DAY, "to": DAY}, "to"),
        ({"from": "2026-05-04T00:00:00", "to": DAY}, "from"),
        ({"baseline": "release"}, "baseline"),
    ],
)
def test_an_unclear_window_names_its_field(asked, field):
    with pytest.raises(InvalidWindow) as refusal:
        parse(asked)

    assert refusal.value.field == field
