"""What each strategy offers, and what its trace says of the others."""

import math
from datetime import timedelta

import numpy as np
import pytest

from curation.choices import Outcome, Strategy
from curation.strategies import diverse, farthest_from_centroid, hard_example, high_quality, user_edit
from curation.strategies.base import Candidate, Edit, Task, Trace
from tests.factories import NOON


def candidate(name, p_good=None, *, minutes=0, **fields):
    fields = {"has_evidence": p_good is not None, "context": name.encode(), **fields}
    return Candidate(name, NOON - timedelta(minutes=minutes), p_good=p_good, **fields)


def edit(outcome=Outcome.ACCEPTED, *, minutes=0, editor="e", distance=None):
    return Edit("s", editor, NOON - timedelta(minutes=minutes), outcome, "It differs in 10 %.", distance)


def offered(module, candidates, *, room=100, embed=None, seed=0, kept=(), **parameters):
    trace = Trace(len(candidates))
    values = module.PLUGIN.with_defaults(parameters)
    task = Task(candidates, values, trace, embed, np.random.default_rng(seed), room, kept)
    return [(candidates[pick.index].event_id, pick) for pick in module.rank(task)], trace


def names(module, candidates, **options):
    return [name for name, _ in offered(module, candidates, **options)[0]]


def test_high_quality_is_what_users_made_probable():
    candidates = [
        candidate("silent"),
        candidate("disputed", 0.6),
        candidate("newer", 0.92),
        candidate("good", 0.92, minutes=1),
        candidate("best", 0.99, minutes=9),
        candidate("no agreement", None, has_evidence=True),
    ]

    found, trace = offered(high_quality, candidates)

    assert [(name, pick.score) for name, pick in found] == [("best", 0.99), ("good", 0.92), ("newer", 0.92)]
    assert {pick.queue_reason for _, pick in found} == {""}
    assert trace.counts("high_quality") == {"no_evidence": 1, "no_agreement": 1, "below_floor": 1}
    assert trace.of("high_quality", 1)[1] == pytest.approx(0.6)
    assert names(high_quality, candidates, min_p_good=0.5) == ["best", "good", "newer", "disputed"]


def test_a_high_quality_row_rests_on_those_without_whom_it_falls_below_the_floor():
    one_vote = math.log(3)
    candidates = [
        candidate("two", 0.9, votes=((7, one_vote), (8, one_vote))),
        candidate("three", 27 / 28, votes=((7, one_vote), (8, one_vote), (9, one_vote))),
        candidate("one of many", 0.95, votes=((7, 2.5), (8, 0.3))),
    ]

    found = dict(offered(high_quality, candidates)[0])

    assert found["two"].people == {7, 8}
    assert found["three"].people == frozenset()
    assert found["one of many"].people == {7}


@pytest.mark.parametrize("module", [high_quality, hard_example, diverse])
@pytest.mark.parametrize("gate", [Outcome.TRUNCATED, Outcome.REFUSED, Outcome.REPEATED, Outcome.FLAGGED])
def test_a_gate_stops_an_answer_in_every_strategy(module, gate):
    stopped = candidate("a", 0.1 if module is hard_example else 0.99, gate=gate, gate_number=40.0)

    found, trace = offered(module, [stopped])

    assert found == []
    assert trace.of(module.PLUGIN.name, 0) == (gate, 40.0)


def test_a_gate_does_not_stop_the_edit_of_an_answer():
    refused = candidate("a", 0.1, gate=Outcome.REFUSED, edit=edit())

    assert names(user_edit, [refused]) == ["a"]


def test_edits_are_ranked_newest_first_and_doubtful_ones_wait():
    candidates = [
        candidate("plain"),
        candidate("old", edit=edit(minutes=9)),
        candidate("tiny", edit=edit(Outcome.QUEUED)),
        candidate("junk", edit=edit(Outcome.EDIT_REJECTED, distance=0.95)),
        candidate("new", edit=edit(minutes=1, editor="f")),
    ]

    found, trace = offered(user_edit, candidates)

    assert [(name, pick.score, bool(pick.queue_reason)) for name, pick in found] == [
        ("new", 10.0, False),
        ("old", 10.0, False),
        ("tiny", 10.0, True),
    ]
    assert found[0][1].reason == "A user rewrote the answer on 2026-05-04. It differs in 10 %."
    assert len(found[0][1].people) == 1
    assert found[0][1].people != found[1][1].people
    assert trace.counts("user_edit") == {"no_edit": 1, "edit_rejected": 1}


