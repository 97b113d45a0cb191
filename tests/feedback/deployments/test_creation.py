"""Which deployments the events of a key create."""

import pytest
from rest_framework.test import APIClient

from feedback import valkey
from feedback.access import keys
from feedback.choices import Scope
from feedback.deployments import creation
from feedback.models import Deployment
from tests.factories import DeploymentFactory, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_known(time_machine):
    time_machine.move_to("2026-05-04T12:30:00Z", tick=False)
    valkey.client().flushdb()
    creation.forget()
    yield
    creation.forget()


def _client(**rights):
    _, secret = keys.create(StaffFactory(), "key", [Scope.INGEST], **rights)
    return APIClient(headers={"Authorization": f"Bearer {secret}"})


def _send(client, *names):
    events = [{"deployment_id": name, "prompt": "How?", "response": "So."} for name in names]
    body = client.post("/api/v1/events", {"events": events}, format="json").json()
    rejected = body.get("rejected", [{"errors": [error]} for error in body.get("errors", [])])
    return body.get("accepted", 0), [item["errors"][0]["code"] for item in rejected]


def test_a_key_creates_so_many_deployments_an_hour(settings, write_all, time_machine):
    settings.NEW_DEPLOYMENTS_PER_HOUR = 2
    client, other = _client(), _client()
    DeploymentFactory(id="old")

    first = _send(client, "a", "old", "b", "a", "c", "d", "c")
    write_all()
    second = _send(client, "a", "b", "c", "old")
    of_another_key = _send(other, "c")
    time_machine.shift(1_800)
    later = _send(client, "d")
    write_all()

    assert first == (4, ["too_many_deployments"] * 3)
    assert second == (3, ["too_many_deployments"])
    assert (of_another_key, later) == ((1, []), (1, []))
    assert set(Deployment.objects.values_list("pk", flat=True)) == {"old", "a", "b", "c", "d"}


def test_no_limit_of_deployments(settings, write_all):
    settings.NEW_DEPLOYMENTS_PER_HOUR = 0

    assert _send(_client(), *"abcdef") == (6, [])


def test_a_key_may_be_forbidden_to_create_deployments(write_all):
    client = _client(may_create_deployments=False)
    DeploymentFactory(id="old")

    assert _send(client, "new", "old") == (1, ["deployment_unknown"])
    assert _send(client, "new") == (0, ["deployment_unknown"])
    write_all()
    assert set(Deployment.objects.values_list("pk", flat=True)) == {"old"}


def test_without_the_server_there_is_no_limit(settings, write_all):
    settings.NEW_DEPLOYMENTS_PER_HOUR = 1
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert _send(_client(), "a", "b") == (2, [])
