"""Panels of several endpoints: who is asked when, what their votes say, and hedged calls over HTTP."""

import time

import pytest

from feedback.models import JudgeSpending
from feedback.stores import event_store
from tests.feedback.judging.conftest import event_id, judgements, paid, reply


def says(**answers):
    return lambda asked, there: paid(reply(**answers))


def fails(asked, there):
    return 418, {}, b""


@pytest.fixture
def panel(endpoint):
    """Call it with an answer for each of three endpoints."""
    return lambda *answers: [endpoint(answer, name=name) for answer, name in zip(answers, "abc", strict=False)]


def asked(endpoints):
    return [len(one.asked) for one in endpoints]


@pytest.mark.parametrize(
    ("strategy", "answers", "tone", "agreement", "reason"),
    [
        ("majority", [says(tone=2), says(tone=4), says(tone=4)], 4, 14 / 15, ""),
        ("majority", [says(tone=4), fails, says(tone=4)], 4, 1.0, ""),
        ("majority", [fails, fails, says(tone=4)], None, None, "Only 1 of 3 endpoints gave a usable answer."),
        ("best_confidence", [says(tone=2), says(tone=5, confidence=0.9), fails], 5, 0.85, ""),
        ("weighted", [says(tone=2), says(tone=4), says(tone=4)], 2, 14 / 15, ""),
        ("unanimous", [says(tone=4)] * 3, 4, 1.0, ""),
        ("unanimous", [says(tone=4), says(tone=4), says(tone=5)], None, 29 / 30, "The votes are not unanimous."),
    ],
)
def test_votes_in_parallel(events, judge, panel, ran, strategy, answers, tone, agreement, reason):
    events(1)
    endpoints = panel(*answers)

    found = ran(judge(endpoints=list("abc"), strategy=strategy, weights={"a": 9}))[1]

    assert asked(endpoints) == [1, 1, 1]
    assert found.answers.get("tone") == tone
    assert found.agreement == (agreement if agreement is None else pytest.approx(agreement))
    assert found.reason.startswith(reason)
    assert (found.status == "judged") == (tone is not None)
    if reason.startswith("Only"):
        assert "a: The endpoint responded with 418." in found.reason
    assert sorted(vote["endpoint"] for vote in found.votes) == ["a", "b", "c"]


def test_one_by_one_ends_with_agreement(events, judge, panel, ran):
    events(1)
    endpoints = panel(says(tone=4), says(tone=4), says(tone=1))

    found = ran(judge(endpoints=list("abc"), strategy="majority", execution_mode="sequential", min_agreement=0.9))[1]

    assert (asked(endpoints), found.answers["tone"], found.agreement) == ([1, 1, 0], 4, 1.0)


@pytest.mark.parametrize(
    ("first", "called", "tone"),
    [
        (says(tone=2, confidence=0.9), [1, 0, 0], 2),
        (says(tone=2, confidence=0.4), [1, 1, 0], 4),
        (says(tone=2, confidence=None), [1, 1, 0], 4),
        (fails, [1, 1, 0], 4),
    ],
)
def test_a_cascade_asks_the_dearer_endpoint_where_the_cheap_one_is_unsure(
    events, judge, panel, ran, first, called, tone
):
    events(1)
    endpoints = panel(first, says(tone=4, confidence=0.9), says(tone=5))

    found = ran(judge(endpoints=list("abc"), execution_mode="cascade", min_confidence=0.7))[1]

    assert (asked(endpoints), found.answers["tone"]) == (called, tone)


def test_a_cascade_whose_last_endpoint_fails_leaves_the_event_unjudged(events, judge, panel, ran):
    events(1)
    panel(says(tone=2, confidence=0.4), fails)

    found = ran(judge(endpoints=["a", "b"], execution_mode="cascade", min_confidence=0.7))[1]

    assert (found.status, found.answers) == ("failed", {})
    assert found.reason.startswith("No vote is confident enough. b: ")


def test_scores_of_one_panel_are_one_series_whichever_endpoints_voted(events, judge, panel, ran):
    events(1, 2)
    confidences = iter([0.9, 0.4])
    panel(lambda asked, there: paid(reply(confidence=next(confidences))), says(tone=4))

    found = ran(judge(endpoints=["a", "b"], execution_mode="cascade", min_confidence=0.7))

    assert {row.model for row in found.values()} == {"m-a", "m-a, m-b"}
    scores = event_store().scores([event_id(1), event_id(2)], assessor="judge:strict").to_pylist()
    assert [score["version"] for score in scores] == ["m-a, m-b tip-v1"] * 2


def slow_first(seconds):
    """A server whose first call takes so long."""

    def answer(asked, there):
        if len(there.asked) == 1:
            there.released.wait(seconds)
        return paid(reply(tone=1 if len(there.asked) == 1 else 4))

    return answer


def test_a_backup_is_asked_where_the_first_endpoint_is_slow(events, judge, panel, ran):
    events(1)
    endpoints = panel(slow_first(20), says(tone=5))
    started = time.monotonic()

    found = ran(
        judge(
            endpoints=["a", "b"],
            execution_mode="hedged",
            hedging_strategy="fixed",
            delay_ms=100,
            budget_percent=50,
            max_per_run=1,
        )
    )
    events(2)
    found = ran(found[1].judge)

    # The first call has earned half a second one, the second call the other half.
    assert time.monotonic() - started < 30
    assert found[2].status == "judged"
    assert {row.model for row in found.values()} <= {"m-a", "m-b"}
    assert len(endpoints[1].asked) <= 1


def test_a_backup_is_asked_where_the_first_endpoint_fails(events, judge, panel, ran):
    events(1)
    endpoints = panel(fails, says(tone=5))

    found = ran(judge(endpoints=["a", "b"], execution_mode="hedged", hedging_strategy="fixed", delay_ms=5_000))[1]

    assert (asked(endpoints), found.answers["tone"], found.model) == ([1, 1], 5, "m-b")


def test_a_slow_call_is_made_again_and_the_loser_stays_counted(events, judge, endpoint, ran):
    """Two quick events earn a second call, with which the third does not wait."""
    events(1, 2)
    slow = {"now": False}

    def answer(asked, there):
        if slow["now"]:
            slow["now"] = False
            there.released.wait(20)
        return paid(reply())

    there = endpoint(answer)
    one = judge(hedging_strategy="fixed", delay_ms=300, budget_percent=50, max_per_run=10)
    ran(one)
    events(3, 4, 5, 6)
    slow["now"] = True
    started = time.monotonic()

    found = ran(one)

    assert {row.status for row in found.values()} == {"judged"}
    assert time.monotonic() - started < 10
    assert sum(vote["hedged"] for row in found.values() for vote in row.votes) == 1
    spent = JudgeSpending.objects.get()
    assert (spent.calls, spent.hedged_calls, len(there.asked)) == (7, 1, 7)
    assert spent.tokens > 6 * 750 + one.max_answer_tokens
    assert len(judgements()) == 6
