from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from feedback.choices import SignalType
from feedback.masking import mask_text
from feedback.quality.scoring import assess
from feedback.simulation import arrivals, catalogue, traffic
from feedback.simulation.answers import WORTH, Answer, AnswerKind, edit, write_answer
from feedback.simulation.reactions import react
from feedback.simulation.scenarios import DEMO, Drift, Scenario, two_versions

START = datetime(2026, 5, 4, tzinfo=UTC)
SCENARIO = Scenario("helpdesk", "support", events=600, days=14, seed=7, versions=two_versions("support", switch=0.5))
FULL_REFUSALS_AND_SILENCE = {AnswerKind.REFUSAL: 0.2, AnswerKind.LOOP: 0.5, AnswerKind.EMPTY: 0.0}


def exchanges(scenario=SCENARIO):
    return list(traffic.simulate(scenario, start=START))


def late_part(scenario):
    boundary = (1 - scenario.drift_share) * scenario.days * 86_400
    return [exchange for exchange in exchanges(scenario) if exchange.offset_seconds >= boundary]


def cases(texts):
    return [(topic, case) for topic in texts.topics for case in topic.cases]


def test_the_same_scenario_is_the_same_traffic():
    assert exchanges() == exchanges()


@pytest.mark.parametrize(
    "other",
    [{"seed": 8}, {"events": 601}, {"drifts": {Drift.LENGTH: 1.0}}, {"deployment_id": "shop"}, {"days": 15}],
    ids=lambda change: next(iter(change)),
)
def test_another_scenario_shares_no_id(other):
    ids = {exchange.event["id"] for exchange in exchanges()}

    assert len(ids) == 600
    assert ids.isdisjoint(exchange.event["id"] for exchange in exchanges(replace(SCENARIO, **other)))


@pytest.mark.parametrize("name", catalogue.NAMES)
@pytest.mark.parametrize("long", [False, True], ids=["short", "long"])
def test_every_good_answer_scores_high(name, long, rng):
    texts = catalogue.load(name)

    for topic, case in cases(texts):
        answer = write_answer(AnswerKind.GOOD, case, topic, texts, rng, long=long)

        assert assess("", answer.text).score >= 0.95, answer.text
        assert not mask_text(answer.text).spans


def test_an_answer_speaks_to_the_user_of_your_things(rng):
    texts = catalogue.load("support")
    topic, case = next((topic, case) for topic, case in cases(texts) if case.task == "reset my password")

    answers = [write_answer(AnswerKind.GOOD, case, topic, texts, rng, long=False).text for _ in range(50)]

    assert not any("my password" in answer for answer in answers)
    assert any("reset your password" in answer for answer in answers)


@pytest.mark.parametrize("name", catalogue.NAMES)
@pytest.mark.parametrize("kind", FULL_REFUSALS_AND_SILENCE)
def test_every_useless_answer_scores_low(name, kind, rng):
    texts = catalogue.load(name)

    for topic, case in cases(texts):
        answer = write_answer(kind, case, topic, texts, rng, long=False)

        assert assess("", answer.text).score <= FULL_REFUSALS_AND_SILENCE[kind], answer.text


@pytest.mark.parametrize("name", catalogue.NAMES)
@pytest.mark.parametrize(
    ("kind", "check"), [(AnswerKind.CUT_OFF, "format"), (AnswerKind.HALF_REFUSAL, "refusal")], ids=str
)
def test_a_damaged_answer_fails_its_check(name, kind, check, rng):
    texts = catalogue.load(name)

    for topic, case in cases(texts):
        answer = write_answer(kind, case, topic, texts, rng, long=False)

        failed = [result.name for result in assess("", answer.text).checks if not result.passed]
        assert check in failed, answer.text


@pytest.mark.parametrize("name", catalogue.NAMES)
def test_an_edit_changes_the_answer_and_scores_high(name, rng):
    texts = catalogue.load(name)

    for topic, case in cases(texts):
        answer = write_answer(AnswerKind.GOOD, case, topic, texts, rng, long=True)
        edited = edit(answer, case, rng)

        assert edited != answer.text
        assert case.fact in edited
        assert assess("", edited).score >= 0.95


def test_arrivals_are_ordered_and_quiet_at_night_and_on_weekends(rng):
    planned = arrivals.plan(events=5_000, days=28, start=START, rng=rng)

    times = [START + timedelta(seconds=arrival.offset_seconds) for arrival in planned]
    assert len(planned) == 5_000
    assert times == sorted(times)
    assert times[0] >= START
    assert times[-1] <= START + timedelta(days=28)
    weekend = sum(time.weekday() >= 5 for time in times)
    night = sum(time.hour < 6 for time in times)
    assert 0.08 < weekend / 5_000 < 0.16
    assert night / 5_000 < 0.05
    turns = Counter()
    for arrival in planned:
        assert arrival.turn == turns[arrival.session]
        turns[arrival.session] += 1


