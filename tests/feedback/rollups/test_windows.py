"""Any window of the rollups says what its values say, to a thousandth."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy import stats

from feedback.choices import Bucket, Metric
from feedback.measures.catalogue import measure_of
from feedback.measures.histograms import aligned
from feedback.measures.measuring import Measured, Place
from feedback.models import Rollup
from feedback.rollups import deltas, folding, reading, rows, users
from tests.feedback.rollups.rolled_up import shares_up_to

START = datetime(2026, 5, 4, 7, tzinfo=UTC)
HOURS, EACH = 66, 500
METRICS = [Metric.LATENCY, Metric.RESPONSE_LENGTH, Metric.QUALITY, Metric.COST]


def hour(rng, index):
    """What the events of one hour say: levels wander, a tenth has no latency, many scores are exactly 1."""
    level = np.sin(index / 9)
    return {
        Metric.LATENCY: np.where(rng.random(EACH) < 0.1, np.nan, rng.lognormal(6 + level / 5, 0.8, EACH)),
        Metric.RESPONSE_LENGTH: np.floor(rng.lognormal(6 + level / 4, 0.9, EACH)),
        Metric.QUALITY: np.where(rng.random(EACH) < 0.5 + level / 5, 1.0, rng.beta(8, 2, EACH)),
        Metric.COST: np.where(rng.random(EACH) < 0.2, 0.0, rng.gamma(2, 1e-4, EACH)),
    }


def add(at, numbers, version="v1"):
    place = Place("helpdesk", version, "", at)
    ids = [f"{at} {index}" for index in range(EACH)]
    people = [f"user-{index % 400}" for index in range(EACH)]
    measured = {measure_of(metric): values for metric, values in numbers.items()}
    deltas.add(Measured(ids, [place] * EACH, measured, {}, people, ["{}"] * EACH, [at] * EACH, [""] * EACH))


@pytest.fixture
def hours(db, rng):
    """The values of every hour; most of them are folded, the last ones not yet."""
    stored = []
    for index in range(HOURS):
        stored.append(hour(rng, index))
        add(START + timedelta(hours=index), stored[-1])
        if index == HOURS - 8:
            folding.fold()
    return stored


def exact(hours, metric, first, last):
    values = np.concatenate([numbers[metric] for numbers in hours[first:last]])
    return values[np.isfinite(values)]


def window(first, last, **where):
    return reading.window(START + timedelta(hours=first), START + timedelta(hours=last), "helpdesk", **where)


def psi(before, after):
    return float(np.sum((after - before) * np.log(after / before)))


# Days begin 17 and 41 hours after the start.
@pytest.mark.parametrize("spans", [((0, 41), (41, 66)), ((3, 20), (20, 62)), ((17, 41), (44, 64)), ((0, 1), (1, 66))])
def test_any_two_windows_compare_as_their_values_do(hours, spans):
    pairs = [reading.histograms(window(*span), METRICS) for span in spans]

    for metric in METRICS:
        before, after = (exact(hours, metric, *span) for span in spans)
        found, other = (histograms[metric] for histograms in pairs)
        assert (found.n, found.mean, found.variance) == pytest.approx((len(before), before.mean(), before.var()))
        pair = aligned(found, other)
        distance = np.abs(np.cumsum(pair.reference) / found.n - np.cumsum(pair.current) / other.n).max()
        assert distance == pytest.approx(stats.ks_2samp(before, after, method="asymp").statistic, abs=1e-3)
        moved = stats.wasserstein_distance(pair.values, pair.values, pair.reference, pair.current)
        assert moved == pytest.approx(stats.wasserstein_distance(before, after), abs=1e-3 * before.std())
        edges = np.unique(np.quantile(before, np.arange(0.1, 1, 0.1)))
        shares = [np.diff([0, *((values[:, None] <= edges).mean(axis=0)), 1]) for values in (before, after)]
        binned = [np.diff([0, *shares_up_to(edges, histogram), 1]) for histogram in (found, other)]
        kept = np.array(shares).min(axis=0) > 0
        assert psi(*np.array(binned)[:, kept]) == pytest.approx(psi(*np.array(shares)[:, kept]), abs=1e-3)
        shares_below = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]
        assert found.quantiles(shares_below) == pytest.approx(np.quantile(before, shares_below), rel=1e-3, abs=1e-9)


def test_a_window_reads_days_and_only_the_hours_at_its_ends(hours, django_assert_num_queries):
    folding.fold()

    with django_assert_num_queries(1):
        found = list(rows.fetch(window(3, 64), [Metric.LATENCY], ["metric"]))

    assert len(found) == 14 + 1 + 23
    assert sum(cell.n for _, cell in found) == len(exact(hours, Metric.LATENCY, 3, 64))


@pytest.mark.parametrize("each", Bucket)
def test_figures_come_by_hour_or_day_and_by_version(db, rng, each):
    add(START, hour(rng, 0))
    add(START + timedelta(hours=20), hour(rng, 1), version="v2")
    folding.fold()
    add(START + timedelta(hours=1), hour(rng, 2))

    found = reading.sums_by(window(0, 24), [Metric.RESPONSE_LENGTH], ["model_version_id"], each=each)
    counts = {(row.keys["model_version_id"], row.keys["start"]): row.n for row in found}
    midnight = START.replace(hour=0)
    next_day = midnight + timedelta(days=1)

    if each == Bucket.DAY:
        assert counts == {("v1", midnight): 2 * EACH, ("v2", next_day): EACH}
    else:
        at = [START + timedelta(hours=hours) for hours in (0, 1, 20)]
        assert counts == {("v1", at[0]): EACH, ("v1", at[1]): EACH, ("v2", at[2]): EACH}
    [only] = reading.grouped(window(0, 24, model_version_id="v2"), [Metric.RESPONSE_LENGTH], by=["model_version_id"])
    assert only == ("v2",)


def test_a_named_metric_without_values_is_there_with_none(db):
    found = reading.histograms(window(0, 24), [Metric.LATENCY, Metric.LANGUAGE])

    assert (found[Metric.LATENCY].n, found[Metric.LANGUAGE].n) == (0, 0)
    assert reading.histograms(window(0, 24)) == {}


def test_distinct_users_are_estimated_over_hours_and_days(hours):
    found = users.distinct_users(window(0, HOURS))

    assert found.low <= 400 <= found.high
    assert found.value == pytest.approx(400, rel=0.05)
    assert Rollup.objects.exists()
