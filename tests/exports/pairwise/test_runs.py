"""Runs of a judge over comparisons, pairs and gates: both orders, biases, crashes and bad replies."""

import os
import signal

import pytest

from curation.choices import ComparisonVerdict
from exports import tasks
from exports.models import PairwiseRun, PairwiseVerdict
from exports.pairwise import asking, sources
from feedback.endpoints import client
from feedback.models import Deployment, JudgeConsent, JudgeSpending
from tests.curation.factories import ComparisonFactory, CuratedPairFactory, CuratedSetFactory
from tests.exports.pairwise.judges import judged_by, preferring, says
from tests.factories import NOON, StaffFactory
from tests.feedback.judging.factories import key_of, limited_user

RUNS = "/api/v1/pairwise-runs"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(client, "FIRST_PAUSE_SECONDS", 0.01)


@pytest.fixture
def pairs():
    """A set with forty pairs, in half of which the chosen answer is the longer one."""
    made = CuratedSetFactory()
    for number in range(40):
        texts = [f"Open Billing, choose month {number} and follow the link.", f"See {number}."]
        chosen, rejected = texts if number % 2 else texts[::-1]
        CuratedPairFactory(curated_set=made, chosen=chosen, rejected=rejected, pair_source="review")
    return made


def request(api, judge, **more):
    return api.post(RUNS, {"judge": judge.pk, **more}, format="json")


def finished(api, judge, **more):
    asked = request(api, judge, **more)
    assert asked.status_code == 202, asked.data
    tasks.run_pairwise(asked.data["id"])
    return api.get(f"{RUNS}/{asked.data['id']}").data


def test_a_judge_that_likes_length_is_found_out(api, pairs, settings):
    with judged_by(settings, preferring(len)) as (judge, there):
        found = finished(api, judge, source="pairs", curated_set=pairs.pk)

    figures = found["figures"]
    assert (found["status"], figures["n"], figures["missing"], len(there.asked)) == ("completed", 40, 0, 80)
    assert figures["verdicts"] == {"a": 20, "b": 20, "tie": 0}
    assert figures["verbosity"]["longer"]["value"] == 1
    assert figures["verbosity"]["people_longer"]["value"] == 0.5
    assert figures["verbosity"]["beyond_people"]["value"] == 0.5
    assert (figures["verbosity"]["is_biased"], figures["position"]["is_biased"]) == (True, False)
    assert figures["people"]["exact"] == 0.5
    assert found["tokens"] == 800


def test_a_judge_that_likes_the_first_answer_is_found_out(api, pairs, settings):
    with judged_by(settings, lambda asked, there: says("first")) as (judge, _):
        figures = finished(api, judge, source="pairs", curated_set=pairs.pk)["figures"]

    assert figures["verdicts"] == {"a": 0, "b": 0, "tie": 40}
    assert (figures["position"]["first"]["value"], figures["position"]["is_biased"]) == (1, True)
    assert figures["inconsistent"]["value"] == 1


def test_comparisons_of_reviewers_are_compared_with_the_judge(api, settings, monkeypatch):
    curated_set = CuratedSetFactory()
    for number in range(30):
        ComparisonFactory(
            example__curated_set=curated_set,
            example__edited_response=f"Longer answer number {number}, which says more than the first one does.",
            verdict=ComparisonVerdict.B if number % 3 else ComparisonVerdict.TIE,
            is_reversed=False,
            reviewer=StaffFactory(),
            decided_at=NOON,
            opened_at=NOON,
        )
    with judged_by(settings, preferring(len)) as (judge, _):
        figures = finished(api, judge, source="comparisons", curated_set=curated_set.pk, most=30)["figures"]

    assert (figures["n"], figures["people"]["n"]) == (30, 30)
    assert figures["people"]["exact"] == pytest.approx(20 / 30)


