"""Prompts over the API: stored once, chosen by people, archived and deleted."""

import json
import threading

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from rest_framework.test import APIClient

from feedback.access import keys
from feedback.models import Prompt, PromptRevision, PromptVersion
from feedback.prompts import registry
from feedback.prompts.drafts import Draft
from feedback.removal import deployments as removal
from tests.factories import ALL_SCOPES, DeploymentFactory, EventFactory, StaffFactory, UserFactory
from tests.feedback.factories import roll_up

pytestmark = pytest.mark.django_db
PROMPTS = "/api/v1/prompts"
TIPS = f"{PROMPTS}/tips"
V1 = {"version": "v1", "text": "Give {{name}} one tip."}
MENTOR = {"version": "v2-mentor", "messages": [{"role": "system", "content": "You are the mentor of {{name}}."}]}


@pytest.fixture
def tips(api):
    DeploymentFactory(id="helpdesk")
    created = api.post(PROMPTS, {"deployment_id": "helpdesk", "name": "tips", "versions": [V1, MENTOR]}, format="json")
    assert created.status_code == 201, created.json()
    return created.json()


def errors(answer):
    return [(error["field"], error["code"]) for error in answer.json()["errors"]]


def test_a_prompt_is_created_with_versions_and_the_first_is_the_default(api, operator, tips):
    read = api.get(TIPS)

    assert read.json() == tips
    assert (tips["default_version"], tips["rotation"], tips["revision"]) == ("v1", [], 1)
    mentor, v1 = tips["versions"]
    assert (v1["version"], v1["text"], v1["messages"], v1["variables"]) == ("v1", V1["text"], None, ["name"])
    assert (mentor["text"], mentor["messages"], mentor["created_by"]) == (None, MENTOR["messages"], operator.username)
    listed = api.get(PROMPTS, {"deployment_id": "helpdesk"}).json()["results"]
    assert [(one["name"], one["default_version"]) for one in listed] == [("tips", "v1")]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ({"version": "v3"}, [("text", "required")]),
        ({"version": "v3", "text": "a", "messages": []}, [("text", "required")]),
        ({"version": "v3", "messages": []}, [("messages", "invalid")]),
        ({"version": "v3", "messages": [{"role": "robot", "content": ""}]}, [("messages.0", "invalid")]),
        ({"version": "v3", "messages": [{"role": "user", "content": "\0"}]}, [("messages", "invalid")]),
        ({"version": "v3", "messages": [{"role": "user", "content": "\ud800"}]}, [("messages", "invalid")]),
        ({"version": "v 3", "text": "a"}, [("version", "invalid")]),
        ({"version": "v3", "text": "{{a.b}}"}, [("text", "invalid")]),
        ({"version": "v3", "text": "{{a}}", "variables": ["b"]}, [("variables", "missing"), ("variables", "unknown")]),
        ({"version": "v3", "text": "{{a}}", "variables": ["a", "a"]}, [("variables", "duplicate")]),
        ({"version": "v3", "text": "a" * 100_001}, [("text", "too_long")]),
        ({"version": "+49-171-1234567", "text": "a"}, [("version", "invalid")]),
        ({"version": "ann@example.com", "text": "a"}, [("version", "masked")]),
        ({"version": "v3", "text": "a", "weight": 1}, [("weight", "unknown_field")]),
    ],
)
def test_a_version_that_is_wrong_is_not_stored(api, tips, version, expected):
    answer = api.post(f"{TIPS}/versions", json.dumps(version), content_type="application/json")

    assert (answer.status_code, errors(answer)) == (400, expected)
    assert PromptVersion.objects.count() == 2


def test_a_label_names_one_version_of_a_deployment(api, tips):
    again = api.post(f"{TIPS}/versions", V1, format="json")
    body = {"deployment_id": "helpdesk", "name": "greeting", "versions": [V1]}
    other = api.post(PROMPTS, body, format="json")
    DeploymentFactory(id="shop")
    elsewhere = api.post(PROMPTS, body | {"deployment_id": "shop"}, format="json")

    assert [again.status_code, other.status_code, elsewhere.status_code] == [409, 409, 201]
    assert "v1 is a version of prompt tips already" in other.json()["errors"][0]["message"]
    assert not Prompt.objects.filter(deployment="helpdesk", name="greeting").exists()


def test_a_name_is_taken_once_in_a_deployment(api, tips):
    answer = api.post(PROMPTS, {"deployment_id": "helpdesk", "name": "tips"}, format="json")

    assert answer.status_code == 409
    assert api.post(PROMPTS, {"deployment_id": "nowhere", "name": "tips"}, format="json").status_code == 404


def test_what_is_served_is_changed_once_per_revision(api, operator, tips):
    rotation = [{"version": "v1", "weight": 70}, {"version": "v2-mentor", "weight": 30}]

    changed = api.patch(TIPS, {"revision": 1, "rotation": rotation}, format="json")
    late = api.patch(TIPS, {"revision": 1, "default_version": "v2-mentor"}, format="json")

    assert changed.status_code == 200
    assert (changed.json()["rotation"], changed.json()["revision"]) == (rotation, 2)
    assert late.status_code == 409
    assert "at revision 2, not 1" in late.json()["errors"][0]["message"]
    revisions = api.get(TIPS).json()["revisions"]
    assert [(one["revision"], len(one["rotation"]), one["chosen_by"]) for one in revisions] == [
        (2, 2, operator.username),
        (1, 0, operator.username),
    ]
    ended = api.patch(TIPS, {"revision": 2, "rotation": []}, format="json").json()
    assert (ended["rotation"], ended["default_version"]) == ([], "v1")


