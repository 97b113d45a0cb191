from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.selecting.closest import closest_pairs
from curation.selecting.pairs import Answer

ANSWERS = st.lists(
    st.builds(
        Answer,
        event_id=st.uuids().map(str),
        context=st.sampled_from("xyz"),
        text=st.sampled_from(["yes", "no", "perhaps", "never"]),
        p_good=st.none() | st.floats(0, 1),
    ),
    max_size=12,
    unique_by=lambda one: one.event_id,
)


def probability(answer):
    return 0.5 if answer.p_good is None else answer.p_good


@given(ANSWERS, st.integers(1, 3), st.randoms(use_true_random=False))
@settings(max_examples=80)
def test_pairs_are_of_different_answers_to_one_context_and_the_closest_ones(answers, per_context, random):
    rows = answers[::2]
    by_id = {one.event_id: one for one in answers}

    found = closest_pairs(rows, answers, per_context=per_context)

    sides = [(by_id[pair.row_id], by_id[pair.other_id]) for pair in found]
    assert all(row in rows and row.context == other.context and row.text != other.text for row, other in sides)
    assert [pair.gap for pair in found] == [abs(probability(row) - probability(other)) for row, other in sides]
    assert [pair.gap for pair in found] == sorted(pair.gap for pair in found)
    assert len({frozenset((pair.row_id, pair.other_id)) for pair in found}) == len(found)
    assert all(sum(row.context == context for row, _ in sides) <= per_context for context in "xyz")
    with_rival = {
        row.context
        for row, other in permutations(answers, 2)
        if row in rows and row.context == other.context and row.text != other.text
    }
    assert {row.context for row, _ in sides} == with_rival
    random.shuffle(answers)
    random.shuffle(rows)
    assert closest_pairs(rows, answers, per_context=per_context) == found


@pytest.mark.parametrize(("p_good", "gap"), [(None, 0.2), (0.6, 0.1), (0.0, 0.7)])
def test_what_is_not_known_counts_as_even(p_good, gap):
    (pair,) = closest_pairs([Answer("a", "x", "yes", 0.7)], [Answer("b", "x", "no", p_good)])

    assert (pair.row_id, pair.other_id, pair.gap) == ("a", "b", pytest.approx(gap))
