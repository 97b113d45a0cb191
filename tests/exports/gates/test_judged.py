"""Where a golden set has too few references, a judge that agrees with people compares the answers, blind and twice."""

import pytest

from exports import tasks
from exports.models import GateRun, PairwiseVerdict
from feedback.endpoints import client
from tests.curation.factories import GoldenRowFactory, GoldenSetFactory
from tests.exports.pairwise.judges import judged_by, preferring, says, shown

ENOUGH = {"n": 80, "kappa": 0.55, "low": 0.41, "high": 0.68}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(settings, monkeypatch):
    settings.EMBEDDING_CLIENT = "noop"
    monkeypatch.setattr(client, "FIRST_PAUSE_SECONDS", 0.01)


@pytest.fixture
def golden_set():
    made = GoldenSetFactory()
    GoldenRowFactory.create_batch(30, golden_set=made)
    return made


def gate(api, golden_set, judge, candidate, current):
    """A gate with uploaded answers: `candidate` and `current` give that to the nth row."""
    body = {"golden_set": golden_set.pk, "candidate": {}, "current": {}, "judge": judge.pk}
    asked = api.post("/api/v1/gates", body, format="json")
    assert asked.status_code == 201, asked.data
    if asked.data["status"] == "waiting":
        rows = golden_set.rows.order_by("pk").values_list("pk", flat=True)
        lines = [
            {"row_id": pk, "side": side, "response": text(number)}
            for number, pk in enumerate(rows)
            for side, text in (("candidate", candidate), ("current", current))
        ]
        api.post(f"/api/v1/gates/{asked.data['id']}/answers", {"answers": lines}, format="json")
        tasks.run_gate(asked.data["id"])
    return api.get(f"/api/v1/gates/{asked.data['id']}").data


def long(number):
    return f"Open Billing and choose month {number}, then follow the link."


def short(number):
    return f"See {number}."


def test_a_judge_decides_where_there_are_few_references(api, golden_set, settings):
    with judged_by(settings, preferring(len), **ENOUGH) as (judge, there):
        found = gate(api, golden_set, judge, long, short)

    assert (found["status"], found["verdict"], found["metric"]) == ("completed", "better", "pairwise")
    assert (found["n"], found["difference"], found["candidate"]["mean"]) == (30, 1.0, 1.0)
    assert len(there.asked) == 60
    assert found["details"]["judge"]["kappa"] == 0.55
    assert found["details"]["judge"]["pairwise"]["inconsistent"]["value"] == 0
    assert "rests on the judge" in found["sentence"]
    assert "kappa 0.55 (0.41 to 0.68) over 80 events" in found["sentence"]


def test_each_pair_is_asked_in_both_orders_and_blind(api, golden_set, settings):
    with judged_by(settings, preferring(len), **ENOUGH) as (judge, there):
        gate(api, golden_set, judge, long, short)

    pairs = [shown(asked) for asked in there.asked]
    assert sorted(pairs) == sorted((second, first) for first, second in pairs)
    for asked in there.asked:
        text = str(asked.body).casefold()
        assert not any(word in text for word in ("candidate", "current", "golden", "gate"))


@pytest.mark.parametrize("position", ["first", "second"])
def test_a_judge_that_prefers_a_position_gives_no_evidence(api, golden_set, settings, position):
    with judged_by(settings, lambda asked, there: says(position), **ENOUGH) as (judge, _):
        found = gate(api, golden_set, judge, long, short)

    assert (found["verdict"], found["difference"], found["details"]["ties"]) == ("no_evidence", 0, 30)
    assert found["details"]["judge"]["pairwise"]["position"]["is_biased"] is True


@pytest.mark.parametrize(
    ("standing", "why"),
    [
        ({}, "was not compared with people"),
        ({"n": 80, "kappa": 0.39, "low": 0.2, "high": 0.5}, "kappa 0.39"),
        ({"n": 80, "kappa": 0.45, "low": -0.01, "high": 0.9}, "surely above 0"),
        ({"n": 10}, "was not compared with people"),
    ],
)
def test_a_judge_that_agrees_too_little_decides_nothing_and_is_not_asked(api, golden_set, settings, standing, why):
    with judged_by(settings, preferring(len), **standing) as (judge, there):
        found = gate(api, golden_set, judge, long, short)

    assert (found["status"], found["verdict"]) == ("completed", "no_evidence")
    assert GateRun.objects.get().reason == "weak_judge"
    assert why in found["sentence"]
    assert there.asked == []


def test_an_agreement_that_was_measured_with_another_rubric_does_not_count(api, golden_set, settings):
    with judged_by(settings, preferring(len), **ENOUGH) as (judge, _):
        other = type(judge.rubric_version).objects.get(name="helpfulness", version=1)
        type(judge).objects.filter(pk=judge.pk).update(rubric_version=other)
        assert gate(api, golden_set, judge, long, short)["verdict"] == "no_evidence"

    assert GateRun.objects.get().reason == "weak_judge"


def test_with_enough_references_the_judge_is_not_asked(api, golden_set, settings):
    GoldenRowFactory.create_batch(30, golden_set=golden_set)
    with judged_by(settings, preferring(len), **ENOUGH) as (judge, there):
        found = gate(api, golden_set, judge, long, short)

    assert (found["metric"], found["verdict"]) == ("exact_match", "no_evidence")
    assert there.asked == []


def test_with_fewer_than_twenty_rows_there_is_no_evidence(api, settings):
    few = GoldenSetFactory()
    GoldenRowFactory.create_batch(19, golden_set=few)
    with judged_by(settings, preferring(len), **ENOUGH) as (judge, there):
        found = gate(api, few, judge, long, short)

    assert (found["verdict"], GateRun.objects.get().reason) == ("no_evidence", "few_references")
    assert "a verdict by a judge needs at least 20" in found["sentence"]


def test_an_empty_answer_is_worse_without_a_question(api, golden_set, settings):
    with judged_by(settings, preferring(len), **ENOUGH) as (judge, there):
        found = gate(api, golden_set, judge, lambda number: "" if number % 2 else long(number), short)

    assert (found["n"], found["details"]["candidate_wins"], found["details"]["current_wins"]) == (30, 15, 15)
    assert len(there.asked) == 30


def test_a_judge_that_answers_prose_leaves_no_evidence(api, golden_set, settings):
    with judged_by(settings, lambda asked, there: "The first one, I think.", **ENOUGH) as (judge, _):
        found = gate(api, golden_set, judge, long, short)

    assert (found["verdict"], GateRun.objects.get().reason) == ("no_evidence", "missing_judgements")
    assert set(PairwiseVerdict.objects.values_list("forward", "backward")) == {("", "")}


def test_a_judge_without_consent_or_of_another_deployment_is_rejected(api, golden_set, settings):
    with judged_by(settings, preferring(len), **ENOUGH) as (judge, _):
        judge.deployment.judge_consent.delete()
        body = {"golden_set": golden_set.pk, "candidate": {}, "current": {}, "judge": judge.pk}
        assert api.post("/api/v1/gates", body, format="json").status_code == 409
        assert api.post("/api/v1/gates", body | {"judge": 999}, format="json").status_code == 404

    assert GateRun.objects.count() == 0


def test_the_page_shows_what_the_verdict_rests_on(api, console, golden_set, settings):
    with judged_by(settings, preferring(len), **ENOUGH) as (judge, _):
        found = gate(api, golden_set, judge, long, short)

    page = console.get(f"/admin/exports/gaterun/{found['id']}/change/").content.decode()

    assert "rests on the judge" in page
    assert "0.55 (0.41 to 0.68), 80 events" in page
