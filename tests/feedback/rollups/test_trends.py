from datetime import UTC, datetime, timedelta

import pytest
from scipy import stats

from feedback.choices import Metric, SignalType
from feedback.rollups import estimates, trends
from tests.factories import NOON
from tests.feedback.factories import roll_up

NOW = NOON + timedelta(minutes=20)


@pytest.mark.parametrize(
    ("key", "start", "buckets"),
    [
        ("24h", datetime(2026, 5, 3, 13, tzinfo=UTC), 24),
        ("7d", datetime(2026, 4, 28, tzinfo=UTC), 7),
        ("30d", datetime(2026, 4, 5, tzinfo=UTC), 30),
        ("90d", datetime(2026, 2, 4, tzinfo=UTC), 90),
        ("nonsense", datetime(2026, 4, 28, tzinfo=UTC), 7),
    ],
)
def test_a_period_ends_with_the_running_hour_and_holds_whole_buckets(key, start, buckets):
    period = trends.period(key, NOW)

    assert (period.start, period.end) == (start, datetime(2026, 5, 4, 13, tzinfo=UTC))
    assert len(period.buckets) == buckets
    assert period.buckets[0] == start


def test_the_period_before_covers_the_same_hours():
    assert trends.period("7d", NOW).before == (
        datetime(2026, 4, 21, tzinfo=UTC),
        datetime(2026, 4, 27, 13, tzinfo=UTC),
    )


def test_the_mean_has_the_normal_interval():
    scores = [0.2, 0.6, 0.7, 0.9]

    estimate = estimates.mean(4, sum(scores), sum(score * score for score in scores))

    spread = (sum((score - 0.6) ** 2 for score in scores) / 4) ** 0.5
    low, high = stats.norm.interval(0.95, loc=0.6, scale=spread / 2)
    assert (estimate.value, estimate.n) == (pytest.approx(0.6), 4)
    assert (estimate.low, estimate.high) == (pytest.approx(low), pytest.approx(high))


@pytest.mark.parametrize(("successes", "n"), [(0, 5), (5, 5), (3, 10), (812, 1_000)])
def test_the_share_has_the_wilson_interval(successes, n):
    estimate = estimates.share(successes, n)

    expected = stats.binomtest(successes, n).proportion_ci(method="wilson")
    assert estimate.value == successes / n
    assert (estimate.low, estimate.high) == (pytest.approx(expected.low), pytest.approx(expected.high))


def test_nothing_has_neither_mean_nor_share():
    assert estimates.mean(0, 0.0, 0.0) is None
    assert estimates.share(0, 0) is None


@pytest.mark.django_db
def test_rows_of_one_key_add_up_and_unscored_events_count_only_as_events():
    roll_up(model_version_id="v1", n=3)
    roll_up(model_version_id="v1", n=2)
    roll_up(model_version_id="v1", metric=Metric.QUALITY, n=2, total=1.5, squares=1.125)
    roll_up(model_version_id="v1", metric=Metric.LATENCY, n=9, total=900.0, squares=90_000.0)

    found = trends.trends(trends.period("24h", NOW), {})

    assert found.current.counts.events == 5
    assert (found.current.checks.n, found.current.checks.value) == (2, 0.75)
    [series] = found.versions
    assert (series.version, [one.counts.events for one in series.buckets]) == ("v1", [0] * 23 + [5])
    assert [one.checks and one.checks.value for one in series.buckets] == [None] * 23 + [0.75]
    assert (series.total, found.buckets) == (found.current, series.buckets)


@pytest.mark.django_db
def test_the_period_before_ends_at_the_same_hour():
    roll_up(n=7, hour_at=NOON)
    roll_up(n=4, hour_at=NOON - timedelta(days=7))
    roll_up(n=100, hour_at=NOON - timedelta(days=7) + timedelta(hours=1))
    for days, hours, kind in ((0, 0, "thumbs_up"), (1, 0, "edit"), (7, 0, "thumbs_down"), (7, -1, "thumbs_up")):
        roll_up(metric=Metric.SIGNAL, names={kind: 1}, hour_at=NOON - timedelta(days=days, hours=hours))

    found = trends.trends(trends.period("7d", NOW), {})

    assert (found.current.counts.events, found.before.counts.events) == (7, 4)
    assert found.current.counts.signals == {SignalType.THUMBS_UP: 1, SignalType.EDIT: 1}
    assert found.before.counts.signals == {SignalType.THUMBS_DOWN: 1}


@pytest.mark.django_db
def test_one_deployment_counts():
    roll_up(deployment_id="helpdesk", n=1)
    roll_up(deployment_id="search", n=10)
    roll_up(metric=Metric.SIGNAL, deployment_id="helpdesk", names={"edit": 1})
    roll_up(metric=Metric.SIGNAL, deployment_id="search", names={"edit": 10})

    found = trends.trends(trends.period("7d", NOW), {}, "helpdesk")

    assert found.current.counts.events == 1
    assert found.current.counts.signals == {SignalType.EDIT: 1}


@pytest.mark.django_db
def test_versions_beyond_the_limit_are_one_series():
    for number in range(8):
        roll_up(model_version_id=f"v{number}", n=10 * (number + 1))
        roll_up(model_version_id=f"v{number}", metric=Metric.QUALITY, n=10, total=float(number), squares=1.0)

    series = trends.trends(trends.period("24h", NOW), {}).versions

    assert [one.version for one in series] == ["v7", "v6", "v5", "v4", "v3", trends.OTHER_VERSIONS]
    assert series[-1].buckets[-1].counts.events == 10 + 20 + 30
    assert series[-1].buckets[-1].checks.value == pytest.approx((0 + 1 + 2) / 30)