def test_a_run_that_is_interrupted_asks_nothing_twice(api, pairs, settings, monkeypatch):
    monkeypatch.setattr("exports.tasks.run_pairwise.apply_async", lambda keys, countdown: None)
    monkeypatch.setattr(asking, "SECONDS_PER_TURN", 0.2)

    def slow(asked, there):
        there.released.wait(0.03)
        return preferring(len)(asked, there)

    turns = 0
    with judged_by(settings, slow) as (judge, there):
        run_id = request(api, judge, source="pairs", curated_set=pairs.pk).data["id"]
        while PairwiseRun.objects.get().status == "running":
            tasks.run_pairwise(run_id)
            turns += 1
        asked = len(there.asked)

    assert turns > 1
    assert (asked, PairwiseVerdict.objects.count(), PairwiseRun.objects.get().status) == (80, 40, "completed")


@pytest.mark.parametrize(
    "reply",
    [
        "The first is better.",
        '{"better": "third"}',
        '{"better": "first"',
        "",
        (500, {}, b"no"),
        (429, {"Retry-After": "0"}, b"later"),
        (200, {}, b"not json"),
    ],
    ids=["prose", "other word", "broken", "empty", "500", "429", "no completion"],
)
def test_what_is_no_verdict_is_missing_and_decides_nothing(api, pairs, settings, reply, monkeypatch):
    monkeypatch.setattr(asking, "MOST_DOWN_IN_A_ROW", 100)
    with judged_by(settings, lambda asked, there: reply) as (judge, _):
        found = finished(api, judge, source="pairs", curated_set=pairs.pk, most=4)

    assert (found["status"], found["figures"]["n"], found["figures"]["missing"]) == ("completed", 0, 4)
    assert all(PairwiseVerdict.objects.values_list("reason", flat=True))


def test_an_expired_key_ends_the_run(api, pairs, settings):
    with judged_by(settings, lambda asked, there: (401, {}, b"")) as (judge, _):
        found = finished(api, judge, source="pairs", curated_set=pairs.pk)

    assert found["status"] == "failed"
    assert "rejects the key" in found["error"]


def test_the_daily_budget_ends_the_run(api, pairs, settings):
    with judged_by(settings, preferring(len)) as (judge, there):
        type(judge).objects.update(daily_tokens=6_000)
        found = finished(api, judge, source="pairs", curated_set=pairs.pk)

    assert found["status"] == "failed"
    assert "budget" in found["error"]
    assert len(there.asked) < 80
    assert JudgeSpending.objects.get().tokens <= 6_000


def test_pairs_whose_question_exceeds_a_whole_day_are_missing(api, pairs, settings):
    CuratedPairFactory(curated_set=pairs, chosen="word " * 8_000, rejected="No.")
    with judged_by(settings, preferring(len)) as (judge, there):
        type(judge).objects.update(max_answer_tokens=16, daily_tokens=10_000)
        found = finished(api, judge, source="pairs", curated_set=pairs.pk, most=41)

    assert (found["status"], found["figures"]["n"], found["figures"]["missing"]) == ("completed", 40, 1)
    assert "whole day" in PairwiseVerdict.objects.get(forward="").reason


def test_answers_are_bounded_and_texts_masked_whatever_is_stored(api, settings):
    curated_set = CuratedSetFactory()
    CuratedPairFactory(curated_set=curated_set, chosen="Ask ann@example.org.", rejected="No.")
    Deployment.objects.filter(pk=curated_set.deployment_id).update(content_policy="off")
    with judged_by(settings, preferring(len)) as (judge, there):
        finished(api, judge, source="pairs", curated_set=curated_set.pk)

    assert len(there.asked) == 2
    assert all("ann@example.org" not in str(asked.body) for asked in there.asked)
    assert {asked.body["max_tokens"] for asked in there.asked} == {judge.max_answer_tokens}