def test_a_new_description_is_no_new_choice(api, tips):
    api.patch(TIPS, {"revision": 1, "description": "Tips of the day"}, format="json")

    read = api.get(TIPS).json()
    assert (read["description"], read["revision"], len(read["revisions"])) == ("Tips of the day", 2, 1)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        (
            {"rotation": [{"version": "v1", "weight": 70}, {"version": "v2-mentor", "weight": 20}]},
            "rotation",
            "invalid",
        ),
        ({"rotation": [{"version": "v1"}, {"version": "v9"}]}, "rotation", "not_found"),
        ({"default_version": "v9"}, "default_version", "not_found"),
        ({"default": "v1"}, "default", "unknown_field"),
    ],
)
def test_a_choice_that_is_wrong_changes_nothing(api, tips, change, field, code):
    answer = api.patch(TIPS, {"revision": 1, **change}, format="json")

    assert (answer.status_code, errors(answer)) == (400, [(field, code)])
    assert api.get(TIPS).json() == tips


def test_a_version_in_use_is_neither_archived_nor_deleted(api, tips):
    api.patch(TIPS, {"revision": 1, "rotation": [{"version": "v1"}, {"version": "v2-mentor"}]}, format="json")

    answers = [api.post(f"{TIPS}/versions/v2-mentor/archive"), api.delete(f"{TIPS}/versions/v2-mentor")]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert PromptVersion.objects.filter(archived_at=None).count() == 2


def test_an_archived_version_is_chosen_by_requests_alone(api, tips):
    archived = api.post(f"{TIPS}/versions/v2-mentor/archive")
    chosen = api.patch(TIPS, {"revision": 1, "default_version": "v2-mentor"}, format="json")
    named = api.get(f"{TIPS}/resolve", {"prompt_version": "v2-mentor"})
    restored = api.post(f"{TIPS}/versions/v2-mentor/restore")

    assert archived.json()["archived_at"]
    assert errors(chosen) == [("default_version", "not_found")]
    assert (named.status_code, named.json()["archived"]) == (200, True)
    assert restored.json()["archived_at"] is None
    assert api.post(f"{TIPS}/versions/v9/archive").status_code == 404


@pytest.mark.parametrize("is_stored", [True, False])
def test_a_version_that_traffic_used_is_never_deleted(api, tips, is_stored):
    if is_stored:
        EventFactory(prompt_version="v2-mentor")
    else:
        roll_up(prompt_version="v2-mentor")

    answer = api.delete(f"{TIPS}/versions/v2-mentor")

    assert answer.status_code == 409
    assert answer.json()["errors"][0]["message"] == "Events name v2-mentor, so it can be archived and not deleted."


def test_an_unused_version_is_deleted(api, tips):
    EventFactory(prompt_version="v2-mentor", deployment_id="shop")

    assert api.delete(f"{TIPS}/versions/v2-mentor").status_code == 204
    assert api.delete(f"{TIPS}/versions/v2-mentor").status_code == 404


def test_changes_need_the_permission(tips):
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename="view_prompt"))
    _, secret = keys.create(user, "plain", ALL_SCOPES)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")

    answers = [
        client.post(PROMPTS, {"deployment_id": "helpdesk", "name": "greeting"}, format="json"),
        client.post(f"{TIPS}/versions", V1 | {"version": "v3"}, format="json"),
        client.patch(TIPS, {"revision": 1, "default_version": "v2-mentor"}, format="json"),
        client.post(f"{TIPS}/versions/v2-mentor/archive"),
        client.delete(f"{TIPS}/versions/v2-mentor"),
    ]

    assert [answer.status_code for answer in answers] == [403] * 5
    assert client.get(TIPS).json() == tips


def test_a_deployment_is_removed_with_its_prompts(tips):
    removal.remove_records("helpdesk")

    assert [model.objects.count() for model in (Prompt, PromptVersion, PromptRevision)] == [0, 0, 0]


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_one_changes_and_one_is_told():
    user = StaffFactory()
    DeploymentFactory(id="helpdesk")
    prompt = registry.create("helpdesk", "tips", by=user, versions=[Draft("v1", "a"), Draft("v2", "b")])
    outcomes = []

    def act(number):
        try:
            registry.change(prompt.pk, {"default_version": f"v{number}", "description": "x"}, revision=1, by=user)
            outcomes.append("changed")
        except registry.Stale:
            outcomes.append("stale")
        try:
            registry.add_version(prompt.pk, Draft("v3", f"text {number}"), by=user)
            outcomes.append("added")
        except registry.LabelTaken:
            outcomes.append("taken")
        connection.close()

    threads = [threading.Thread(target=act, args=[number]) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["added", "changed", "stale", "taken"]
