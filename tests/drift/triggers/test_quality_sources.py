"""Quality drop may read a judge instead of the checks, as long as that judge may be used."""

import uuid

import pytest

from drift.choices import CheckSource
from drift.models import TriggerEvaluation, TriggerRule
from drift.triggers import checking
from feedback.models import Deployment, JudgeStanding
from tests.factories import NOON
from tests.feedback.factories import JudgeFactory, JudgementFactory

RULES = "/api/v1/deployments/helpdesk/triggers/rules"
pytestmark = pytest.mark.django_db


@pytest.fixture
def judge():
    Deployment.objects.create(id="helpdesk")
    return JudgeFactory(name="strict")


def allow(judge, **facts):
    standing = {"holds": True, "low": 0.7, "kappa": 0.8, "measured_at": NOON, "used_by_triggers": True} | facts
    return JudgeStanding.objects.create(judge=judge, rubric_version=judge.rubric_version, **standing)


def scores(judge, *found):
    for one in found:
        JudgementFactory(judge=judge, event_id=uuid.uuid4(), status="judged", raw=1, score=one, judged_at=NOON)


def change(api, source):
    return api.patch(RULES, {"quality_drop": {"quality_source": source}}, format="json")


def quality_drop():
    checking.check("helpdesk", source=CheckSource.COMMAND)
    return TriggerEvaluation.objects.filter(name="quality_drop").latest("pk")


def source_of(api):
    found = {one["name"]: one for one in api.get(RULES).data["triggers"]}["quality_drop"]
    return found["quality_source"], found["own"]["quality_source"]


@pytest.mark.parametrize(("found", "outcome"), [([0.2] * 20, "fired"), ([0.9] * 20, "quiet"), ([0.2] * 4, "no_data")])
def test_the_mean_of_the_judge_is_compared_with_the_threshold(api, judge, found, outcome):
    allow(judge)
    scores(judge, *found)
    assert change(api, "judge:strict").status_code == 200

    evaluation = quality_drop()

    assert evaluation.outcome == outcome
    if outcome != "no_data":
        assert "The average score of the judge strict" in evaluation.reason


def test_a_judge_that_may_not_be_used_never_fires(api, judge):
    allow(judge, holds=False, reason="Kappa is 0.30 over 80 events, which does not reach 0.60.")
    scores(judge, *[0.1] * 20)
    change(api, "judge:strict")

    evaluation = quality_drop()

    assert evaluation.outcome == "no_data"
    assert "The judge strict is not used. Kappa is 0.30" in evaluation.reason
    assert evaluation.details["arms"][0]["outcome"] == "no_data"


def test_a_deleted_judge_never_fires(api, judge):
    allow(judge)
    change(api, "judge:strict")
    judge.delete()

    assert "never compared" in quality_drop().reason


def test_the_source_is_chosen_and_reset(api, judge):
    assert source_of(api) == ("checks", None)
    change(api, "judge:strict")
    assert source_of(api) == ("judge:strict", "judge:strict")
    change(api, None)
    assert source_of(api) == ("checks", None)


@pytest.mark.parametrize("source", ["judge:unknown", "people", "judge:", "judge:With Spaces", ""])
def test_a_source_that_there_is_not_is_rejected(api, judge, source):
    answer = change(api, source)

    assert (answer.status_code, answer.data["errors"][0]["field"]) == (400, "quality_drop.quality_source")
    assert not TriggerRule.objects.exclude(quality_source=None).exists()


def test_only_quality_drop_has_a_source(api, judge):
    body = {"data_count": {"quality_source": "checks"}}

    assert api.patch(RULES, body, format="json").status_code == 400
