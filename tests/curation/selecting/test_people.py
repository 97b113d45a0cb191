from collections import Counter
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.selecting.people import Excess, Influence, limit_people, most_rows

EXEMPT = {0}
ONE_PERSON = st.lists(st.sampled_from([(), (0,), (1,), (2,), (3,), (4,)]), max_size=120)
SEVERAL = st.lists(st.sets(st.integers(0, 6), max_size=3), max_size=120)


def _kept_by_person(rests_on, kept):
    return Counter(person for row in kept for person in rests_on[row])


def _persons(rests_on):
    return len(set().union(*rests_on))


@settings(deadline=None)
@given(
    rests_on=st.one_of(ONE_PERSON, SEVERAL),
    limit=st.one_of(st.none(), st.integers(0, 130)),
    persons=st.one_of(st.none(), st.integers(0, 40)),
)
def test_a_set_satisfies_the_rule_at_its_own_size(rests_on, limit, persons):
    found = limit_people(rests_on, exempt=EXEMPT, limit=limit, persons=persons)

    size = len(found.kept)
    allowed = most_rows(size, persons=max(_persons(rests_on), persons or 0))
    counts = _kept_by_person(rests_on, found.kept)
    assert all(rows <= allowed for person, rows in counts.items() if person not in EXEMPT)
    if persons is None and len(counts) == 1 and set(counts) != EXEMPT:
        assert max(counts.values()) <= 5
    assert limit is None or size <= limit
    dropped = [excess.row for excess in found.dropped]
    assert sorted(found.kept + dropped + found.beyond) == list(range(len(rests_on)))
    assert found.kept == sorted(found.kept)
    assert all(counts[excess.person] >= excess.allowed for excess in found.dropped)
    assert all(excess.person in rests_on[excess.row] for excess in found.dropped)
    assert bool(found.influence) == bool(counts)
    assert found.influence is None or found.influence.rows == max(counts.values())
    assert limit_people(rests_on, exempt=EXEMPT, limit=limit, persons=persons) == found


@settings(deadline=None, max_examples=50)
@given(
    counts=st.lists(st.integers(0, 24), min_size=1, max_size=3),
    free=st.integers(0, 12),
    limit=st.integers(0, 60),
    order=st.randoms(use_true_random=False),
)
def test_no_larger_set_satisfies_the_rule(counts, free, limit, order):
    rests_on = [(person,) for person, rows in enumerate(counts) for _ in range(rows)] + [()] * free
    order.shuffle(rests_on)

    found = limit_people(rests_on, persons=4, limit=limit)

    sizes = [
        needs_no_one + sum(rows)
        for needs_no_one in range(free + 1)
        for rows in product(*(range(count + 1) for count in counts))
        if max(rows) <= most_rows(needs_no_one + sum(rows), persons=4) and needs_no_one + sum(rows) <= limit
    ]
    assert len(found.kept) == max(sizes)


@settings(deadline=None)
@given(rests_on=ONE_PERSON)
def test_the_best_rows_of_each_person_are_kept(rests_on):
    found = limit_people(rests_on)

    assert found.beyond == []
    for person in range(5):
        rows = [row for row, people in enumerate(rests_on) if person in people]
        kept = [row for row in found.kept if person in rests_on[row]]
        assert kept == rows[: len(kept)]
    assert all(row in found.kept for row, people in enumerate(rests_on) if not people)


def test_of_one_person_five_rows_are_kept():
    found = limit_people([{9}] * 7)

    assert found.kept == [0, 1, 2, 3, 4]
    assert found.dropped == [Excess(5, 9, 5, 5), Excess(6, 9, 5, 5)]
    assert found.dropped[0].reason == "5 of 5 rows already rest on the same person, and no more may."
    assert found.influence == Influence(9, 5)


def test_one_person_beside_rows_that_need_no_one_has_five():
    assert limit_people([{9}] * 50 + [()] * 950).influence == Influence(9, 5)


@pytest.mark.parametrize(
    ("persons", "expected"),
    [
        (2, 950),  # half: 950 of 1,900
        (8, 316),  # a quarter: 316 of 1,266
        (100, 19),  # 2 %: 19 of 969
        (1_000, 9),  # 1 %: 9 of 959
        (10**9, 9),
    ],
)
def test_what_one_of_many_persons_may_have(persons, expected):
    assert limit_people([{9}] * 2_000 + [()] * 950, persons=persons).influence == Influence(9, expected)


def test_few_rows_of_many_persons_are_all_kept():
    assert limit_people([{person} for person in range(20)] * 5).dropped == []


def test_a_reviewed_editor_has_any_number_of_rows():
    found = limit_people([{1}] * 300 + [{2}] * 300, exempt={1})

    assert found.kept == list(range(600))
    assert found.influence == Influence(1, 300)


def test_a_row_that_needs_two_persons_counts_for_both():
    found = limit_people([{1, 2}] * 4 + [{1, 3}] * 4 + [{2, 3}] * 4, persons=100)

    assert found.kept == [0, 1, 2, 3, 4, 8]
    assert [(excess.row, excess.person) for excess in found.dropped] == [
        *((row, 1) for row in (5, 6, 7)),
        *((row, 2) for row in (9, 10, 11)),
    ]


def test_a_limit_that_leaves_one_person_alone_leaves_five_rows_of_theirs():
    rests_on = [{1}] * 40 + [()] * 60 + [{2}] * 10

    assert limit_people(rests_on, limit=80).kept == [*range(5), *range(40, 105)]
    assert limit_people(rests_on, limit=20).kept == [*range(5), *range(40, 55)]


def test_nothing_is_kept_of_nothing():
    nothing = limit_people([])

    assert (nothing.kept, nothing.dropped, nothing.beyond, nothing.influence) == ([], [], [], None)
    assert limit_people([{1}, ()], limit=0).beyond == [0, 1]
    with pytest.raises(ValueError, match=r"^The limit is -1, below 0\.$"):
        limit_people([], limit=-1)