def test_a_call_whose_reply_was_lost_stays_counted(api, pairs, settings, monkeypatch):
    monkeypatch.setattr(asking, "MOST_DOWN_IN_A_ROW", 100)
    with judged_by(settings, lambda asked, there: (503, {}, b"")) as (judge, _):
        finished(api, judge, source="pairs", curated_set=pairs.pk, most=1)

    assert JudgeSpending.objects.get().tokens > 2 * judge.max_answer_tokens


def test_it_asks_only_with_consent_and_endpoints(api, pairs, settings):
    with judged_by(settings, preferring(len)) as (judge, there):
        JudgeConsent.objects.all().delete()
        assert request(api, judge, source="pairs", curated_set=pairs.pk).status_code == 409
        JudgeConsent.objects.create(deployment_id="helpdesk", accepted_by=StaffFactory())
        type(judge).objects.update(endpoints=[])
        assert request(api, judge, source="pairs", curated_set=pairs.pk).status_code == 409
        assert there.asked == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"source": "pairs"}, 400),
        ({"source": "gate", "curated_set": 1}, 400),
        ({"source": "pairs", "curated_set": 999_999}, 404),
        ({"source": "other", "curated_set": 1}, 400),
        ({"source": "pairs", "curated_set": 1, "most": 0}, 400),
        ({"source": "pairs", "curated_set": 1, "colour": "red"}, 400),
    ],
)
def test_requests_that_do_not_fit_are_rejected(api, settings, body, status):
    with judged_by(settings, preferring(len)) as (judge, _):
        assert request(api, judge, **body).status_code == status

    assert PairwiseRun.objects.count() == 0


def test_keys_and_users_without_the_right_see_and_start_nothing(api, operator, pairs, settings):
    with judged_by(settings, preferring(len)) as (judge, _):
        run_id = request(api, judge, source="pairs", curated_set=pairs.pk).data["id"]
        Deployment.objects.create(id="shop")
        stranger, viewer = key_of(operator, "shop"), limited_user("view_pairwiserun")

        assert stranger.get(f"{RUNS}/{run_id}").status_code == 404
        assert stranger.get(RUNS).data["results"] == []
        assert request(stranger, judge, source="pairs", curated_set=pairs.pk).status_code == 404
        assert viewer.get(f"{RUNS}/{run_id}").status_code == 200
        assert request(viewer, judge, source="pairs", curated_set=pairs.pk).status_code == 403


def test_a_cancelled_run_asks_nothing_more(api, pairs, settings):
    with judged_by(settings, preferring(len)) as (judge, there):
        run_id = request(api, judge, source="pairs", curated_set=pairs.pk).data["id"]
        assert api.post(f"{RUNS}/{run_id}/cancel").data["status"] == "cancelled"
        tasks.run_pairwise(run_id)
        assert there.asked == []
        assert api.post(f"{RUNS}/{run_id}/cancel").status_code == 409


def test_a_pair_that_goes_while_it_is_asked_leaves_no_verdict(api, pairs, settings, monkeypatch):
    monkeypatch.setattr(sources, "lock", lambda run, pair_id: False)
    with judged_by(settings, preferring(len)) as (judge, _):
        run_id = request(api, judge, source="pairs", curated_set=pairs.pk, most=2).data["id"]
        tasks.run_pairwise(run_id)

    assert PairwiseVerdict.objects.count() == 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_verdicts_that_the_next_one_keeps(api, pairs, settings):
    def answer(asked, there):
        if len(there.asked) == 30:
            os.kill(os.getpid(), signal.SIGINT)
        return preferring(len)(asked, there)

    with judged_by(settings, answer) as (judge, there):
        run_id = request(api, judge, source="pairs", curated_set=pairs.pk).data["id"]
        with pytest.raises(KeyboardInterrupt):
            tasks.run_pairwise(run_id)
        kept = PairwiseVerdict.objects.count()
        tasks.run_pairwise(run_id)

    assert 0 < kept < 40
    assert PairwiseRun.objects.get().figures["n"] == 40
