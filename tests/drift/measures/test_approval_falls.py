"""Which windows of votes are compared, when a fall is a reason, and how often one is found at fixed seeds."""

import numpy as np
import pytest

from benchmarks import quality_drop
from drift.measures import approval_falls
from drift.measures.approval_falls import Votes


def votes(ups, *, days=None, users=None, size=None):
    """One vote on each event, the newest first."""
    ups = np.asarray(ups, dtype=float)
    n = len(ups)
    users = np.arange(n) if users is None else np.asarray(users)
    days = np.zeros(n) if days is None else np.asarray(days, dtype=float)
    return Votes(np.arange(n), users, ups, 1 - ups, days, size or int(users.max()) + 1)


def compared(*sides, **options):
    return [(found.events, found.events_before) for found in approval_falls.comparisons(*sides, **options)]


@pytest.mark.parametrize(
    ("events", "pairs"),
    [
        (199, []),
        (200, [(100, 100)]),
        (300, [(100, 200), (200, 100)]),
        (1_150, [(100, 1_000), (200, 950), (500, 650), (1_000, 150)]),
        (2_000, [(100, 1_000), (200, 1_000), (500, 1_000), (1_000, 1_000)]),
    ],
)
def test_windows_are_compared_with_up_to_a_thousand_events_before_them(events, pairs):
    assert compared(votes(np.ones(events))) == pairs


def test_a_new_deployment_is_also_compared_with_one_half():
    assert compared(votes(np.ones(19)), is_new=True) == []
    assert compared(votes(np.ones(20)), is_new=True) == [(20, 0)]
    (found,) = approval_falls.comparisons(votes(np.ones(20)), is_new=True)
    assert (found.before, found.expected, found.now.value) == (None, 0.5, 1.0)


def test_a_baseline_takes_the_place_of_the_events_before():
    baseline = votes(np.ones(150), size=650, users=np.arange(500, 650))

    assert compared(votes(np.zeros(500), size=650), baseline) == [(100, 150), (200, 150), (500, 150)]


def test_a_baseline_of_few_users_is_none():
    baseline = votes(np.ones(150), users=np.arange(150) % 19, size=300)

    assert compared(votes(np.zeros(300)), baseline) == [(100, 200), (200, 100)]


@pytest.mark.parametrize(("users", "pairs"), [(19, []), (20, [(100, 200), (200, 100)])])
def test_each_side_needs_twenty_users(users, pairs):
    assert compared(votes(np.ones(300), users=np.arange(300) % users)) == pairs


def test_no_window_spans_more_than_thirty_days():
    days = np.repeat([1, 31, 61.5], [150, 150, 700])

    assert compared(votes(np.ones(1_000), days=days)) == [(100, 200)]
    assert compared(votes(np.ones(1_000), days=days), is_new=True) == [(100, 200), (150, 0)]


def test_all_evaluations_and_comparisons_together_use_one_percent():
    parts = [5 * approval_falls.alpha_of(evaluation) for evaluation in range(1, 100_001)]

    # What is left is less than the integral of 1 / (n log² n) from the last one on.
    assert sum(parts) + 0.01 / 2.1098 / np.log(100_001) <= 0.01
    assert parts == sorted(parts, reverse=True)


@pytest.mark.parametrize(
    ("up_before", "up_now", "is_met"), [(900, 50, True), (900, 84, False), (900, 95, False), (500, 0, True)]
)
def test_a_fall_is_met_when_it_is_large_and_certain(up_before, up_now, is_met):
    ups = np.concatenate([np.arange(100) < up_now, np.arange(1_000) < up_before])

    found = approval_falls.judge(approval_falls.comparisons(votes(ups)), evaluation=1)

    assert [finding.is_met for finding in found][:1] == [is_met]
    assert found[0].fall.value == pytest.approx((up_before / 10 - up_now) / 100)


def test_a_certain_fall_of_nine_points_is_none():
    ups = np.concatenate([np.arange(1_000) < 900, np.arange(1_000) < 990])

    found = approval_falls.judge(approval_falls.comparisons(votes(ups)), evaluation=1)

    assert found[-1].fall.low > 0
    assert not found[-1].is_met


def test_the_same_fall_needs_more_evidence_the_later_it_is():
    ups = np.concatenate([np.arange(100) < 72, np.arange(1_000) < 900])
    compared = approval_falls.comparisons(votes(ups))

    assert approval_falls.judge(compared, evaluation=1)[0].is_met
    assert not approval_falls.judge(compared, evaluation=10_000)[0].is_met


def test_changes_are_found_in_time_by_users_who_vote_once_or_several_times():
    within = {line[:3]: line[5] for line in quality_drop.changed_lines(10, every=[25])}

    assert len(within) == 4
    assert set(within.values()) == {1.0}


def test_nothing_is_found_where_unhappy_users_vote_more_and_nothing_changes():
    assert [line[4] for line in quality_drop.unchanged_lines(8, every=[25])] == [0.0, 0.0]


def test_approval_falls_below_a_suggested_threshold_only_where_it_falls():
    ever = [line[2:5:2] for line in quality_drop.suggested_lines(3)]

    assert ever == [(0.0, 0.0), (0.2, 1.0), (0.5, 1.0)] * 4
