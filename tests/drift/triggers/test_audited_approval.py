"""Where a version has enough audits, they take the place of votes on it."""

from datetime import timedelta

import pytest

from drift.choices import CheckSource
from drift.models import TriggerEvaluation
from drift.triggers import checking
from feedback.models import Deployment
from tests.drift.triggers.evidenced import NOW, audits, evidence

RULES = "/api/v1/deployments/helpdesk/triggers/rules"


@pytest.fixture(autouse=True)
def deployment(db, time_machine):
    time_machine.move_to(NOW, tick=False)
    return Deployment.objects.create(id="helpdesk")


def below(api, threshold):
    """The condition on approval with this threshold."""
    api.patch(RULES, {"quality_drop": {"feedback_threshold": threshold}}, format="json")
    checking.check("helpdesk", source=CheckSource.COMMAND)
    arms = TriggerEvaluation.objects.filter(name="quality_drop").latest("pk").details["arms"]
    return next(arm for arm in arms if arm["name"] == "feedback_threshold")


@pytest.mark.parametrize(
    ("answers", "before", "found"),
    [
        (20, timedelta(0), ("quiet", 0.9, 300, None, 20)),
        (19, timedelta(0), ("fired", 0.5, 300, 300, 0)),
        (20, timedelta(days=30), ("fired", 0.5, 300, 300, 0)),
    ],
)
def test_twenty_recent_audits_take_the_place_of_votes(api, answers, before, found):
    evidence([number % 2 == 0 for number in range(300)], version="v1")
    audits([1.0] * (answers - 2) + [0.0] * 2, version="v1", before=before)

    arm = below(api, 0.7)

    outcome, value, *rest = found
    assert (arm["outcome"], arm["events"], arm["users"], arm["audits"]) == (outcome, *rest)
    assert arm["value"] == pytest.approx(value)
    assert ("20 audits of v1 take the place of votes" in arm["reason"]) is (outcome == "quiet")


def test_versions_without_audits_are_judged_by_their_votes(api):
    evidence([True] * 300, version="v2")
    evidence([True] * 100, version="v1", first=1_001)
    audits([0.0] * 40, version="v1")

    arm = below(api, 0.9)

    assert (arm["outcome"], arm["events"], arm["users"], arm["audits"]) == ("fired", 400, 300, 40)
    assert arm["value"] == pytest.approx(0.75)
    assert arm["interval"]["high"] == pytest.approx(0.75 + 0.25 * 0.046597, abs=1e-6)


def test_audits_of_versions_that_no_one_votes_on_change_nothing(api):
    evidence([number % 2 == 0 for number in range(300)], version="v1")
    audits([1.0] * 40, version="v0")

    assert below(api, 0.7)["audits"] == 0


def test_a_suggestion_rests_on_audits_too(api):
    evidence([True] * 300, version="v2")
    evidence([True] * 100, version="v1", first=1_001)
    audits([0.0] * 40, version="v1")

    found = api.get(RULES).json()["suggested_feedback_threshold"]

    assert (found["value"], found["events"], found["users"]) == (0.64, 400, 300)
    assert found["approval"] == pytest.approx(0.75)
    assert "from the votes of 300 users on 300 events and 40 audits of v1 of the last 30 days." in found["reason"]


def test_audits_alone_are_enough_for_a_suggestion(api):
    evidence([True] * 100, users=19, version="v1")
    audits([1.0, 0.0] * 20, version="v1")

    found = api.get(RULES).json()["suggested_feedback_threshold"]

    assert (found["value"], found["approval"], found["events"], found["users"]) == (0.24, 0.5, 100, 0)
    assert found["reason"].startswith("Suggested: 0.24, from 40 audits of v1 of the last 30 days.")
