"""Persons decide which proposed names of tools are right, one decision each."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from rest_framework.test import APIClient

from feedback.access import keys
from feedback.deployments.renames import deciding
from feedback.deployments.renames.deciding import confirmed_renames
from feedback.models import Deployment, ToolRename
from feedback.removal import deployments as removal
from tests.factories import ALL_SCOPES, DeploymentFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/deployments/agents/tool-renames"


def rename(old="lookup", new="find", **fields):
    Deployment.objects.get_or_create(pk="agents")
    return ToolRename.objects.create(
        **{"deployment_id": "agents", "old_name": old, "new_name": new, "similarity": 0.8} | fields
    )


def user_with(*permissions):
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def client_of(user):
    _, secret = keys.create(user, "test", ALL_SCOPES)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def test_only_confirmed_names_are_used(api, operator):
    first, second, third = rename(), rename("find", "search"), rename("other", "find")

    confirmed = api.post(f"{URL}/{first.pk}/confirm")
    api.post(f"{URL}/{second.pk}/confirm")
    rejected = api.post(f"{URL}/{third.pk}/reject")

    assert (confirmed.status_code, confirmed.json()["status"]) == (200, "confirmed")
    assert confirmed.json()["decided_by"] == operator.username
    assert (rejected.status_code, rejected.json()["status"]) == (200, "rejected")
    # A tool that was renamed twice has its last name.
    assert confirmed_renames("agents") == {"lookup": "search", "find": "search"}
    assert confirmed_renames("helpdesk") == {}
    assert [row["old_name"] for row in api.get(URL, {"status": "rejected"}).json()["results"]] == ["other"]


def test_a_decision_is_taken_back_and_made_again(api):
    one = rename()
    api.post(f"{URL}/{one.pk}/confirm")

    reopened = api.post(f"{URL}/{one.pk}/reopen")

    assert (reopened.status_code, reopened.json()["status"], reopened.json()["decided_by"]) == (200, "proposed", None)
    assert confirmed_renames("agents") == {}
    assert api.post(f"{URL}/{one.pk}/reopen").status_code == 409
    assert api.post(f"{URL}/{one.pk}/confirm").status_code == 200


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("lookup", "search", "lookup → find is confirmed. Reopen it first."),
        ("find", "lookup", "Confirmed names lead from lookup back to find. Reopen one first."),
    ],
)
def test_a_name_has_one_confirmed_successor_and_none_leads_back(api, old, new, message):
    first, other = rename(), rename(old, new)
    api.post(f"{URL}/{first.pk}/confirm")

    refused = api.post(f"{URL}/{other.pk}/confirm")

    assert (refused.status_code, refused.json()["errors"][0]["message"]) == (409, message)
    assert confirmed_renames("agents") == {"lookup": "find"}


@pytest.mark.parametrize("step", ["confirm", "reject"])
def test_a_name_is_decided_once(api, step):
    one = rename()
    api.post(f"{URL}/{one.pk}/confirm")

    refused = api.post(f"{URL}/{one.pk}/{step}")

    assert (refused.status_code, refused.json()["errors"][0]["message"]) == (409, "lookup → find is already confirmed.")


@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_once_one_counts():
    one, people = rename(), [StaffFactory(), StaffFactory()]
    barrier = Barrier(2)

    def decide(step, by):
        try:
            barrier.wait()
            return step(one.pk, by=by).decided_by
        except deciding.WrongStatus:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        made = list(threads.map(decide, [deciding.confirm, deciding.reject], people))

    assert sorted(by is None for by in made) == [False, True]
    assert ToolRename.objects.get().decided_by == next(filter(None, made))


def test_deciding_and_proposing_need_their_permissions():
    one = rename()
    nobody, decides, proposes = (
        client_of(user_with(*names)) for names in ([], ["change_toolrename"], ["add_toolrename"])
    )

    assert [client.post(f"{URL}/{one.pk}/confirm").status_code for client in (nobody, proposes)] == [403, 403]
    assert [client.post(f"{URL}/propose").status_code for client in (nobody, decides)] == [403, 403]
    assert ToolRename.objects.get().status == "proposed"
    assert decides.post(f"{URL}/{one.pk}/confirm").status_code == 200
    assert proposes.post(f"{URL}/propose").status_code == 202


def test_a_name_of_another_deployment_is_not_found(api):
    one = rename(deployment_id="helpdesk")
    DeploymentFactory(id="helpdesk")

    assert api.post(f"{URL}/{one.pk}/confirm").status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "confirmed"},
        {"status": "other"},
        {"similarity": 1.5},
        {"new": "lookup"},
    ],
)
def test_the_database_rejects_what_is_no_decision(fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        rename(**fields)

    assert not ToolRename.objects.exists()


def test_names_go_with_their_deployment():
    rename()
    rename("a", "b", deployment_id="helpdesk")

    removal.remove_records("agents")

    assert list(ToolRename.objects.values_list("deployment_id", flat=True)) == ["helpdesk"]
