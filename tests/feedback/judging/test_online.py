"""A judge scores events: what is asked, stored and counted, and that nothing leaves without consent."""

import json
from decimal import Decimal

import pytest

from feedback.deployments import policies
from feedback.judging import consent, storing
from feedback.judging.online import running
from feedback.models import Deployment, Judge, Judgement, JudgeSpending, Rollup
from feedback.rollups import folding
from feedback.stores import event_store
from tests.feedback.judging.conftest import GOOD, event_id, judgements, paid, reply

PRICES = {"prompt_usd_per_million": 2.0, "completion_usd_per_million": 10.0}


def test_a_judgement_is_stored_with_its_cost_and_its_score(events, judge, endpoint, ran, any_store):
    events(1)
    there = endpoint(**PRICES)

    found = ran(judge())[1]

    assert (found.status, found.source, found.reason) == ("judged", "endpoint", "")
    assert found.answers == GOOD
    assert (found.raw, found.score) == (14.0, pytest.approx(12 / 15))
    assert (found.model, found.prompt_tokens, found.completion_tokens) == ("m-small", 700, 50)
    assert found.cost_usd == Decimal("0.0019")
    assert (found.rationale, found.agreement, found.is_cached) == ("It names one step.", None, False)
    assert found.latency_ms > 0
    (vote,) = found.votes
    assert (vote["endpoint"], vote["confidence"], vote["calls"], vote["hedged"]) == ("small", 0.8, 1, 0)
    (score,) = event_store().scores([event_id(1)], assessor="judge:strict").to_pylist()
    assert [score[name] for name in ("name", "profile", "raw", "minimum", "maximum", "version")] == [
        *("tip-v1", "default", 14.0, 2.0, 17.0, "m-small tip-v1"),
    ]
    assert {one["name"]: one["details"]["value"] for one in json.loads(score["checks"])} == GOOD
    spent = JudgeSpending.objects.get()
    assert (spent.tokens, spent.cost_usd, spent.calls, spent.hedged_calls) == (750, Decimal("0.0019"), 1, 0)
    assert len(there.asked) == 1


def test_rollups_count_a_score_once_by_its_judge(events, judge, endpoint, ran):
    events(1, 2)
    endpoint()
    one = judge()

    ran(one)
    ran(one)
    folding.fold()

    rows = Rollup.objects.filter(assessor="judge:strict", segment="")
    assert {(row.metric, row.measure_version, row.n, round(row.total, 6)) for row in rows} == {
        ("tip-v1", "m-small tip-v1", 2, 1.6)
    }


def test_a_request_asks_for_structured_output_and_says_nothing_else(events, judge, endpoint, ran, monkeypatch):
    monkeypatch.setenv("JUDGE_KEY_SMALL", "secret")
    events(1)
    there = endpoint(key_env="JUDGE_KEY_SMALL")

    ran(judge(max_answer_tokens=321))

    (asked,) = there.asked
    assert set(asked.body) == {"model", "messages", "temperature", "max_tokens", "response_format"}
    assert (asked.body["max_tokens"], asked.headers["Authorization"]) == (321, "Bearer secret")
    schema = asked.body["response_format"]["json_schema"]
    assert schema["strict"] is True
    assert list(schema["schema"]["properties"]) == ["rationale", "answers", "confidence"]
    assert list(schema["schema"]["properties"]["answers"]["properties"]) == list(GOOD)
    sent = json.dumps([asked.headers, asked.body])
    assert [word for word in ("helpdesk", event_id(1), "strict-", "judge:") if word in sent] == []


@pytest.mark.parametrize("content_policy", ["mask", "off"])
def test_texts_are_masked_before_they_leave_and_rationales_before_they_are_stored(
    events, judge, endpoint, ran, accepted, content_policy
):
    Deployment.objects.filter(pk="helpdesk").update(content_policy=content_policy)
    policies.forget()
    events(1, prompt="I am ann@example.org.", response="Write to +49 30 901820 then.")
    there = endpoint(lambda asked, there: paid(reply(rationale="Ann is ann@example.org.")))

    found = ran(judge())[1]

    sent = there.asked[0].prompt
    assert "ann@example.org" not in sent
    assert "901820" not in sent
    assert found.rationale == "Ann is [EMAIL]."
    assert found.votes[0]["rationale"] == "Ann is [EMAIL]."


def test_an_event_without_texts_stays_unjudged(events, judge, endpoint, ran, accepted):
    events(1)
    one = judge()
    Deployment.objects.filter(pk="helpdesk").update(content_policy="drop")
    policies.forget()
    events(2)
    there = endpoint()

    assert list(ran(one)) == [1]
    assert len(there.asked) == 1


