"""Agreement of a judge with people, against direct computations, invariances and simulated truth."""

from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.statistics.agreement import cohens_kappa
from feedback.statistics.weighted_agreement import against, agreement, among, calibration

SCALE = st.integers(1, 5).map(float)
RATINGS = st.lists(st.tuples(SCALE, SCALE), min_size=2, max_size=40)


def found_for(judge, people, rng, **options):
    return agreement(against(np.array(judge), people), step=1.0, rng=rng, draws=50, **options)


def by_table(first, second):
    """Kappa with quadratic weights from the table of counts, as Cohen (1968) defines it."""
    observed = np.zeros((6, 6))
    for one, other in zip(first, second, strict=True):
        observed[int(one), int(other)] += 1 / len(first)
    weights = np.subtract.outer(np.arange(6), np.arange(6)) ** 2
    expected = np.outer(observed.sum(axis=1), observed.sum(axis=0))
    return 1 - (weights * observed).sum() / (weights * expected).sum() if (weights * expected).sum() else nan


@given(RATINGS)
def test_kappas_agree_with_their_definitions(ratings):
    first, second = (np.array(side) for side in zip(*ratings, strict=True))
    found = found_for(first, second[:, None].tolist(), np.random.default_rng(1))

    assert found.kappa.value == pytest.approx(by_table(first, second), abs=1e-9, nan_ok=True)
    assert found.cohen == pytest.approx(cohens_kappa(first, second), abs=1e-9, nan_ok=True)
    assert found.exact == pytest.approx(np.mean(first == second))
    assert found.within_step == pytest.approx(np.mean(abs(first - second) <= 1))


@given(RATINGS, st.floats(-1e6, 1e6), st.floats(0.1, 1e3))
def test_kappa_does_not_depend_on_the_unit_of_the_scale(ratings, shift, factor):
    first, second = (np.array(side) for side in zip(*ratings, strict=True))
    plain = found_for(first, second[:, None].tolist(), np.random.default_rng(1)).kappa
    moved = found_for(first * factor + shift, (second * factor + shift)[:, None].tolist(), np.random.default_rng(1))

    assert moved.kappa.value == pytest.approx(plain.value, abs=1e-5, nan_ok=True)


@given(RATINGS)
def test_a_unit_with_more_people_counts_once(ratings):
    judge = [one for one, _ in ratings]
    single = found_for(judge, [[other] for _, other in ratings], np.random.default_rng(1))
    repeated = found_for(
        judge, [[other] * (1 + at % 3) for at, (_, other) in enumerate(ratings)], np.random.default_rng(1)
    )

    assert (repeated.n, repeated.exact) == (single.n, pytest.approx(single.exact))
    assert repeated.kappa.value == pytest.approx(single.kappa.value, abs=1e-9, nan_ok=True)


def test_people_among_themselves_are_measured_alike():
    people = [[1.0, 1.0], [2.0, 3.0], [5.0, 4.0, 5.0], [3.0]]
    units, clusters = among(people)
    found = agreement(units, step=1.0, rng=np.random.default_rng(1), clusters=clusters)

    assert found.n == 3
    assert found.exact == pytest.approx((1 + 0 + 1 / 3) / 3)
    assert found.within_step == 1


def test_what_one_value_alone_says_is_nothing(rng):
    found = found_for([3.0] * 40, [[3.0]] * 40, rng)

    assert (found.exact, found.within_step) == (1.0, 1.0)
    assert all(map(isnan, (found.cohen, found.kappa.value, found.kappa.low)))
    assert isnan(found_for([], [], rng).exact)
    assert found_for([nan, 1.0], [[1.0], []], rng).n == 0


@pytest.mark.parametrize("noise", [0.5, 1.0])
def test_interval_holds_the_true_kappa(rng, noise):
    def drawn(n):
        truth = rng.integers(1, 6, n)
        return [np.clip(np.round(truth + rng.normal(0, noise, n)), 1, 5) for _ in range(2)]

    true = agreement(against(*_as_people(drawn(200_000))), step=1.0, rng=rng, draws=2).kappa.value
    intervals = [agreement(against(*_as_people(drawn(60))), step=1.0, rng=rng, draws=300).kappa for _ in range(200)]

    assert np.mean([one.low <= true <= one.high for one in intervals]) >= 0.88


def test_bins_hold_every_unit_once_with_the_mean_of_people():
    judge, people = np.array([0.0, 0.3, 0.35, 1.0, 0.999]), np.array([0.1, 0.2, 0.4, 0.9, 0.7])

    points = calibration(judge, people)

    assert [(point.low, point.n) for point in points] == [(0.0, 1), (0.3, 2), (0.9, 2)]
    assert [round(point.people.value, 3) for point in points] == [0.1, 0.3, 0.8]
    assert isnan(points[0].people.low)
    assert 0 <= points[1].people.low < 0.3 < points[1].people.high <= 1


def _as_people(sides):
    return sides[0], sides[1][:, None].tolist()


def test_a_rare_answer_on_which_both_agree_is_not_certain_by_chance(rng):
    """A flag that is set once in twenty, on which each side errs once in a hundred."""

    def drawn(n):
        truth = rng.random(n) < 0.05
        return [(truth ^ (rng.random(n) < 0.01)).astype(float) for _ in range(2)]

    def kappa(first, second, draws):
        return agreement(against(first, second[:, None].tolist()), step=1.0, rng=rng, draws=draws).kappa

    true = kappa(*drawn(100_000), draws=2).value
    lows = [kappa(*drawn(30), draws=300).low for _ in range(150)]

    # Of a 95 % interval the lower end is above the true value in one case of forty; sampling adds to it here.
    assert np.mean([low > true for low in lows if low == low]) <= 0.05
    one = np.repeat([1.0, 5.0], [1, 29])
    assert kappa(one, one, draws=1_000).low < 0.1
