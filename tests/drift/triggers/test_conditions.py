"""The edges of each condition, with the original's strictness, and what a trigger may be set to."""

import math
from datetime import UTC, datetime

import pytest

from drift.choices import cooldown_problem, threshold_problem
from drift.triggers import conditions as conditions


@pytest.mark.parametrize(
    ("score", "is_met"),
    [(0.2, False), (0.8 - 0.6, False), (0.2000001, True), (0.3, True), (0.0, False), (None, None)],
)
def test_drift_is_met_strictly_above_and_never_without_a_score(score, is_met):
    found = conditions.drift_threshold(score, 0.2, report=7, verdict="Insufficient data")

    assert (found.value, found.is_met) == (score, is_met)


def test_a_report_without_a_score_says_why():
    found = conditions.drift_threshold(None, 0.2, report=7, verdict="Insufficient data")

    assert found.reason == "Drift report 7 has no score: insufficient data."


@pytest.mark.parametrize(
    ("mean", "n", "is_met"),
    [(0.7, 5, False), ((0.7 + 0.7 + 0.7) / 3, 6, False), (0.6999, 5, True), (0.6, 4, None), (None, 0, None)],
)
def test_quality_is_met_strictly_below_and_never_with_few_scores(mean, n, is_met):
    found = conditions.quality_drop(mean, 0.7, n=n)

    assert (found.value, found.is_met) == (mean, is_met)


@pytest.mark.parametrize(
    ("score", "threshold", "words"),
    [
        (0.29000000000000004, 0.2, "0.29, above the threshold of 0.2"),
        (0.2000001, 0.2, "0.2000001, above the threshold of 0.2"),
        (0.2, 0.2000001, "0.2, not above the threshold of 0.2000001"),
        (0.20006, 0.20008, "0.20006, not above the threshold of 0.20008"),
        (0.8 - 0.6, 0.2, "0.2, not above the threshold of 0.2"),
    ],
)
def test_the_drift_reason_agrees_with_its_numbers(score, threshold, words):
    assert (
        conditions.drift_threshold(score, threshold, report=7, verdict="OK").reason
        == f"Drift report 7 has a score of {words}."
    )


@pytest.mark.parametrize(
    ("mean", "n", "words"),
    [
        (0.6999999, 5, "over the newest 5 scored events is 0.6999999, below the threshold of 0.7"),
        ((0.7 + 0.7 + 0.7) / 3, 6, "over the newest 6 scored events is 0.7, not below the threshold of 0.7"),
    ],
)
def test_the_quality_reason_agrees_with_its_numbers(mean, n, words):
    assert conditions.quality_drop(mean, 0.7, n=n).reason == f"The average score of the checks {words}."


def test_one_event_is_singular():
    found = conditions.data_count(1, 1, is_bound=False, trained_at=None)

    assert found.reason == "1 event and no training yet; the threshold is 1."


@pytest.mark.parametrize(("count", "is_met"), [(999, False), (1_000, True), (2_000, True), (0, False)])
def test_data_is_met_at_the_threshold(count, is_met):
    found = conditions.data_count(count, 1_000, is_bound=False, trained_at=None)

    assert (found.value, found.is_met) == (count, is_met)


@pytest.mark.parametrize(
    ("is_bound", "trained_at", "words"),
    [
        (False, None, "20,000 events and no training yet; the threshold is 500."),
        (
            True,
            datetime(2026, 5, 4, 12, tzinfo=UTC),
            "20,000 or more events since the last training at 2026-05-04 12:00 UTC; the threshold is 500.",
        ),
    ],
)
def test_the_count_says_since_when_and_whether_it_ended_early(is_bound, trained_at, words):
    assert conditions.data_count(20_000, 500, is_bound=is_bound, trained_at=trained_at).reason == words


@pytest.mark.parametrize(("n", "words"), [(1, "1 event"), (4, "4 events")])
def test_too_few_scores_are_reported(n, words):
    assert conditions.quality_drop(0.1, 0.7, n=n).reason == f"Only {words} scored so far; at least 5 are needed."


@pytest.mark.parametrize(
    ("seconds", "has_events", "is_met"),
    [(86_399, True, False), (86_400, True, True), (0, True, False), (None, True, True), (None, False, None)],
)
def test_the_schedule_is_met_at_its_interval_and_the_first_time(seconds, has_events, is_met):
    found = conditions.scheduled(seconds, 86_400, has_events=has_events)

    assert (found.value, found.is_met) == (seconds, is_met)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("drift_threshold", [0, 0.2, 1], [-0.1, 1.1, math.nan, math.inf]),
        ("quality_drop", [0, 0.7, 1], [-0.1, 1.1, math.nan]),
        ("data_count", [1, 1_000, 1_000_000_000], [0, 1.5, 1_000_000_001, math.inf, 10**400]),
        ("scheduled", [60, 86_400, 31_622_400], [59, 60.5, 31_622_401, math.nan]),
    ],
)
def test_a_threshold_stays_in_its_range(name, good, bad):
    assert [threshold_problem(name, value) for value in good] == [None] * len(good)
    assert all(threshold_problem(name, value).startswith(f"The threshold of {name} must be ") for value in bad)


@pytest.mark.parametrize(("seconds", "is_good"), [(59, False), (60, True), (31_622_400, True), (31_622_401, False)])
def test_a_cooldown_is_at_least_a_minute(seconds, is_good):
    assert (cooldown_problem("quality_drop", seconds) is None) is is_good
    assert cooldown_problem("scheduled", seconds) == "The scheduled trigger has no cooldown; it uses its interval."
