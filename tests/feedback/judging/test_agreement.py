"""Judges are compared with people; what an operator lets them decide is in force only while they agree enough."""

import uuid

import numpy as np
import pytest
from django.urls import reverse

from feedback import tasks
from feedback.choices import Assessor
from feedback.evidence.keeping.gold import gold_of
from feedback.judging.agreement import using
from feedback.models import Deployment, GoldAssessor, HumanScore, Judgement, JudgeStanding, TouchedEvent
from feedback.rubrics import scoring
from feedback.scores import recording
from tests.factories import NOON, StaffFactory
from tests.feedback.factories import JudgeFactory, JudgementFactory
from tests.feedback.judging.factories import key_of, limited_user
from tests.feedback.rollups.scored import write
from tests.feedback.stores.rows import event_id, score

pytestmark = pytest.mark.django_db


@pytest.fixture
def judge():
    Deployment.objects.get_or_create(pk="helpdesk")
    return JudgeFactory(name="strict")


def answers(level):
    level = int(level)
    return {"relevance": level, "actionability": level, "tone": level, "format_ok": level > 1, "overlong": False}


def by_person(judge, event, level, person, **more):
    said = answers(level)
    found = scoring.score(judge.rubric_version, said)
    facts = {"answers": said, "raw": found.raw, "score": found.score, "first_answers": said, "first_score": found.score}
    return HumanScore.objects.create(
        event_id=event,
        deployment_id="helpdesk",
        occurred_at=NOON,
        rubric_version=judge.rubric_version,
        scorer=person,
        person=person.pk,
        **facts | more,
    )


def by_judge(judge, event, level, **more):
    said = answers(level)
    found = scoring.score(judge.rubric_version, said)
    facts = {"status": "judged", "answers": said, "raw": found.raw, "score": found.score, "judged_at": NOON}
    return JudgementFactory(judge=judge, event_id=event, **facts | more)


def both_score(judge, rng, n=60, noise=0.3, people=2):
    """n events that both scored; noise: of the judge and of each person around the same truth."""
    scorers = [StaffFactory() for _ in range(people)]
    for truth in rng.integers(1, 6, n):
        event = uuid.uuid4()
        levels = np.clip(np.round(truth + rng.normal(0, noise, 1 + people)), 1, 5)
        by_judge(judge, event, levels[0])
        for scorer, level in zip(scorers, levels[1:], strict=True):
            by_person(judge, event, level, scorer)


def agreement(api, judge):
    return api.get(f"/api/v1/judges/{judge.pk}/agreement").data


def choose(api, judge, **chosen):
    answer = api.patch(f"/api/v1/judges/{judge.pk}/agreement", chosen, format="json")
    if answer.status_code == 200:
        tasks.measure_judge(judge.pk)
    return answer


def test_a_judge_that_was_never_compared_has_not_enough_data(api, judge):
    found = agreement(api, judge)

    assert (found["n"], found["kappa"], found["holds"], found["figures"]) == (0, None, False, {})
    assert "Not enough data" in found["reason"]


def test_the_agreement_is_measured_for_each_question_beside_that_of_people(api, judge, rng):
    both_score(judge, rng)

    tasks.measure_judge(judge.pk)

    found = agreement(api, judge)
    questions = {one["name"]: one for one in found["figures"]["questions"]}
    assert list(questions) == ["", "relevance", "actionability", "tone", "format_ok", "overlong"]
    assert found["n"] == 60
    assert found["interval"][0] < found["kappa"] < found["interval"][1]
    assert found["kappa"] == questions[""]["kappa"]["value"] > 0.8
    assert questions["relevance"]["people"]["n"] == 60
    assert questions["relevance"]["within_step"] == 1
    assert questions["overlong"]["kappa"]["value"] is None
    assert sum(one["n"] for one in found["figures"]["calibration"]) == 60
    assert abs(found["figures"]["bias"]["value"]) < 0.1


def test_what_the_judge_said_with_other_models_does_not_count(api, judge, rng, settings):
    settings.LLM_ENDPOINTS = {"new": {"base_url": "https://llm.example.org/v1", "model": "m-new"}}
    type(judge).objects.update(endpoints=["new"])
    both_score(judge, rng)
    Judgement.objects.update(model="m-old")
    tasks.measure_judge(judge.pk)
    before = agreement(api, judge)["n"]
    Judgement.objects.update(model="m-new")
    tasks.measure_judge(judge.pk)

    assert (before, agreement(api, judge)["n"]) == (0, 60)
    assert api.patch(f"/api/v1/judges/{judge.pk}", {"endpoints": ["new"]}, format="json").status_code == 200
    assert agreement(api, judge)["is_current"] is False


