"""When each trigger fires, through the function, the API and the command."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from drift.choices import Verdict
from drift.models import TriggerEvaluation
from drift.triggers import training
from exports.crucible import check_triggers
from feedback.models import Deployment
from tests.drift.factories import DriftReportFactory, store_window
from tests.factories import NOON, DeploymentFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 5, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _helpdesk():
    DeploymentFactory(id="helpdesk")


def fired():
    return {one["trigger"]: (one["value"], one["threshold"]) for one in check_triggers("helpdesk")}


def test_a_deployment_without_events_fires_nothing():
    assert check_triggers("helpdesk") == []


@pytest.mark.parametrize(("score", "fires"), [(0.2, False), (0.2000001, True)])
def test_drift_fires_strictly_above_its_threshold(score, fires):
    DriftReportFactory(score=score, verdict=Verdict.DRIFTING, created_at=timezone.now())

    assert fired() == ({"drift_threshold": (score, 0.2)} if fires else {})


@pytest.mark.parametrize(("score", "fires"), [(0.7, False), (0.6999, True)])
def test_quality_fires_strictly_below_its_threshold(score, fires):
    store_window("helpdesk", start_at=NOON, prompt_lengths=[20] * 5, quality=[score] * 5)

    found = fired()

    # The first check has events and no training yet, so the schedule fires.
    assert found.pop("scheduled")[0] is None
    assert found == ({"quality_drop": (pytest.approx(score), 0.7)} if fires else {})


@pytest.mark.parametrize(("seconds", "fires"), [(86_400, True), (86_399, False)])
def test_the_schedule_fires_at_its_interval(seconds, fires):
    store_window("helpdesk", start_at=NOON, prompt_lengths=[20])
    with time_machine.travel(NOW, tick=False):
        training.mark("helpdesk")
    with time_machine.travel(NOW + timedelta(seconds=seconds), tick=False):
        assert fired() == ({"scheduled": (seconds, 86_400)} if fires else {})


def test_a_trigger_fires_once_and_function_call_and_command_agree(api, capsys):
    DriftReportFactory(score=0.9, verdict=Verdict.DRIFTING, created_at=timezone.now())

    first = check_triggers("helpdesk")
    answer = api.post("/api/v1/deployments/helpdesk/triggers/check").json()["triggers"]
    call_command("check_triggers", "helpdesk")
    again = check_triggers("helpdesk")

    evaluation = TriggerEvaluation.objects.filter(name="drift_threshold").order_by("pk").first()
    assert first == [{"trigger": "drift_threshold", "value": 0.9, "threshold": 0.2, "reason": evaluation.reason}]
    assert again == []
    assert answer[0]["outcome"] == "cooldown"
    assert capsys.readouterr().out.splitlines()[0].split()[:2] == ["drift_threshold", "cooldown"]


def test_triggers_of_an_unknown_deployment_are_an_error():
    with pytest.raises(Deployment.DoesNotExist):
        check_triggers("shop")
