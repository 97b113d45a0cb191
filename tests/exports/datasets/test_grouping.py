"""Rows that belong together: by id, by prompt, by near-copies, and over others."""

import numpy as np
import pytest

from exports.datasets.grouping import groups_of

LONG = "Please tell me how I can change the address of the invoice that you sent me last week for order {}"


@pytest.mark.parametrize(
    ("ids", "prompts", "groups"),
    [
        ([], [], []),
        (["", ""], ["Hello", "Goodbye"], [0, 1]),
        (["a", "a", "b"], ["One thing", "Something else", "Third matter"], [0, 0, 1]),
        (["", "", ""], ["Where is it?", "where is it", "Why?"], [0, 0, 1]),
        (["a", "b", "b", "c"], ["x one", "y two", "X ONE!", "z three"], [0, 0, 0, 1]),
        (["", ""], [LONG.format("1001"), LONG.format("1002")], [0, 0]),
    ],
)
def test_rows_are_linked(ids, prompts, groups):
    assert groups_of(ids, prompts).tolist() == groups


def test_links_hold_over_other_rows_and_in_any_order(rng):
    ids = ["a", "a", "", "", "b", ""]
    prompts = ["first one", LONG.format("1"), LONG.format("2"), "alone here", "second two", "SECOND two"]
    order = rng.permutation(len(ids))

    found = groups_of([ids[row] for row in order], [prompts[row] for row in order])

    together = {frozenset(order[found == group].tolist()) for group in set(found.tolist())}
    assert together == {frozenset({0, 1, 2}), frozenset({3}), frozenset({4, 5})}


def test_many_prompts_of_one_template_are_one_group():
    prompts = [LONG.format(number) for number in range(600)]

    assert set(groups_of([""] * 600, prompts).tolist()) == {0}


def test_lists_of_different_lengths_are_an_error():
    with pytest.raises(ValueError, match="1 group ids and 2 prompts do not belong together"):
        groups_of([""], ["a", "b"])


def test_unrelated_prompts_stay_apart(rng):
    words = np.array([f"word{number}" for number in range(5_000)])
    prompts = [" ".join(rng.choice(words, 12)) for _ in range(300)]

    assert len(set(groups_of([""] * 300, prompts).tolist())) == 300
