"""An archived deployment rejects traffic, has no scheduled work and is in no list, until it is restored."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from curation import tasks as curation_tasks
from curation.models import CuratedSet
from drift import tasks as drift_tasks
from drift.models import DriftReport, ScheduledCheck
from feedback.deployments import policies
from feedback.models import Deployment, Event, Signal
from tests.factories import NOON, DeploymentFactory, EventFactory, UserFactory
from tests.feedback.factories import roll_up

pytestmark = pytest.mark.django_db
LIST = "/api/v1/deployments"
CONSOLE_LIST = reverse("admin:feedback_deployment_changelist")
EVENT = {"deployment_id": "helpdesk", "prompt": "Where is my parcel?", "response": "On its way."}


@pytest.fixture
def helpdesk():
    policies.forget()
    return DeploymentFactory(id="helpdesk")


def archive(api, archived=True):
    answer = api.patch(f"{LIST}/helpdesk", {"archived": archived}, format="json")
    assert (answer.status_code, answer.json()["archived"]) == (200, archived)


def ids(answer):
    return [row["id"] for row in answer.json()["results"]]


def test_traffic_is_rejected_until_it_is_restored(api, helpdesk, write_all):
    stored = EventFactory(deployment_id="helpdesk")
    archive(api)

    answers = [
        api.post("/api/v1/events", EVENT, format="json"),
        api.post("/api/v1/signals", {"event_id": str(stored.pk), "type": "copy"}, format="json"),
    ]
    archive(api, archived=False)
    accepted = api.post("/api/v1/events", EVENT, format="json")
    write_all()

    for answer in answers:
        [error] = answer.json()["errors"]
        assert (answer.status_code, error["code"]) == (400, "deployment_archived")
        assert error["message"] == "Deployment helpdesk is archived"
    assert accepted.status_code == 202
    assert (Event.objects.count(), Signal.objects.count()) == (2, 0)


def test_signals_that_wait_for_an_event_of_it_do_not_count(api, helpdesk):
    archive(api)

    assert "helpdesk copy" in policies.uncollected()


def test_it_is_listed_on_request_only(api, console, helpdesk):
    DeploymentFactory(id="shop")
    archive(api)

    assert ids(api.get(LIST)) == ["shop"]
    assert ids(api.get(f"{LIST}?archived=true")) == ["helpdesk"]
    assert api.get(f"{LIST}/helpdesk").json()["archived"] is True
    shown = [
        [row.pk for row in console.get(f"{CONSOLE_LIST}{query}").context["cl"].result_list]
        for query in ("", "?archived=only", "?archived=any")
    ]
    assert shown == [["shop"], ["helpdesk"], ["helpdesk", "shop"]]


def test_the_overview_leaves_it_out(api, console, helpdesk, time_machine):
    time_machine.move_to(NOON, tick=False)
    DeploymentFactory(id="shop")
    for name, n in (("helpdesk", 40), ("shop", 7)):
        roll_up(deployment_id=name, n=n)
    archive(api)

    page = console.get(reverse("admin:index")).context["page"]
    chosen = console.get(reverse("admin:index"), {"deployment": "helpdesk"}).context["page"]

    assert (page.deployments, page.cards[0].value) == (["shop"], "7")
    assert (chosen.deployment, chosen.cards[0].value) == ("helpdesk", "40")


def test_nothing_scheduled_runs_for_it(api, helpdesk):
    EventFactory(deployment_id="helpdesk")
    archive(api)

    drift_tasks.detect_all_drift()
    drift_tasks.check_all_triggers()
    curation_tasks.curate_all()

    assert [model.objects.count() for model in (DriftReport, ScheduledCheck, CuratedSet)] == [0, 0, 0]


def test_its_page_archives_and_restores_it(console, helpdesk):
    page, seen = reverse("admin:feedback_deployment_change", args=["helpdesk"]), []
    addresses = {
        step: reverse(f"admin:feedback_deployment_{step}", args=["helpdesk"]) for step in ("archive", "restore")
    }

    for step in ("archive", "restore"):
        text = console.get(page).content.decode()
        offered = [name for name, address in addresses.items() if address in text]
        console.post(addresses[step], {"_form_submitted": True})
        seen.append((offered, Deployment.objects.get().archived))

    assert seen == [(["archive"], True), (["restore"], False)]


@pytest.mark.parametrize(("permission", "archived"), [("view_deployment", False), ("change_deployment", True)])
def test_archiving_needs_the_right_to_change_deployments(client, helpdesk, permission, archived):
    user = UserFactory(is_staff=True)
    user.user_permissions.add(
        *Permission.objects.filter(codename__in=["view_deployment", permission], content_type__app_label="feedback")
    )
    client.force_login(user)

    client.post(reverse("admin:feedback_deployment_archive", args=["helpdesk"]), {"_form_submitted": True})

    assert Deployment.objects.get().archived is archived
