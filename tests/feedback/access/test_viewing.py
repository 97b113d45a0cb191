"""A key reads what its user may view; tests/config/web/test_routes.py asks every address."""

import pytest
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from feedback.access import keys
from feedback.access.viewing import may_view
from tests.factories import ALL_SCOPES, DeploymentFactory, EventFactory, UserFactory


@pytest.fixture
def client_of(db):
    """A client whose key has every scope, of a user with these permissions."""

    def made(*permissions):
        user = UserFactory()
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        _, secret = keys.create(user, "plain", ALL_SCOPES)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return client

    return made


def test_the_answer_names_the_missing_permission_and_no_row(client_of):
    EventFactory()

    answer = client_of("add_apikey", "view_apikey", "view_signal").get("/api/v1/events")

    message = "The user of this API key lacks the permission feedback.view_event."
    assert answer.status_code == 403
    assert answer.json() == {"errors": [{"field": "", "code": "permission_denied", "message": message}]}


def test_sending_needs_no_permission(client_of, write_all):
    body = {"deployment_id": "helpdesk", "prompt": "How do I reset it?", "response": "Open the settings."}

    assert client_of().post("/api/v1/events", body, format="json").status_code == 202


@pytest.mark.parametrize(
    ("permissions", "deployment_id", "status"),
    [
        ([], None, 200),
        ([], "helpdesk", 403),
        ([], "nowhere", 403),
        (["view_deployment"], "helpdesk", 200),
        (["view_deployment"], "nowhere", 404),
    ],
)
def test_the_patterns_of_a_deployment_mask_for_users_who_may_view_it(client_of, permissions, deployment_id, status):
    DeploymentFactory(id="helpdesk")
    body = {"text": "Write to ann@example.com."} | ({"deployment_id": deployment_id} if deployment_id else {})

    assert client_of(*permissions).post("/api/v1/mask", body, format="json").status_code == status


@pytest.mark.parametrize(
    ("permission", "seen"),
    [("view_event", True), ("change_event", True), ("add_event", False), ("view_signal", False)],
)
def test_whoever_may_change_rows_may_view_them(db, permission, seen):
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename=permission))

    assert may_view(user, "feedback.event") is seen
