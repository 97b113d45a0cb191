import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.selecting.apportionment import largest_remainder
from curation.selecting.pool import stratified_pool


@given(
    counts=st.lists(st.integers(1, 60), min_size=1, max_size=12), size=st.integers(0, 200), seed=st.integers(0, 1_000)
)
def test_every_stratum_has_its_share_and_at_least_one(counts, size, seed):
    strata = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)) * 5 - 7, counts))

    pool = stratified_pool(strata, size=size, rng=np.random.default_rng(seed))

    drawn = [int((strata[pool] == code * 5 - 7).sum()) for code in range(len(counts))]
    assert len(pool) == min(size, sum(counts))
    assert (np.diff(pool) > 0).all()
    assert all(one <= count for one, count in zip(drawn, counts, strict=True))
    if size >= len(counts):
        assert min(drawn) >= 1
        rate = min(1.0, size / sum(counts))
        assert all(one <= max(1, np.ceil(rate * count)) for one, count in zip(drawn, counts, strict=True))
    else:
        assert set(drawn) <= {0, 1}
    assert pool.tolist() == stratified_pool(strata, size=size, rng=np.random.default_rng(seed)).tolist()


def test_a_pool_is_drawn_by_seed_and_evenly():
    strata = np.repeat([0, 1], [900, 100])

    pools = [stratified_pool(strata, size=100, rng=np.random.default_rng(seed)) for seed in range(200)]

    drawn = np.bincount(np.concatenate(pools), minlength=1_000)
    assert {int((pool < 900).sum()) for pool in pools} == {90}
    assert drawn[:900].mean() == 20
    assert drawn.min() > 3
    assert drawn.max() < 45


def test_of_too_many_strata_the_largest_are_represented(rng):
    strata = np.array([1, 2, 2, 3, 4, 4, 4])

    assert strata[stratified_pool(strata, size=3, rng=rng)].tolist() == [1, 2, 4]


def test_small_pools_are_whole(rng):
    assert stratified_pool(np.array([3, 3, 9]), rng=rng).tolist() == [0, 1, 2]
    assert stratified_pool(np.empty(0, int), rng=rng).tolist() == []
    with pytest.raises(ValueError, match=r"^The size is -1, below 0\.$"):
        stratified_pool(np.array([3, 3, 9]), size=-1, rng=rng)


@given(total=st.integers(0, 1_000), weights=st.lists(st.floats(0, 1e9), max_size=10))
def test_slots_are_quotas_rounded_down_or_up(total, weights):
    slots = largest_remainder(total, weights)

    whole = sum(weights)
    assert sum(slots) == (total if whole else 0)
    for slot, weight in zip(slots, weights, strict=True):
        assert abs(slot - (total * weight / whole if whole else 0)) < 1 + 1e-6
        assert weight or not slot


@pytest.mark.parametrize(
    ("total", "weights", "message"),
    [
        (-1, [1.0], "The total is -1, below 0."),
        (1, [1.0, float("nan")], "Weights must be finite: [1.0, nan]."),
        (1, [float("inf")], "Weights must be finite: [inf]."),
        (1, [2.0, -1.0], "Weights must be 0 or more: [2.0, -1.0]."),
    ],
)
def test_impossible_divisions_are_named(total, weights, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        largest_remainder(total, weights)

    assert str(error.value) == message