def test_a_later_turn_carries_the_conversation():
    sent = [exchange.event for exchange in exchanges()]

    later = [event for event in sent if "messages" in event]
    assert all(("prompt" in event) != ("messages" in event) for event in sent)
    assert 0.2 < len(later) / len(sent) < 0.6
    assert {event["messages"][-1]["role"] for event in later} == {"user"}
    assert all(len(event["messages"]) % 2 == 0 for event in later)


@pytest.mark.parametrize(
    ("drift", "measure", "factor"),
    [
        (Drift.LENGTH, lambda part: np.mean([len(x.event["response"]) for x in part]), 1.8),
        (Drift.REFUSALS, lambda part: np.mean([assess("", x.event["response"]).score <= 0.2 for x in part]), 4),
        (Drift.QUALITY, lambda part: np.mean([assess("", x.event["response"]).score < 0.9 for x in part]), 2),
    ],
    ids=lambda value: value if isinstance(value, Drift) else "",
)
def test_a_drift_changes_what_it_names(drift, measure, factor):
    scenario = replace(SCENARIO, events=3_000)

    assert measure(late_part(replace(scenario, drifts={drift: 1.0}))) > factor * measure(late_part(scenario))


def test_a_drift_of_topics_brings_a_new_one():
    drifted = replace(SCENARIO, drifts={Drift.TOPIC: 1.0}, drift_share=0.5)
    boundary = 0.5 * drifted.days * 86_400

    topics = [(x.offset_seconds >= boundary, x.event["tags"][0]) for x in exchanges(drifted)]

    assert (False, "workspace moves") not in topics
    assert sum(topic == "workspace moves" for late, topic in topics if late) > 0.2 * sum(late for late, _ in topics)
    assert "workspace moves" not in {x.event["tags"][0] for x in exchanges()}


def test_signals_follow_the_worth_of_the_answer(rng):
    texts = catalogue.load("support")
    _, case = cases(texts)[0]

    def share(kind, *types):
        answer = Answer("Open the settings.", kind)
        reactions = [react(answer, case, texts, rng) for _ in range(2_000)]
        return np.mean([any(reaction.type in types for reaction in each) for each in reactions])

    assert share(AnswerKind.GOOD, *SignalType) < 0.35
    assert share(AnswerKind.GOOD, SignalType.THUMBS_UP) > 5 * share(AnswerKind.REFUSAL, SignalType.THUMBS_UP)
    for complaint in (SignalType.THUMBS_DOWN, SignalType.REGENERATE, SignalType.REPORT):
        assert share(AnswerKind.REFUSAL, complaint) > 5 * share(AnswerKind.GOOD, complaint)
    assert share(AnswerKind.EMPTY, SignalType.EDIT) == 0
    assert set(WORTH) == set(AnswerKind)


def test_tokens_and_cost_follow_the_length_of_the_answer():
    sent = [exchange.event for exchange in exchanges()]

    lengths = [len(event["response"]) for event in sent]
    assert np.corrcoef(lengths, [event["completion_tokens"] for event in sent])[0, 1] > 0.99
    assert all(event["token_count"] == event["prompt_tokens"] + event["completion_tokens"] for event in sent)
    assert np.corrcoef(lengths, [event["latency_ms"] for event in sent])[0, 1] > 0.5
    assert min(event["cost_usd"] for event in sent) > 0


def test_the_demo_shows_versions_edits_and_masking_in_both_deployments():
    for scenario in DEMO:
        sent = exchanges(scenario)

        prompts = [x.event.get("prompt") or x.event["messages"][-1]["content"] for x in sent]
        kinds = Counter(span.kind for prompt in prompts for span in mask_text(prompt).spans)
        signals = Counter(reaction.type for exchange in sent for reaction in exchange.reactions)
        assert len({x.event["model_version_id"] for x in sent}) == 2
        assert signals[SignalType.EDIT] >= 40
        assert {"EMAIL", "PHONE", "CREDIT_CARD", "IP"} <= kinds.keys()
        assert len(set(prompts)) > 500
        assert len({x.event["response"] for x in sent}) > 300
        assert sum(not x.reactions for x in sent) > 0.7 * len(sent)


def test_only_the_first_demo_deployment_drifts_in_its_last_week():
    growth, losses = [], []
    for scenario in DEMO:
        parts = [], []
        for exchange in exchanges(scenario):
            parts[exchange.offset_seconds >= 23 * 86_400].append(exchange.event["response"])
        before, after = parts
        growth.append(np.mean([*map(len, after)]) / np.mean([*map(len, before)]))
        losses.append(
            np.mean([assess("", text).score for text in before]) - np.mean([assess("", t).score for t in after])
        )

    assert growth[0] > 1.5
    assert abs(growth[1] - 1) < 0.1
    assert 0.05 < losses[0] < 0.2
    assert abs(losses[1]) < 0.02
