"""Proposed names of tools in the console."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from feedback.models import ToolRename
from tests.factories import DeploymentFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:feedback_toolrename_changelist")
PROPOSE = reverse("admin:feedback_toolrename_propose")
FORM = {"_form_submitted": True}
SHAPE = {
    "calls": 12,
    "arguments": [{"name": "day", "share": 1.0, "kind": "date"}],
    "results": [{"name": "open_until", "share": 0.5}],
}


@pytest.fixture
def rename(operator):
    DeploymentFactory(id="helpdesk")
    return ToolRename.objects.create(
        deployment_id="helpdesk", old_name="hours", new_name="open_hours", similarity=0.83, old_shape=SHAPE
    )


def page_of(rename):
    return reverse("admin:feedback_toolrename_change", args=[rename.pk])


def step_of(rename, name):
    return reverse(f"admin:feedback_toolrename_{name}", args=[rename.pk])


def test_a_proposal_shows_both_tools_and_is_decided_once(console, operator, rename, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        page = console.get(page_of(rename)).content.decode()
    done = console.post(step_of(rename, "confirm"), FORM)
    console.post(step_of(rename, "reject"), FORM)

    rename.refresh_from_db()
    assert [text in page for text in ("hours", "open_hours", "day", "date", "open_until", "12 calls read")] == [
        True
    ] * 6
    assert done["HX-Redirect"] == page_of(rename)
    assert (rename.status, rename.decided_by) == ("confirmed", operator)
    decided = console.get(page_of(rename)).content.decode()
    assert "hours → open_hours is already confirmed." in decided
    assert [step_of(rename, name) in decided for name in ("confirm", "reject", "reopen")] == [False, False, True]


def test_a_get_decides_nothing(console, rename):
    console.get(step_of(rename, "confirm"))

    rename.refresh_from_db()
    assert rename.status == "proposed"


def test_proposing_queues_a_task(console, rename, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as queued:
        done = console.post(PROPOSE, FORM | {"deployment": "helpdesk", "since": "2026-05-04 12:00"})

    assert done["HX-Redirect"] == LIST
    assert len(queued) == 1
    assert "The tools of helpdesk are being compared." in console.get(LIST).content.decode()


def test_a_user_without_the_permission_sees_and_decides_nothing(rename):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_toolrename"))
    client = Client()
    client.force_login(user)

    assert step_of(rename, "confirm") not in client.get(page_of(rename)).content.decode()
    assert client.post(step_of(rename, "confirm"), FORM).status_code == 403
    assert client.post(PROPOSE, FORM | {"deployment": "helpdesk"}).status_code == 403
    rename.refresh_from_db()
    assert rename.status == "proposed"
