"""What quality drop compares votes with: the events of the pinned baseline, the events before, or one half."""

import uuid
from datetime import timedelta

import pytest

from drift.choices import CheckSource
from drift.models import TriggerEvaluation
from drift.reading import approval
from drift.triggers import checking
from feedback.models import Deployment, Evidence
from feedback.removal import retention
from feedback.times import HOUR
from tests.drift.factories import BaselineFactory, store_window
from tests.drift.triggers.evidenced import NOW, evidence, evidence_about
from tests.factories import NOON, DeploymentFactory
from tests.feedback.rollups.sending import event, send, signal

DAY = timedelta(days=1)


@pytest.fixture
def deployment(db, time_machine):
    time_machine.move_to(NOW, tick=False)
    return Deployment.objects.create(id="helpdesk")


def arm(name):
    checking.check("helpdesk", source=CheckSource.COMMAND)
    arms = TriggerEvaluation.objects.filter(name="quality_drop").latest("pk").details["arms"]
    return next(arm for arm in arms if arm["name"] == name)


def pin(*, first, last):
    """Pin the events of these numbers as normal."""
    first_at, last_at = (Evidence.objects.get(pk=uuid.UUID(int=number)).occurred_at for number in (first, last))
    window = {
        "source": "events",
        "first_at": first_at.isoformat(),
        "last_at": last_at.isoformat(),
        "first_id": str(uuid.UUID(int=first)),
        "last_id": str(uuid.UUID(int=last)),
    }
    BaselineFactory(name="normal", resolved_window=window)


def test_the_threshold_sees_the_newest_votes_whatever_is_pinned(deployment, api):
    evidence([number % 4 != 0 for number in range(400)])
    pin(first=1, last=400)
    change = {"quality_drop": {"feedback_threshold": 0.9}}
    api.patch("/api/v1/deployments/helpdesk/triggers/rules", change, format="json")

    found = arm("feedback_threshold")

    assert (found["outcome"], found["events"], found["users"]) == ("fired", 400, 400)


@pytest.mark.parametrize(
    ("events", "users", "outcome", "judged"),
    [(99, 99, "fired", 198), (100, 19, "fired", 199), (100, 20, "no_data", 99)],
)
def test_a_baseline_counts_from_a_hundred_events_and_twenty_users_on(deployment, events, users, outcome, judged):
    evidence([False] * events, users=users, before=DAY)
    evidence([False] * 99, first=1_001)
    pin(first=1, last=events)

    found = arm("feedback_drop")

    assert (found["outcome"], found["events"]) == (outcome, judged)


@pytest.fixture
def two_versions(deployment):
    """A hundred events of v1, which everyone likes, then a hundred of v2, which no one does."""
    stored = {
        version: store_window("helpdesk", start_at=NOON + hours * HOUR, prompt_lengths=[9] * 100, version=version)
        for version, hours in (("v1", 0), ("v2", 1))
    }
    evidence_about(stored["v1"], [True] * 100)
    evidence_about(stored["v2"], [False] * 100)
    evidence([True] * 100, first=1_001)
    return stored


@pytest.mark.parametrize(
    ("window", "against"),
    [
        ({"last_events": 200}, "0.500 over 200"),
        ({"last_events": 150}, "0.333 over 150"),
        ({"model_version_id": "v1"}, "1.000 over 100"),
        ({"from": NOON.isoformat(), "to": (NOON + 2 * HOUR).isoformat()}, "0.500 over 200"),
    ],
)
def test_a_baseline_is_compared_by_its_very_events(two_versions, api, window, against):
    answer = api.put("/api/v1/deployments/helpdesk/baselines/normal", {"window": window}, format="json")

    assert answer.status_code == 200, answer.json()
    assert f"against {against} events before" in arm("feedback_drop")["reason"]


def test_events_of_one_moment_lie_on_both_sides_of_a_baselines_ends(deployment):
    evidence([50 <= number < 150 for number in range(200)], before=DAY)
    Evidence.objects.update(occurred_at=NOW - DAY)
    evidence([True] * 100, first=1_001)
    pin(first=51, last=150)

    assert "against 1.000 over 100 events before" in arm("feedback_drop")["reason"]


@pytest.mark.parametrize(("was_there_before", "outcome"), [(False, "fired"), (True, "no_data")])
def test_retention_does_not_make_a_deployment_new(api, write_all, time_machine, monkeypatch, was_there_before, outcome):
    monkeypatch.setattr(approval, "LARGEST_NEW", 50)
    DeploymentFactory(id="helpdesk", retention_days=30)
    for first, days in ((1, 0), (501, 40)) if was_there_before else ((501, 40),):
        at = NOW + days * DAY
        time_machine.move_to(at, tick=False)
        numbers = range(first, first + 25)
        send(api, "events", [event(number, occurred_at=at.isoformat()) for number in numbers])
        votes = [{"type": "thumbs_down", "user_id": f"user {number}"} for number in numbers]
        send(api, "signals", [signal(*2 * (number,), **vote) for number, vote in zip(numbers, votes, strict=True)])
        write_all()
        retention.purge()

    found = arm("feedback_drop")

    assert (found["outcome"], Evidence.objects.count()) == (outcome, 25)
