import pytest

from drift.durations import duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.9, "59 s"),
        (120, "2 min"),
        (5_400, "1 h 30 min"),
        (86_399, "23 h 59 min 59 s"),
        (86_400, "1 day"),
        (2 * 86_400 + 3_605, "2 days 1 h 5 s"),
    ],
)
def test_durations_are_shown_in_the_largest_units(seconds, text):
    assert duration(seconds) == text
