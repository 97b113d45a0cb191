"""Which tool calls are accepted without any signal, and which wait."""

import numpy as np
import pytest

from curation.choices import Outcome
from curation.strategies import consistent_call
from curation.strategies.base import CallFit, Candidate, Task, Trace
from tests.factories import NOON


def offered(fits, *, p_good=(), gates=(), **parameters):
    """The picks by name, and the trace; fits: by the name of each event."""
    candidates = [
        Candidate(name, NOON, p_good=dict(p_good).get(name), gate=dict(gates).get(name, Outcome.PASSED))
        for name in fits
    ]
    trace, seen = Trace(len(candidates)), []

    def fit_calls(indices, rng):
        seen.extend(candidates[index].event_id for index in indices)
        return [fits[candidates[index].event_id] for index in indices]

    values = consistent_call.PLUGIN.with_defaults(parameters)
    task = Task(candidates, values, trace, None, np.random.default_rng(1), 5, fit_calls=fit_calls)
    picks = {candidates[pick.index].event_id: pick for pick in consistent_call.rank(task)}
    return picks, trace, seen


def test_calls_that_fit_are_accepted_best_first_and_others_wait_for_a_reason():
    picks, trace, _ = offered(
        {
            "text": CallFit(None, ""),
            "gone": None,
            "wrong": CallFit(0.2, "book", "find", ("city", "name")),
            "good": CallFit(0.9, "find", "find"),
            "best": CallFit(0.98, "find", "find"),
            "few": CallFit(None, "rare"),
            "broken": CallFit(None, "find", is_valid=False),
            "superfluous": CallFit(0.84, "find", ""),
        }
    )

    assert {name: pick.queue_reason for name, pick in picks.items()} == {
        "best": "",
        "good": "",
        "superfluous": "Calls find, which fits with probability 0.84, below 0.85; usual is an answer without a call.",
        "wrong": "Calls book, which fits with probability 0.20, below 0.85; usual is find."
        " Not in the conversation: city, name.",
        "few": "Calls rare; too few answers to compare it with.",
        "broken": "Calls find, which the event does not declare, or not with these arguments.",
    }
    assert list(picks) == ["best", "good", "superfluous", "wrong", "few", "broken"]
    assert (picks["best"].score, picks["few"].score) == (0.98, 0.0)
    assert trace.of("consistent_call", 0)[0] == Outcome.NO_CALL
    assert trace.of("consistent_call", 1)[0] == Outcome.GONE


def test_the_floor_is_a_parameter():
    fits = {"a": CallFit(0.6, "find", "find")}

    assert offered(fits)[0]["a"].queue_reason
    assert not offered(fits, min_fit=0.6)[0]["a"].queue_reason


@pytest.mark.parametrize(("p_good", "is_compared"), [(0.49, False), (0.5, True), (0.97, True)])
def test_an_answer_that_is_probably_bad_is_not_compared(p_good, is_compared):
    picks, trace, seen = offered({"a": CallFit(0.99, "find", "find")}, p_good={"a": p_good})

    assert (bool(picks), bool(seen)) == (is_compared, is_compared)
    assert is_compared or trace.of("consistent_call", 0) == (Outcome.BELOW_FLOOR, pytest.approx(p_good))


def test_a_gate_stops_a_call():
    picks, trace, seen = offered({"a": CallFit(0.99, "find", "find")}, gates={"a": Outcome.TRUNCATED})

    assert (picks, seen) == ({}, [])
    assert trace.of("consistent_call", 0)[0] == Outcome.TRUNCATED


def test_what_the_pool_leaves_out_is_noted():
    picks, trace, seen = offered({str(n): CallFit(0.99, "find", "find") for n in range(120)}, pool=100)

    assert len(picks) == len(seen) == 100
    assert trace.counts("consistent_call") == {"not_in_pool": 120}