@pytest.mark.parametrize(("n", "is_enough"), [(29, False), (30, True)])
def test_fewer_than_thirty_events_are_not_enough(api, judge, rng, n, is_enough):
    both_score(judge, rng, n=n)

    tasks.measure_judge(judge.pk)

    assert agreement(api, judge)["figures"]["is_enough"] is is_enough


def test_people_count_as_they_first_answered_and_by_the_same_rubric(api, judge, rng):
    both_score(judge, rng, people=1)
    HumanScore.objects.update(answers=answers(1), score=0.0)
    other = JudgeFactory(name="other", rubric_version=type(judge.rubric_version).objects.get(name="helpfulness"))

    tasks.measure_judge(judge.pk)
    tasks.measure_judge(other.pk)

    assert agreement(api, judge)["kappa"] > 0.8
    assert agreement(api, other)["n"] == 0


def test_the_lower_end_of_the_interval_decides(api, judge, rng):
    both_score(judge, rng)
    tasks.measure_judge(judge.pk)
    low = agreement(api, judge)["interval"][0]

    choose(api, judge, least_kappa=low + 0.001)
    assert agreement(api, judge)["holds"] is False
    choose(api, judge, least_kappa=low - 0.001)
    assert agreement(api, judge)["holds"] is True


def test_a_judge_is_gold_only_while_it_agrees(api, judge, rng, any_store):
    write(1)
    recording.record([score(1, assessor="judge:strict", name="tip-v1", score=0.9)])
    both_score(judge, rng)
    assert gold_of([event_id(1)]) == {}

    choose(api, judge, gold=True)
    assert gold_of([event_id(1)]) == {event_id(1): [0.9]}

    choose(api, judge, least_kappa=1.0)
    assert gold_of([event_id(1)]) == {}
    assert agreement(api, judge)["gold"] is True


def test_a_judge_that_agrees_no_more_ceases_to_be_gold_when_scores_arrive(api, judge, rng):
    both_score(judge, rng)
    choose(api, judge, gold=True)
    assert GoldAssessor.objects.gold().count() == 1

    both_score(judge, rng, n=200, noise=4)
    tasks.measure_judge(judge.pk)

    assert GoldAssessor.objects.gold().count() == 0
    assert "does not reach" in agreement(api, judge)["reason"]


def test_new_scores_of_either_have_it_measured_again(judge, any_store):
    JudgeStanding.objects.create(judge=judge, is_current=True)
    write(1)

    recording.record([score(1, assessor=Assessor.PEOPLE.value, name="tip-v1", score=0.5)])
    assert JudgeStanding.objects.get().is_current is False
    JudgeStanding.objects.update(is_current=True)
    recording.record([score(1, assessor="judge:strict", name="tip-v1", score=0.5)])
    assert JudgeStanding.objects.get().is_current is False


def test_due_judges_are_queued(judge, monkeypatch, django_capture_on_commit_callbacks):
    queued = []
    monkeypatch.setattr("feedback.tasks.measure_judge.delay_on_commit", queued.append)
    by_judge(judge, uuid.uuid4(), 3)
    JudgeFactory(name="idle")

    tasks.queue_judges()

    assert queued == [judge.pk]


def test_what_becomes_gold_is_queued_for_evidence(api, judge, rng, any_store):
    write(1, 2)
    recording.record([score(1, assessor="judge:strict", name="tip-v1", score=0.9)])
    TouchedEvent.objects.all().delete()
    both_score(judge, rng)

    choose(api, judge, gold=True)
    tasks.fold_rollups()
    tasks.apply_gold_assessor(GoldAssessor.objects.get().pk)

    assert [str(row.event_id) for row in TouchedEvent.objects.all()] == [event_id(1)]
    assert GoldAssessor.objects.get().is_applied is True


def test_scores_of_another_rubric_are_not_gold_after_the_judge_changed_it(api, judge, rng):
    both_score(judge, rng)
    choose(api, judge, gold=True)
    type(judge).objects.update(rubric_version=type(judge.rubric_version).objects.get(name="helpfulness"))

    tasks.measure_judge(judge.pk)

    assert GoldAssessor.objects.gold().count() == 0