@pytest.mark.parametrize("what", ["no consent", "disabled", "paused", "archived", "closed"])
def test_nothing_leaves_unless_everything_allows_it(events, judge, endpoint, operator, what):
    events(1)
    there, one = endpoint(), judge()
    if what == "no consent":
        consent.withdraw(one.deployment, by=operator)
    Judge.objects.filter(pk=one.pk).update(is_enabled=what != "disabled")
    if what == "paused":
        storing.pause(one, "The endpoint rejects the key (401).")
    Deployment.objects.filter(pk="helpdesk").update(archived=what == "archived", enabled=what != "closed")

    assert running.run(one.pk) is None
    assert (there.asked, Judgement.objects.count()) == ([], 0)


def test_a_consent_that_is_withdrawn_stops_a_run(events, judge, endpoint, operator, monkeypatch):
    monkeypatch.setattr(running, "CONCURRENCY", 1)
    events(*range(1, 6))
    one, asked_of = judge(), []
    judge_keep = running.decided.keep

    def keep(judgement, ballot):
        asked_of.append(judgement)
        judge_keep(judgement, ballot)
        if len(asked_of) == 2:
            consent.withdraw(one.deployment, by=operator)

    monkeypatch.setattr(running.decided, "keep", keep)
    there = endpoint()

    ran = running.run(one.pk)

    assert (ran.judged, ran.stopped) == (2, "The consent to send texts of this deployment was withdrawn.")
    assert len(there.asked) == 2
    assert sorted(row.status for row in judgements().values()) == ["judged"] * 2 + ["pending"] * 3
    assert {row.attempts for row in judgements().values() if row.status == "pending"} == {0}


def test_equal_events_are_asked_about_once(events, judge, endpoint, ran):
    events(1, 2, 3, prompt="Hello", response="Hi, how are you?")
    events(4, prompt="Hello", response="Hi.")
    there = endpoint(**PRICES)

    found = ran(judge())

    assert len(there.asked) == 2
    assert sorted((row.is_cached, row.cost_usd > 0, row.prompt_tokens) for row in found.values()) == [
        *[(False, True, 700)] * 2,
        *[(True, False, 0)] * 2,
    ]
    assert {row.rationale for row in found.values()} == {"It names one step."}
    assert event_store().scores([event_id(number) for number in (1, 2, 3, 4)], assessor="judge:strict").num_rows == 4


def test_another_rubric_or_model_is_asked_again(events, judge, endpoint, ran):
    events(1, prompt="Hello", response="Hi.")
    there = endpoint()
    endpoint(name="large")
    ran(judge())
    ran(judge(name="other", endpoints=["large"]))
    ran(judge(name="longer", max_answer_tokens=500))

    found = ran(judge(name="same"))

    assert len(there.asked) == 2
    assert sorted((row.judge.name, row.is_cached) for row in Judgement.objects.select_related("judge")) == [
        *(("longer", False), ("other", False), ("same", True), ("strict", False)),
    ]
    assert found


def test_a_stored_vote_is_not_paid_for_again_after_a_crash(events, judge, endpoint, ran, monkeypatch):
    events(1)
    small, large = endpoint(), endpoint(name="large")
    one = judge(endpoints=["small", "large"], strategy="majority", execution_mode="sequential", min_agreement=0.5)
    decide = running.decided.decide

    def crash(judgement, ballots, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr(running.decided, "decide", crash)
    with pytest.raises(KeyboardInterrupt):
        running.run(one.pk)
    monkeypatch.setattr(running.decided, "decide", decide)

    found = ran(one)[1]

    assert (len(small.asked), len(large.asked)) == (1, 1)
    assert (found.status, found.attempts, found.prompt_tokens) == ("judged", 2, 1_400)


def test_an_event_that_is_removed_while_it_is_judged_leaves_nothing(events, judge, endpoint, ran, any_store):
    events(1)

    def remove_first(asked, there):
        return paid(reply())

    endpoint(remove_first)
    one = judge()
    from feedback.removal import removing  # noqa: PLC0415

    decide = running.decided.decide

    def decide_late(judgement, ballots, **more):
        removing.remove_events([event_id(1)])
        return decide(judgement, ballots, **more)

    running.decided.decide = decide_late
    try:
        assert ran(one) == {}
    finally:
        running.decided.decide = decide
    assert any_store.scores([event_id(1)]).num_rows == 0
