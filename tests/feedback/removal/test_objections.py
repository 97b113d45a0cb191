"""Objections to training, recorded and lifted over the API and in the console."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from feedback.access import keys
from feedback.choices import Scope
from feedback.hashing import hash_person, person_hashes
from feedback.models import TrainingObjection
from tests.factories import ALL_SCOPES, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
URL, LIFT_URL = "/api/v1/training-objections", "/api/v1/training-objections/lift"
LIST = reverse("admin:feedback_trainingobjection_changelist")
RECORD = reverse("admin:feedback_trainingobjection_object_to_training")
LIFT = reverse("admin:feedback_trainingobjection_lift")
FORM = {"_form_submitted": True}


def hashes():
    return set(TrainingObjection.objects.hashes())


def client_of(user, *, scopes=ALL_SCOPES, deployments=()):
    _, secret = keys.create(user, "test", scopes, deployments=list(deployments))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def test_an_objection_is_kept_as_the_hashes_of_every_key_and_lifted_with_all_of_them(api, operator, settings):
    settings.RETIRED_HASH_KEYS = {"2025": "an earlier key"}

    answers = [api.post(URL, {"user_id": "nora"}, format="json") for _ in range(2)]
    recorded = hashes()
    api.post(URL, {"user_id": 7}, format="json")
    lifted = [api.post(LIFT_URL, {"user_id": "nora"}, format="json") for _ in range(2)]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {"training_allowed": False})] * 2
    assert (recorded, len(recorded)) == (set(person_hashes("nora")), 2)
    assert [(answer.status_code, answer.json()) for answer in lifted] == [(200, {"training_allowed": True})] * 2
    assert hashes() == set(person_hashes(7))
    assert {objection.by for objection in TrainingObjection.objects.all()} == {operator}


@pytest.mark.parametrize("url", [URL, LIFT_URL])
@pytest.mark.parametrize(
    ("body", "field"), [({}, "user_id"), ({"user_id": ""}, "user_id"), ({"user_id": "a", "b": 1}, "b")]
)
def test_a_body_that_names_no_user_changes_nothing(api, url, body, field):
    api.post(URL, {"user_id": "nora"}, format="json")

    answer = api.post(url, body, format="json")

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])
    assert hashes() == {hash_person("nora")}


@pytest.mark.parametrize(
    ("client", "message"),
    [
        (lambda: client_of(UserFactory()), "Lifting an objection needs the permission"),
        (lambda: client_of(StaffFactory(), deployments=["helpdesk"]), "Training objections need a key for every"),
        (lambda: client_of(StaffFactory(), scopes=[Scope.READ]), "scope"),
    ],
    ids=["no permission", "one deployment", "no scope"],
)
def test_an_objection_needs_scope_permission_and_a_key_of_every_deployment(api, client, message):
    api.post(URL, {"user_id": "nora"}, format="json")
    other = client()

    answers = [other.post(url, {"user_id": name}, format="json") for url, name in ((URL, "omar"), (LIFT_URL, "nora"))]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert message in answers[1].json()["errors"][0]["message"]
    assert hashes() == {hash_person("nora")}


def test_objections_are_recorded_and_lifted_in_the_console(console, operator):
    console.get(RECORD)
    assert hashes() == set()

    recorded = console.post(RECORD, {**FORM, "user_id": " nora\n"})
    page = console.get(LIST).content.decode()
    held = hashes()
    unknown = console.post(LIFT, {**FORM, "user_id": "omar"})
    after_unknown = console.get(LIST).content.decode()
    console.post(LIFT, {**FORM, "user_id": "nora"})
    lifted = console.get(LIST).content.decode()

    assert [answer.headers["HX-Redirect"] for answer in (recorded, unknown)] == [LIST, LIST]
    assert held == {hash_person("nora")}
    assert (hash_person("nora")[:12] in page, operator.username in page, "nora" in page) == (True, True, False)
    assert "No objection of this user is recorded." in after_unknown
    assert "may be used for training again" in lifted
    assert hashes() == set()


@pytest.mark.parametrize(
    ("permission", "offered"),
    [("add_trainingobjection", [RECORD]), ("delete_trainingobjection", [LIFT]), ("view_trainingobjection", [])],
)
def test_the_list_offers_what_a_user_may_do(permission, offered):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=[permission, "view_trainingobjection"]))
    client = Client()
    client.force_login(user)

    page = client.get(LIST).content.decode()

    assert [address for address in (RECORD, LIFT) if f'"{address}"' in page] == offered
    for address in {RECORD, LIFT} - set(offered):
        assert client.post(address, {**FORM, "user_id": "nora"}).status_code == 403
    assert hashes() == set()