def test_people_are_gold_if_an_operator_says_so(api, judge, any_store):
    write(1)
    recording.record([score(1, assessor=Assessor.PEOPLE.value, name="tip-v1", score=0.7)])
    address = "/api/v1/deployments/helpdesk/people-gold"

    assert api.get(address).data == {"rubrics": []}
    assert api.put(address, {"rubric": "tip-v1", "gold": True}, format="json").data == {"rubrics": ["tip-v1"]}
    assert gold_of([event_id(1)]) == {event_id(1): [0.7]}
    assert api.put(address, {"rubric": "tip-v1", "gold": False}, format="json").data == {"rubrics": []}
    assert gold_of([event_id(1)]) == {}
    assert api.put(address, {"rubric": "tip-v9", "gold": True}, format="json").status_code == 400


@pytest.mark.parametrize("body", [{"least_kappa": 1.1}, {"least_kappa": -0.1}, {"gold": "perhaps"}, {"colour": "red"}])
def test_choices_that_do_not_fit_are_rejected(api, judge, body):
    assert choose(api, judge, **body).status_code == 400
    assert JudgeStanding.objects.count() == 0


def test_rights(api, operator, judge):
    Deployment.objects.create(id="shop")
    stranger, viewer = key_of(operator, "shop"), limited_user("view_judgestanding", "view_goldassessor")

    assert stranger.get(f"/api/v1/judges/{judge.pk}/agreement").status_code == 404
    assert viewer.get(f"/api/v1/judges/{judge.pk}/agreement").status_code == 200
    assert choose(viewer, judge, gold=True).status_code == 403
    answer = viewer.put("/api/v1/deployments/helpdesk/people-gold", {"rubric": "tip-v1", "gold": True}, format="json")
    assert answer.status_code == 403


def test_triggers_use_only_a_judge_that_is_allowed_and_agrees(api, judge, rng):
    assert using.for_triggers("helpdesk", "strict")[1] == "The judge strict was never compared with people."
    both_score(judge, rng)
    choose(api, judge, gold=True)
    assert "not allowed for triggers" in using.for_triggers("helpdesk", "strict")[1]
    choose(api, judge, used_by_triggers=True)
    assert using.for_triggers("helpdesk", "strict")[0] is not None
    choose(api, judge, least_kappa=1.0)
    assert "does not reach 1.00" in using.for_triggers("helpdesk", "strict")[1]
    choose(api, judge, least_kappa=0.1)
    type(judge).objects.update(sampling="uncertain")
    assert "least certain" in using.for_triggers("helpdesk", "strict")[1]


def test_the_rolling_mean_is_that_of_the_newest_judgements(judge):
    for level in (1, 5, 5):
        by_judge(judge, uuid.uuid4(), level)
    Judgement.objects.filter(score__lt=0.5).update(occurred_at=NOON.replace(year=2020))

    assert using.rolling_average(judge.pk, 2).n == 2
    assert using.rolling_average(judge.pk, 2).mean == pytest.approx(Judgement.objects.first().score)
    assert using.rolling_average(judge.pk, 10).n == 3
    assert using.rolling_average(judge.pk, 10, occurred_from=NOON.replace(year=2021)).n == 2
    assert using.rolling_average(judge.pk + 1, 10).mean is None


def test_the_page_shows_the_tables_and_chooses(api, console, judge, rng, django_assert_max_num_queries):
    both_score(judge, rng)
    tasks.measure_judge(judge.pk)
    address = reverse("admin:feedback_judgestanding_change", args=[judge.pk])

    with django_assert_max_num_queries(12):
        page = console.get(address).content.decode()
    assert "People among themselves" in page
    assert "calibration-chart-figure" in page
    console.post(
        reverse("admin:feedback_judgestanding_choose", args=[judge.pk]),
        {"_form_submitted": "on", "least_kappa": "0.5", "is_gold": "yes", "used_by_triggers": ""},
    )

    standing = JudgeStanding.objects.get()
    assert (standing.least_kappa, standing.is_gold, standing.used_by_triggers) == (0.5, True, False)
    assert "Judge agreement" in console.get(reverse("admin:feedback_judgestanding_changelist")).content.decode()
