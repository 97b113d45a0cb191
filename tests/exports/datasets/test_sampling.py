"""Samples and folds: whole groups, the right sizes, the same for the same seed."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.datasets.sampling import k_folds, random_sample, stratified_sample

GROUPS = st.lists(st.integers(0, 12), min_size=1, max_size=60)


def rng(seed=0):
    return np.random.default_rng(seed)


@given(groups=GROUPS, size=st.integers(1, 70), seed=st.integers(0, 9))
def test_a_random_sample_has_whole_groups_within_its_size(groups, size, seed):
    chosen = random_sample(groups, size=size, rng=rng(seed))

    assert len(chosen) <= size
    assert chosen == sorted(set(chosen))
    assert {groups[row] for row in chosen}.isdisjoint(groups[row] for row in set(range(len(groups))) - set(chosen))
    assert chosen == random_sample(groups, size=size, rng=rng(seed))


@given(rows=st.integers(1, 60), size=st.integers(1, 70))
def test_a_sample_of_single_rows_has_its_size(rows, size):
    assert len(random_sample(range(rows), size=size, rng=rng())) == min(rows, size)
    assert len(stratified_sample(range(rows), [row % 3 for row in range(rows)], size=size, rng=rng())) == min(
        rows, size
    )


def test_every_group_has_the_same_chance():
    counts = Counter(row for seed in range(2_000) for row in random_sample(range(10), size=3, rng=rng(seed)))

    # 600 of 2,000 each, with a standard deviation of 20.
    assert all(520 < counts[row] < 680 for row in range(10))


def test_a_stratified_sample_has_each_stratum_in_proportion():
    strata = ["edit"] * 50 + ["quality"] * 30 + ["diverse"] * 20

    chosen = stratified_sample(range(100), strata, size=21, rng=rng())

    assert Counter(strata[row] for row in chosen) == {"edit": 11, "quality": 6, "diverse": 4}


@given(groups=GROUPS, size=st.integers(1, 70))
def test_a_stratified_sample_has_whole_groups_within_its_size(groups, size):
    chosen = stratified_sample(groups, [group % 2 for group in groups], size=size, rng=rng())

    assert len(chosen) <= size
    assert {groups[row] for row in chosen}.isdisjoint(groups[row] for row in set(range(len(groups))) - set(chosen))


@given(groups=GROUPS, folds=st.integers(2, 5), seed=st.integers(0, 9))
def test_no_group_is_in_two_folds_and_folds_differ_by_at_most_the_largest_group(groups, folds, seed):
    if len(set(groups)) < folds:
        with pytest.raises(ValueError, match="cannot be divided into"):
            k_folds(groups, folds=folds, rng=rng(seed))
        return

    of_row = k_folds(groups, folds=folds, rng=rng(seed)).tolist()

    assert len(set(zip(groups, of_row, strict=True))) == len(set(groups))
    sizes = Counter(of_row)
    assert set(sizes) == set(range(folds))
    assert max(sizes.values()) - min(sizes.values()) <= max(Counter(groups).values())


def test_folds_are_equal_in_each_stratum():
    strata = ["a"] * 20 + ["b"] * 10

    of_row = k_folds(range(30), folds=5, rng=rng(), strata=strata)

    assert Counter(zip(strata, of_row.tolist(), strict=True)) == {
        **{("a", fold): 4 for fold in range(5)},
        **{("b", fold): 2 for fold in range(5)},
    }


def test_one_fold_is_no_division():
    with pytest.raises(ValueError, match="at least 2 folds"):
        k_folds([0, 1], folds=1, rng=rng())
