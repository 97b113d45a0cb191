from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from rest_framework.test import APIClient

from exports import tasks
from feedback.access import keys
from tests.curation.conftest import embedding  # noqa: F401 - a fixture
from tests.exports.pipelines.experiments import PIPELINES, experiment
from tests.factories import ALL_SCOPES, StaffFactory


@pytest.fixture
def staff(db):
    """Make a user who is no superuser, with these permissions."""

    def make(*permissions):
        user = StaffFactory(is_superuser=False)
        for one in permissions:
            app, codename = one.split(".")
            user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
        return user

    return make


@pytest.fixture
def api_of(db):
    """A client of the API with a key of this user."""

    def make(user, scopes=ALL_SCOPES, deployments=()):
        _, secret = keys.create(user, "test", scopes, deployments=list(deployments))
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return client

    return make


@pytest.fixture
def post(api, running_tasks):
    """Post a pipeline, have its tasks run, and return it as the API shows it."""

    def ask(*pipeline, client=api, **fields):
        with running_tasks():
            answer = client.post(PIPELINES, experiment(*pipeline, **fields), format="json")
        assert answer.status_code == 202, answer.json()
        return shown(answer.data["id"])

    def shown(pipeline_id):
        return api.get(f"{PIPELINES}/{pipeline_id}").json()

    return ask


@pytest.fixture
def sweep(api, running_tasks, time_machine):
    """Some time later beat sweeps; return the run as the API shows it."""

    def again(pipeline_id, after=timedelta(minutes=2)):
        time_machine.shift(after)
        with running_tasks():
            tasks.sweep_pipelines()
        return api.get(f"{PIPELINES}/{pipeline_id}").json()

    time_machine.move_to(timezone.now(), tick=False)
    return again
