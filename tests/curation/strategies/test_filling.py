"""How strategies share a set, and what makes room for the next row."""

from datetime import timedelta

import numpy as np
import pytest

from curation.choices import Outcome
from curation.strategies.base import Candidate, Edit, Trace
from curation.strategies.filling import Failed, Filling, Plan
from tests.factories import NOON


class Against:
    """A screen that rejects some candidates."""

    def __init__(self, *rejected):
        self.rejected, self.kept = set(rejected), []

    def prepare(self, picks):
        self.prepared = {pick.index for pick in picks}

    def failure(self, pick):
        assert pick.index in self.prepared
        return Failed(Outcome.NEAR_COPY, 0.8) if pick.index in self.rejected else None

    def keep(self, pick):
        self.kept.append(pick.index)

    def forget(self, picks):
        self.kept = [index for index in self.kept if index not in {pick.index for pick in picks}]


def good(count, *, first=0, **fields):
    return [one(n, 0.95, **fields) for n in range(first, first + count)]


def one(number, p_good=None, **fields):
    fields = {"context": str(number).encode(), "has_evidence": p_good is not None, **fields}
    return Candidate(str(number), NOON + timedelta(minutes=number), p_good=p_good, **fields)


def edited(count, *, outcome=Outcome.ACCEPTED):
    return [
        one(n + 1000, edit=Edit(str(n), f"editor {n}", NOON - timedelta(minutes=n), outcome, "It differs."))
        for n in range(count)
    ]


def filled(candidates, *strategies, limit=100, screen=None, **plan):
    trace = Trace(len(candidates))
    directions = np.eye(max(len(candidates), 1), dtype=np.float32)
    filling = Filling(
        candidates,
        Plan(strategies, limit, **plan),
        embed=lambda indices: directions[list(indices)],
        screen=screen or Against(),
        trace=trace,
        rng=np.random.default_rng(0),
    )
    filling.fill()
    return filling, trace


def of(picks):
    return [(pick.index, pick.strategy.value) for pick in picks]


@pytest.mark.parametrize(("limit", "edits", "praised"), [(1, 1, 0), (2, 2, 0), (3, 2, 1), (9, 2, 5)])
def test_edits_come_first_and_a_limit_is_never_exceeded(limit, edits, praised):
    filling, _ = filled([*good(5), *edited(2)], "user_edit", "high_quality", limit=limit)

    strategies = [pick.strategy.value for pick in filling.accepted]
    assert (strategies.count("user_edit"), strategies.count("high_quality")) == (edits, praised)
    assert len(filling.accepted) == min(limit, 7)


def test_rows_of_the_queue_take_no_room():
    candidates = [*good(3), *(one(n, 0.1) for n in range(10, 14)), *edited(2, outcome=Outcome.QUEUED)]

    filling, trace = filled(candidates, "user_edit", "high_quality", "hard_example", limit=3)
    filling.finish()

    assert of(filling.accepted) == [(0, "high_quality"), (1, "high_quality"), (2, "high_quality")]
    assert of(filling.queued) == [(7, "user_edit"), (8, "user_edit"), (6, "hard_example")]
    assert trace.of("hard_example", 5) == (Outcome.OVER_LIMIT, 1.0)


def test_a_rejected_row_makes_room_for_the_next():
    screen = Against(0, 2)

    filling, trace = filled(good(6), "high_quality", limit=3, screen=screen)
    filling.finish()

    assert of(filling.accepted) == [(1, "high_quality"), (3, "high_quality"), (4, "high_quality")]
    assert screen.kept == [1, 3, 4]
    assert trace.of("high_quality", 2)[0] == Outcome.NEAR_COPY
    assert trace.of("high_quality", 5) == (Outcome.OVER_LIMIT, 1.0)
    assert trace.counts("high_quality") == {"near_copy": 2, "over_limit": 1, "accepted": 3}


