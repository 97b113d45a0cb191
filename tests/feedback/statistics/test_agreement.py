"""Agreement of raters, against the published example, a direct computation from the definition, and properties."""

from itertools import permutations
from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.statistics.agreement import (
    RatingLevel,
    alpha_interval,
    cohens_kappa,
    krippendorffs_alpha,
    percent_agreement,
)

# Krippendorff (2011): four observers, twelve units, some not rated by all.
PUBLISHED = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, nan, nan, nan],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, nan, 3],
        [nan, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, nan],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, nan],
    ]
).T
RATINGS = st.integers(2, 4).flatmap(
    lambda raters: st.lists(
        st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0, nan]), min_size=raters, max_size=raters), min_size=1, max_size=12
    ).map(np.array)
)


def of_all_pairs(ratings, level):
    """Alpha as it is defined: over all pairs of ratings of one unit, and over all pairs of ratings."""
    units = [unit for unit in ([value for value in row if not isnan(value)] for row in ratings) if len(unit) > 1]
    pooled = [value for unit in units for value in unit]

    def distance(one, other):
        if level == RatingLevel.NOMINAL:
            return float(one != other)
        if level == RatingLevel.ORDINAL:
            low, high = sorted((one, other))
            between = sum(low <= value <= high for value in pooled)
            return (between - (pooled.count(low) + pooled.count(high)) / 2) ** 2 if low != high else 0.0
        if level == RatingLevel.INTERVAL:
            return (one - other) ** 2
        return ((one - other) / (one + other)) ** 2 if one + other else 0.0

    observed = sum(sum(distance(*pair) for pair in permutations(unit, 2)) / (len(unit) - 1) for unit in units)
    expected = sum(distance(*pair) for pair in permutations(pooled, 2))
    return 1 - observed * (len(pooled) - 1) / expected if expected else nan


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.7434), ("ordinal", 0.8154), ("interval", 0.8491), ("ratio", 0.7974)]
)
def test_alpha_of_the_published_example(level, alpha):
    assert krippendorffs_alpha(PUBLISHED, RatingLevel(level)) == pytest.approx(alpha, abs=5e-5)


@given(RATINGS, st.sampled_from(RatingLevel))
@settings(max_examples=150)
def test_alpha_agrees_with_its_definition(ratings, level):
    assert krippendorffs_alpha(ratings, level) == pytest.approx(of_all_pairs(ratings, level), nan_ok=True)


@given(RATINGS, st.sampled_from(RatingLevel), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_neither_the_order_of_units_nor_that_of_raters_matters(ratings, level, random):
    rows, columns = list(range(ratings.shape[0])), list(range(ratings.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    shuffled = ratings[rows][:, columns]

    assert krippendorffs_alpha(shuffled, level) == pytest.approx(krippendorffs_alpha(ratings, level), nan_ok=True)
    assert percent_agreement(shuffled) == percent_agreement(ratings)


@given(RATINGS)
@settings(max_examples=60)
def test_names_of_categories_and_units_of_distances_do_not_matter(ratings):
    renamed = np.select([ratings == value for value in range(4)], [9.0, 2.0, 7.0, 5.0], nan)

    nominal, interval = (krippendorffs_alpha(ratings, RatingLevel(level)) for level in ("nominal", "interval"))

    assert krippendorffs_alpha(renamed) == pytest.approx(nominal, nan_ok=True)
    assert krippendorffs_alpha(3 * ratings - 8, RatingLevel.INTERVAL) == pytest.approx(interval, nan_ok=True)


@given(RATINGS)
@settings(max_examples=60)
def test_percent_agreement_counts_every_pair(ratings):
    pairs = [
        (one, other) for row in ratings for one, other in permutations([value for value in row if not isnan(value)], 2)
    ]

    found = percent_agreement(ratings)

    assert (2 * found.equal, 2 * found.pairs) == (sum(one == other for one, other in pairs), len(pairs))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40))
@settings(max_examples=60)
def test_kappa_agrees_with_its_table(pairs):
    first, second = np.array(pairs, dtype=float).T
    table = np.zeros((4, 4))
    for pair in pairs:
        table[pair] += 1 / len(pairs)
    by_chance = float(table.sum(axis=0) @ table.sum(axis=1))

    found = cohens_kappa(first, second)

    if len({value for pair in pairs for value in pair}) == 1:
        assert isnan(found)
    else:
        assert found == pytest.approx((np.trace(table) - by_chance) / (1 - by_chance))
        assert found == pytest.approx(cohens_kappa(second, first))


def test_kappa_of_common_units_alone():
    first, second = np.array([0.0, 0.0, 1.0, nan, 1.0]), np.array([0.0, 1.0, 1.0, 0.0, nan])

    assert cohens_kappa(first, second) == pytest.approx(0.4)


def test_one_value_alone_has_no_alpha_and_no_kappa_but_full_agreement(rng):
    ratings = np.ones((40, 3))

    found = alpha_interval(ratings, rng=rng)

    assert [isnan(value) for value in (found.value, found.low, found.high)] == [True, True, True]
    assert isnan(cohens_kappa(ratings[:, 0], ratings[:, 1]))
    assert percent_agreement(ratings).share == 1.0


@pytest.mark.parametrize("ratings", [np.empty((0, 2)), np.full((3, 2), nan), np.array([[1.0, nan], [nan, 2.0]])])
def test_without_two_ratings_of_a_unit_there_is_nothing_to_compare(rng, ratings):
    found = percent_agreement(ratings)

    assert (found.equal, found.pairs, found.units) == (0, 0, 0)
    assert isnan(found.share)
    assert isnan(alpha_interval(ratings, rng=rng).value)
    assert isnan(cohens_kappa(ratings[:, 0], ratings[:, 1]))


def test_full_agreement_on_several_values_has_no_interval(rng):
    found = alpha_interval(np.repeat([[0.0, 0.0], [1.0, 1.0]], 20, axis=0), rng=rng)

    assert found.value == 1.0
    assert isnan(found.low)
    assert isnan(found.high)


def test_the_interval_depends_on_the_generator_alone():
    ratings = np.repeat([[0.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]], [30, 10, 30], axis=0)

    once, again = (alpha_interval(ratings, rng=np.random.default_rng(7)) for _ in range(2))

    assert once == again
    assert once.low < once.value < once.high < 1


def test_the_interval_holds_alpha_of_all_units_in_about_95_of_100_samples(rng):
    """Two raters who are right in nine of ten units, with three categories of unequal size."""

    def rated(n):
        truth = rng.choice(3, p=(0.6, 0.3, 0.1), size=n)
        wrong = (truth + rng.integers(1, 3, size=(2, n))) % 3
        return np.where(rng.random((2, n)) < 0.9, truth, wrong).T.astype(float)

    alpha = krippendorffs_alpha(rated(200_000))
    found = [alpha_interval(rated(60), rng=rng, draws=300) for _ in range(200)]

    assert 180 <= sum(one.low <= alpha <= one.high for one in found) <= 198
