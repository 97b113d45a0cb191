"""A pipeline does what the user who posted it may do, for deployments of the key."""

import pytest

from drift.models import TriggerEvaluation
from exports.models import PipelineRun
from feedback.choices import Scope
from tests.exports.factories import approved_set
from tests.exports.pipelines.experiments import CHECK, PIPELINES, experiment
from tests.factories import DeploymentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def helpdesk():
    return DeploymentFactory(id="helpdesk")


def test_a_request_needs_the_permissions_of_its_stages(api_of, staff):
    wanted = experiment(CHECK, "export_feedback")
    rights = ["exports.add_pipelinerun", "drift.add_triggerevaluation", "exports.add_exportbatch"]
    clients = [api_of(staff(*rights[:number])) for number in range(4)]

    answers = [client.post(PIPELINES, wanted, format="json").status_code for client in clients]

    assert answers == [403, 403, 403, 202]
    assert PipelineRun.objects.count() == 1


def test_a_stage_needs_the_permission_when_it_runs(api_of, staff, sweep):
    user = staff("exports.add_pipelinerun", "drift.add_triggerevaluation")
    accepted = api_of(user).post(PIPELINES, experiment(CHECK), format="json")
    user.user_permissions.clear()

    found = sweep(accepted.data["id"])

    assert found["error"] == f"check_triggers: The user {user} lacks the permission drift.add_triggerevaluation."
    assert not TriggerEvaluation.objects.exists()


def test_a_user_who_is_no_longer_active_runs_nothing(api_of, staff, sweep):
    user = staff("exports.add_pipelinerun", "drift.add_triggerevaluation")
    accepted = api_of(user).post(PIPELINES, experiment(CHECK), format="json")
    user.is_active = False
    user.save()

    assert sweep(accepted.data["id"])["error"] == f"check_triggers: The user {user} is not active."


def test_a_key_sees_and_runs_pipelines_of_its_deployments_alone(api_of, operator):
    DeploymentFactory(id="shop")
    own, other = api_of(operator, deployments=["helpdesk"]), api_of(operator, deployments=["shop"])

    made = own.post(PIPELINES, experiment(CHECK), format="json").data["id"]

    assert other.post(PIPELINES, experiment(CHECK), format="json").status_code == 404
    assert [len(client.get(PIPELINES).json()["results"]) for client in (own, other)] == [1, 0]
    assert [client.get(f"{PIPELINES}/{made}").status_code for client in (own, other)] == [200, 404]
    assert other.post(f"{PIPELINES}/{made}/cancel").status_code == 404
    assert PipelineRun.objects.get().status == "pending"


def test_a_key_that_may_only_read_runs_nothing(api_of, operator):
    reader = api_of(operator, scopes=[Scope.READ])

    assert reader.post(PIPELINES, experiment(CHECK), format="json").status_code == 403
    assert reader.get(PIPELINES).status_code == 200


def test_a_stage_uses_no_set_of_another_deployment(post):
    foreign = approved_set([{}], deployment=DeploymentFactory(id="shop"))

    found = post(("export_feedback", {"curated_set": foreign.pk}))

    assert found["error"] == f"export_feedback: helpdesk has no curated set {foreign.pk}."
