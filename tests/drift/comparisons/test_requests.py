import pytest
from django.db import IntegrityError, transaction

from drift.bench.results import StatisticalTest
from drift.comparisons import lifecycle, running
from drift.models import ArmComparison
from drift.serializers.comparisons import TESTS
from drift.windows.arms import Arm
from tests.factories import DeploymentFactory

pytestmark = pytest.mark.django_db
RUN = "/api/v1/deployments/helpdesk/comparisons"


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({"a": {}, "b": "v2"}, "a", "Specify at least one of"),
        ({"a": "v1"}, "", "Specify a and b, or arms."),
        ({"a": "v1", "b": "v2", "arms": ["v1", "v2"]}, "", "Specify a and b, or arms."),
        ({"a": "v1", "b": "v1"}, "arms", "Two arms are the same."),
        ({"a": "v1", "b": {"segment": "pro"}}, "b.segment", "A segment is a metadata key and its value"),
        ({"a": "v1", "b": {"baseline": "x"}}, "baseline", "No baseline named x."),
        ({"a": "v1", "b": {"from": "2026-05-04T12:00:00Z"}}, "b", "Specify both from and to."),
        ({"a": "v1", "b": "v2", "outcomes": ["height"]}, "outcomes", "Unknown outcome height"),
        ({"a": "v1", "b": "v2", "segments": ["plan"]}, "segments", "Unknown segment key plan"),
        ({"a": "v1", "b": "v2", "margin": 0}, "margin", "above 0"),
        ({"a": "v1", "b": "v2", "test": "guess"}, "test", "not a valid choice"),
        ({"a": "v1", "b": "v2", "colour": 1}, "colour", "not a field"),
        ({"arms": ["v1"]}, "arms", "at least 2"),
    ],
)
def test_an_invalid_request_says_which_field(api, body, field, message):
    DeploymentFactory(id="helpdesk")

    answer = api.post(RUN, body, format="json")

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"], message in error["message"]) == (400, field, True), error
    assert not ArmComparison.objects.exists()


def test_only_so_many_run_at_once(api):
    DeploymentFactory(id="helpdesk")
    arms = [Arm(model_version_id="v1"), Arm(model_version_id="v2")]
    for _ in range(lifecycle.MOST_RUNNING):
        lifecycle.request("helpdesk", arms=arms, outcomes=["quality"])

    answer = api.post(RUN, {"a": "v1", "b": "v2"}, format="json")

    assert (answer.status_code, ArmComparison.objects.count()) == (409, lifecycle.MOST_RUNNING)


def test_a_finished_comparison_is_not_run_again():
    DeploymentFactory(id="helpdesk")
    arms = [Arm(model_version_id="v1"), Arm(model_version_id="v2")]
    comparison = running.run(lifecycle.request("helpdesk", arms=arms, outcomes=["quality"]).pk)
    finished_at = comparison.finished_at

    assert running.run(comparison.pk).finished_at == finished_at


def test_a_failure_without_a_reason_is_rejected_by_the_database():
    DeploymentFactory(id="helpdesk")
    arms = [Arm(model_version_id="v1"), Arm(model_version_id="v2")]
    comparison = lifecycle.request("helpdesk", arms=arms, outcomes=["quality"])

    with pytest.raises(IntegrityError), transaction.atomic():
        lifecycle.fail(comparison.pk, "")


def test_the_api_names_every_test():
    assert sorted(TESTS) == sorted(StatisticalTest)
