"""Outcomes of versions, and rotations in traffic."""

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from feedback.choices import Metric
from feedback.measures.binning import Kind
from feedback.measures.histograms import Histogram
from feedback.prompts import outcomes, traffic
from feedback.prompts.rotation import parse
from tests.factories import EventFactory
from tests.feedback.factories import roll_up


def test_the_interval_of_a_median_holds_it_in_nineteen_of_twenty(rng):
    held = []
    for _ in range(1_000):
        found = outcomes.median(Histogram.of(rng.lognormal(6, 1, 200), Kind.AMOUNT))
        held.append(found.low <= np.exp(6) <= found.high)

    assert 0.93 <= np.mean(held) <= 0.97


def test_few_values_have_no_interval():
    few = outcomes.mean(Histogram.of(np.full(29, 2.0), Kind.AMOUNT))
    enough = outcomes.mean(Histogram.of(np.full(30, 2.0), Kind.AMOUNT))

    assert (few.value, few.n, few.low, few.high) == (2.0, 29, None, None)
    assert (enough.low, enough.high) == (2.0, 2.0)
    assert outcomes.median(Histogram.of(np.array([]), Kind.AMOUNT)) is None


@pytest.mark.django_db
def test_outcomes_are_read_by_what_events_name():
    now = timezone.now()
    for version, n in {"v1": 40, "": 2}.items():
        roll_up(prompt_version=version, n=n, hour_at=now)
        roll_up(prompt_version=version, metric=Metric.QUALITY, n=n, total=0.5 * n, squares=0.26 * n, hour_at=now)
    roll_up(prompt_version="old", n=9, hour_at=now - timedelta(days=40))
    roll_up(prompt_version="elsewhere", n=9, hour_at=now, deployment_id="shop")

    found = outcomes.by_version("helpdesk", days=30)

    assert {version: one.events for version, one in found.items()} == {"v1": 40, "": 2}
    assert (found["v1"].checks.value, found["v1"].checks.n) == (0.5, 40)
    assert found["v1"].checks.low < 0.5 < found["v1"].checks.high
    assert found[""].checks.low is None
    assert (found["v1"].approval, found["v1"].latency, found["v1"].cost) == (None, None, None)
    assert outcomes.unregistered(found, ["v2"]) == [("v1", 40)]


def simulated(rng, *, users, mean_events, weight, is_kept):
    """Versions and users of events, where each user keeps one version or each event draws one."""
    sizes = rng.geometric(1 / mean_events, users)
    people = np.repeat([f"user-{number}" for number in range(users)], sizes)
    draws = np.repeat(rng.random(users), sizes) if is_kept else rng.random(sizes.sum())
    return np.where(draws < weight, "v1", "v2"), people


@pytest.mark.parametrize("is_kept", [True, False])
@pytest.mark.parametrize("weight", [0.5, 0.9])
def test_a_split_as_set_is_seldom_called_off(rng, is_kept, weight):
    parts = parse(f"v1={100 * weight:g},v2={100 - 100 * weight:g}")

    alarms = [
        traffic.split(*simulated(rng, users=200, mean_events=10, weight=weight, is_kept=is_kept), parts).is_off
        for _ in range(400)
    ]

    assert np.mean(alarms) <= 0.05


def test_a_split_that_is_off_is_found(rng):
    parts = parse("v1=50,v2=50")

    alarms = [
        traffic.split(*simulated(rng, users=400, mean_events=5, weight=0.65, is_kept=True), parts).is_off
        for _ in range(100)
    ]

    assert np.mean(alarms) > 0.9


def test_of_few_users_nothing_is_said():
    found = traffic.split(["v1"] * 500, ["ada"] * 500, parse("v1,v2"))

    assert (found.users, found.is_enough, found.is_off) == (1, False, False)
    assert [(part.events, part.share) for part in found.parts] == [(500, None), (0, None)]
    assert traffic.split([], [], parse("v1,v2")).users == 0


def test_events_without_a_user_count_each():
    found = traffic.split(["v1"] * 60 + ["v9"] * 20, [""] * 80, parse("v1,v2"))

    assert (found.users, found.is_off) == (60, True)
    assert [part.events for part in found.parts] == [60, 0]


@pytest.mark.django_db
def test_the_split_is_that_of_the_events_since_the_rotation():
    since = timezone.now() - timedelta(hours=1)
    for number in range(40):
        EventFactory(prompt_version="v1", user_hash=f"{number:064}", occurred_at=since + timedelta(minutes=2))
        EventFactory(prompt_version="v2", user_hash=f"{number:064}", occurred_at=since - timedelta(minutes=2))

    found = traffic.split_of("helpdesk", parse("v1,v2"), since=since)

    assert (found.users, found.is_off, found.is_cut) == (40, True, False)
    assert [part.events for part in found.parts] == [40, 0]