def test_hard_examples_are_bad_or_disputed_or_uncertain_and_asked_often():
    often = {"context": b"asked often"}
    candidates = [
        candidate("good", 0.97, up=20.0, down=3.0, users=23),
        candidate("bad", 0.1, down=2.0, users=2),
        candidate("worse", 0.04, down=3.0, users=3),
        candidate("disputed", 0.5, up=3.0, down=3.0, users=6),
        candidate("few", 0.5, up=1.0, down=1.0, users=2),
        *(candidate(f"often {n}", 0.75 if n else 0.6, **often) for n in range(5)),
        candidate("settled", 0.95, **often),
    ]

    found, trace = offered(hard_example, candidates)

    assert [name for name, _ in found][:4] == ["worse", "bad", "disputed", "often 0"]
    assert all(pick.queue_reason for _, pick in found)
    assert found[0][1].reason == "Probably bad: good with probability 0.04: 3 users, 0 for and 3 against it."
    assert found[2][1].score == 1.0
    assert len(found) == 8
    assert trace.counts("hard_example") == {"above_ceiling": 3}


def directions(vectors):
    return lambda indices: np.array([vectors[index] for index in indices], dtype=np.float32)


def test_diverse_covers_and_accepts_what_evidence_supports():
    east, north = [1.0, 0.0], [0.0, 1.0]
    candidates = [
        candidate("east good", 0.9),
        candidate("east unknown"),
        candidate("north unknown"),
        candidate("north bad", 0.3),
        candidate("north doubtful", 0.6),
    ]

    found, trace = offered(diverse, candidates, embed=directions([east, east, north, north, north]))

    assert [(name, pick.queue_reason) for name, pick in found] == [
        ("east good", ""),
        ("north doubtful", "Good with probability 0.60, which is below 0.75."),
    ]
    assert trace.of("diverse", 3)[0] == Outcome.BELOW_FLOOR
    assert trace.of("diverse", 1)[0] == Outcome.NOT_CHOSEN


def test_diverse_leaves_what_earlier_strategies_cover():
    candidates = [candidate("kept", 0.99), candidate("twin", 0.99), candidate("other", 0.9)]
    embed = directions([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])

    assert names(diverse, candidates, embed=embed, kept=[0]) == ["other"]


def test_the_pool_is_drawn_by_the_seed():
    candidates = [candidate(str(n)) for n in range(60)]
    embed = directions(np.eye(60))

    first = names(diverse, candidates, embed=embed, pool=20, seed=4)

    assert len(first) == 20
    assert first == names(diverse, candidates, embed=embed, pool=20, seed=4)
    assert first != names(diverse, candidates, embed=embed, pool=20, seed=5)


def test_farthest_from_centroid_takes_the_most_unusual_prompt_first():
    candidates = [candidate("a", 0.9), candidate("b", 0.9), candidate("odd", 0.9)]
    embed = directions([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])

    assert names(farthest_from_centroid, candidates, embed=embed, room=1) == ["odd"]


@pytest.mark.parametrize("module", [diverse, farthest_from_centroid])
def test_without_vectors_or_with_a_failing_client_a_strategy_fails(module):
    def fails(indices):
        raise TimeoutError("embedding server")

    with pytest.raises(diverse.NoEmbeddings):
        offered(module, [candidate("a", 0.9)], embed=lambda indices: np.empty((len(indices), 0), dtype=np.float32))
    with pytest.raises(TimeoutError):
        offered(module, [candidate("a", 0.9)], embed=fails)
    assert names(module, [], embed=fails) == []


def test_parameters_have_defaults_within_their_ranges():
    for module in (high_quality, hard_example, diverse, farthest_from_centroid):
        for parameter in module.PLUGIN.parameters.values():
            assert parameter.minimum <= parameter.default <= parameter.maximum
    assert high_quality.PLUGIN.with_defaults({"min_p_good": 0.8})["min_p_good"] == 0.8
    assert user_edit.PLUGIN.name == Strategy.USER_EDIT
