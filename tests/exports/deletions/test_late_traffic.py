"""What was accepted before a deployment was archived is deleted when it has been written."""

from datetime import timedelta

import pytest

from exports.deletions import deleting
from exports.models import DeploymentDeletion
from exports.tasks import sweep_erasures
from feedback.models import Deployment, Event, IngestBatch
from tests.factories import DeploymentFactory

pytestmark = pytest.mark.django_db
EVENT = {"deployment_id": "helpdesk", "prompt": "Where is my parcel?", "response": "On its way."}


def test_what_waits_in_the_stream_goes_too(api, running_tasks, write_all, monkeypatch):
    monkeypatch.setattr(deleting, "LAST_ACCEPTED", timedelta(0))
    DeploymentFactory(id="helpdesk")
    api.post("/api/v1/events", EVENT, format="json")

    with running_tasks():
        api.delete("/api/v1/deployments/helpdesk")
    before = DeploymentDeletion.objects.get().status
    write_all()
    with running_tasks():
        sweep_erasures()

    deletion = DeploymentDeletion.objects.get()
    assert (before, deletion.status, deletion.events) == ("running", "completed", 1)
    assert [model.objects.count() for model in (Event, IngestBatch, Deployment)] == [0, 0, 0]