def test_one_prompt_has_one_high_quality_answer():
    candidates = [one(1, 0.92, context=b"same"), one(2, 0.99, context=b"same"), one(3, 0.95)]

    filling, trace = filled(candidates, "high_quality")

    assert of(filling.accepted) == [(1, "high_quality"), (2, "high_quality")]
    assert trace.of("high_quality", 0)[0] == Outcome.OTHER_ANSWER


def test_an_event_enters_once():
    candidates = [one(1, 0.95, edit=Edit("s", "e", NOON, Outcome.ACCEPTED, "It differs."))]

    filling, trace = filled(candidates, "user_edit", "high_quality")

    assert of(filling.accepted) == [(0, "user_edit")]
    assert trace.of("high_quality", 0)[0] == Outcome.TAKEN


def test_shares_divide_the_limit_and_unused_ones_move_on():
    candidates = [*good(10), *edited(10)]

    by_shares, _ = filled(candidates, "user_edit", "high_quality", limit=10, shares={"user_edit": 0.3})
    few, _ = filled([*good(2), *edited(10)], "user_edit", "high_quality", limit=10, shares={"user_edit": 0.3})

    assert [pick.strategy.value for pick in by_shares.accepted].count("user_edit") == 3
    assert len(by_shares.accepted) == len(few.accepted) == 10
    assert [pick.strategy.value for pick in few.accepted].count("high_quality") == 2


def test_segments_divide_the_limit_and_unused_shares_move_on():
    german, english = good(10, segment="de"), good(10, first=20, segment="en")
    shares = {"de": 0.3}

    both, _ = filled([*german, *english], "high_quality", limit=10, segments=shares)
    alone, _ = filled(german, "high_quality", limit=8, segments=shares)

    assert sum(pick.index < 10 for pick in both.accepted) == 3
    assert len(both.accepted) == 10
    assert len(alone.accepted) == 8


def test_dropped_rows_are_replaced_by_rows_of_other_people():
    votes = ((7, 3.0),)
    candidates = [*good(3, votes=votes), *good(3, first=5)]
    filling, trace = filled(candidates, "high_quality", limit=3)
    assert {pick.people for pick in filling.accepted} == {frozenset({7})}

    filling.drop(filling.accepted[1:], Outcome.ONE_PERSON, [1.0, 1.0])
    filling.refill(without=frozenset({7}))

    assert of(filling.accepted) == [(0, "high_quality"), (3, "high_quality"), (4, "high_quality")]
    assert trace.of("high_quality", 2) == (Outcome.ONE_PERSON, 1.0)


def test_what_a_dropped_row_kept_out_is_offered_again():
    rewritten = one(1, 0.95, context=b"q", edit=Edit("1", "everywhere", NOON, Outcome.ACCEPTED, "It differs."))
    praised = one(2, 0.99, context=b"r", votes=((7, 9.0),))
    beaten = one(3, 0.95, context=b"r")
    filling, trace = filled([rewritten, praised, beaten], "user_edit", "high_quality", limit=3)
    assert of(filling.accepted) == [(0, "user_edit"), (1, "high_quality")]

    filling.drop(filling.accepted, Outcome.ONE_PERSON, [0.0, 0.0])
    filling.refill(without=frozenset({7}))
    filling.finish()

    assert of(filling.accepted) == [(0, "high_quality"), (2, "high_quality")]
    assert trace.of("user_edit", 0) == (Outcome.ONE_PERSON, 0.0)
    assert trace.of("high_quality", 1) == (Outcome.ONE_PERSON, 0.0)


def test_many_picks_are_screened_in_blocks():
    filling, _ = filled(good(1_000), "high_quality", limit=900, screen=Against(*range(0, 1_000, 100)))

    assert len(filling.accepted) == 900
    assert [pick.index for pick in filling.accepted] == [n for n in range(910) if n % 100]


def test_nothing_comes_of_nothing():
    filling, trace = filled([], "user_edit", "high_quality", "hard_example", "diverse")
    filling.finish()

    assert (filling.accepted, filling.queued) == ([], [])
    assert trace.counts("diverse") == {}
