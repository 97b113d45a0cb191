from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.selecting.apportionment import largest_remainder
from curation.selecting.budgets import allocate, fill

PARTS = ["a", "b", "c", "d"]
SHARES = st.dictionaries(st.sampled_from(PARTS), st.sampled_from([0.0, 0.1, 0.2, 0.25]))


@given(
    limit=st.integers(0, 300),
    shares=st.dictionaries(st.sampled_from(PARTS), st.floats(0, 100)),
    available=st.dictionaries(st.sampled_from(PARTS), st.integers(0, 200)),
)
def test_slots_are_filled_as_far_as_rows_allow(limit, shares, available):
    slots = allocate(limit, shares, available)

    can = {part: available.get(part, 0) if share else 0 for part, share in shares.items()}
    quotas = dict(zip(shares, largest_remainder(limit, list(shares.values())), strict=True))
    assert list(slots) == list(shares)
    assert sum(slots.values()) == min(limit, sum(can.values()))
    assert all(min(can[part], quotas[part]) <= slots[part] <= can[part] for part in shares)


@pytest.mark.parametrize(
    ("available", "expected"),
    [
        ({"a": 99, "b": 99, "c": 99}, {"a": 5, "b": 3, "c": 2}),
        ({"a": 1, "b": 99, "c": 99}, {"a": 1, "b": 7, "c": 2}),
        ({"a": 1, "b": 4, "c": 99}, {"a": 1, "b": 4, "c": 5}),
        ({"a": 99, "b": 99, "c": 1}, {"a": 6, "b": 3, "c": 1}),
        ({"a": 5, "b": 99, "c": 1}, {"a": 5, "b": 4, "c": 1}),
        ({"a": 1, "b": 1}, {"a": 1, "b": 1, "c": 0}),
        ({}, {"a": 0, "b": 0, "c": 0}),
    ],
)
def test_unused_slots_move_on_in_order(available, expected):
    assert allocate(10, {"a": 0.5, "b": 0.3, "c": 0.2}, available) == expected


def test_a_share_of_nothing_gets_nothing():
    assert allocate(10, {"a": 0.0, "b": 1.0}, {"a": 99, "b": 2}) == {"a": 0, "b": 2}
    assert allocate(10, {"a": 0.0}, {"a": 99}) == {"a": 0}
    assert allocate(10, {}, {"a": 99}) == {}
    assert allocate(0, {"a": 1.0}, {"a": 99}) == {"a": 0}


@given(segments=st.lists(st.sampled_from([*PARTS, "x", "y"]), max_size=150), count=st.integers(0, 160), shares=SHARES)
def test_rows_are_the_best_of_their_segments(segments, count, shares):
    taken = fill(segments, count=count, shares=shares)

    complete = {**shares, "other": 1 - sum(shares.values())}
    named = [segment if segment in shares else "other" for segment in segments]
    allowed = [row for row, segment in enumerate(named) if complete[segment] > 1e-9]
    assert len(taken) == min(count, len(allowed))
    assert set(taken) <= set(allowed)
    assert all(one < other for one, other in pairwise(taken))
    numbers = Counter(named[row] for row in taken)
    for segment, share in complete.items():
        rows = [row for row, one in enumerate(named) if one == segment]
        assert [row for row in taken if named[row] == segment] == rows[: numbers[segment]]
        assert numbers[segment] >= min(len(rows) if share > 1e-9 else 0, int(count * share - 1e-6))
    assert fill(segments, count=count, shares=shares) == taken


def test_without_shares_the_best_rows_are_taken():
    assert fill(["de", "en", "", "fr"], count=3, shares={}) == [0, 1, 2]


def test_other_may_have_a_share_of_its_own():
    assert fill(["fr"] * 4 + ["de"] * 4, count=4, shares={"other": 0.25, "de": 0.25}) == [0, 1, 4, 5]
    assert fill(["fr"] * 4 + ["de"] * 2, count=4, shares={"other": 0.0, "de": 0.5}) == [4, 5]


def test_shares_that_add_up_to_one_leave_no_room_for_others():
    thirds = {"de": 0.1, "en": 0.2, "fr": 0.7}

    assert fill(["it"] * 3 + ["de", "en", "fr"], count=6, shares=thirds) == [3, 4, 5]


@pytest.mark.parametrize(
    ("count", "shares", "message"),
    [
        (1, {"de": 0.7, "en": 0.4}, "Shares add up to 1.1, above 1."),
        (1, {"de": -0.5}, "Weights must be 0 or more: [-0.5, 1.5]."),
        (1, {"de": float("nan")}, "Weights must be finite: [nan, 0.0]."),
        (-1, {"de": 0.5}, "The total is -1, below 0."),
    ],
)
def test_impossible_shares_are_named(count, shares, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        fill(["de"], count=count, shares=shares)

    assert str(error.value) == message
