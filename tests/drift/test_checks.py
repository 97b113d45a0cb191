import pytest

from drift import checks


def test_the_defaults_are_in_range():
    assert checks.trigger_settings() == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TRIGGER_QUALITY_THRESHOLD", 70.0, "The threshold of quality_drop must be a score from 0 to 1."),
        ("TRIGGER_DRIFT_THRESHOLD", float("nan"), "The threshold of drift_threshold must be a score from 0 to 1."),
        ("TRIGGER_COOLDOWN_SECONDS", 0, "A cooldown must be from 60 to 31,622,400 seconds (1 minute to 366 days)."),
    ],
)
def test_a_setting_out_of_range_is_named(settings, name, value, words):
    setattr(settings, name, value)

    assert [error.msg for error in checks.trigger_settings()] == [f"{name}: {words}"]
