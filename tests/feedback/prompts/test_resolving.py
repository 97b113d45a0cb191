"""Resolving: the request, then the prompt, then the setting, then v1."""

import json
from collections import Counter

import pytest
from rest_framework.test import APIClient

from feedback.access import keys
from feedback.choices import Scope
from feedback.prompts import registry
from feedback.prompts.drafts import Draft
from tests.factories import DeploymentFactory, StaffFactory

pytestmark = pytest.mark.django_db
RESOLVE = "/api/v1/prompts/tips/resolve"


def add_prompt(operator, *labels, deployment="helpdesk", **chosen):
    DeploymentFactory(id=deployment)
    drafts = [Draft(label, f"{label} for {{{{name}}}}") for label in labels]
    prompt = registry.create(deployment, "tips", by=operator, versions=drafts, **chosen)
    if "default_version" not in chosen and "parts" not in chosen:
        prompt = registry.change(prompt.pk, {"default_version": ""}, revision=1, by=operator)
    return prompt


def client_with(*scopes, deployments=()):
    _, secret = keys.create(StaffFactory(), "test", scopes, deployments=deployments)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


@pytest.mark.parametrize(
    ("labels", "chosen", "setting", "query", "expected"),
    [
        (["v1", "v2"], {"default_version": "v2"}, "v1", {"prompt_version": "v1"}, ("v1", "request")),
        (["v1", "v2"], {"parts": [("v2", None)], "default_version": "v1"}, "v1", {}, ("v2", "rotation")),
        (["v1", "v2"], {"default_version": "v2"}, "v1", {}, ("v2", "default")),
        (["v1", "v2"], {}, "v2", {}, ("v2", "setting")),
        (["v1", "v2"], {}, "v1", {}, ("v1", "setting")),
        (["v1", "v2"], {}, "v7", {}, ("v1", "fallback")),
        (["v1", "v2"], {}, "v2,v7", {}, ("v1", "fallback")),
    ],
)
def test_the_order_is_request_prompt_setting_v1(api, operator, settings, labels, chosen, setting, query, expected):
    settings.DEFAULT_PROMPT_VERSION = setting
    add_prompt(operator, *labels, **chosen)

    found = api.get(RESOLVE, query).json()

    assert (found["prompt_version"], found["chosen_by"]) == expected
    assert found["text"] == f"{expected[0]} for {{{{name}}}}"
    assert (found["variables"], found["filled"], found["archived"]) == (["name"], False, False)


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ({"prompt_version": "v9"}, 404, "Prompt tips has no version v9."),
        ({"prompt_version": "v2,v9,v8"}, 404, "Prompt tips has no version v9, v8."),
        ({"prompt_version": "v2=10"}, 400, "The weights add up to 10, not 100."),
        ({}, 404, "Prompt tips has no rotation, no default and no version v1."),
    ],
)
def test_a_version_that_is_not_there_is_named(api, operator, query, status, message):
    add_prompt(operator, "v2")

    answer = api.get(RESOLVE, query)

    assert answer.status_code == status
    assert [error["message"] for error in answer.json()["errors"]] == [message]


def test_an_unknown_prompt_is_named(api):
    answer = api.get(RESOLVE)

    assert answer.status_code == 404
    assert answer.json()["errors"][0]["message"] == "There is no prompt tips."


def test_a_setting_that_is_no_rotation_is_an_error_of_the_installation(api, operator, settings):
    settings.DEFAULT_PROMPT_VERSION = "v1=20"
    add_prompt(operator, "v1")

    assert api.get(RESOLVE).status_code == 503
    assert api.get(RESOLVE, {"prompt_version": "v1"}).status_code == 200


def test_variables_are_filled_and_wrong_ones_are_named(api, operator):
    add_prompt(operator, "v1")

    filled = api.get(RESOLVE, {"variables": json.dumps({"name": "{{name}}"})}).json()
    posted = api.post(RESOLVE, {"variables": {"name": 7}}, format="json").json()
    wrong = api.post(RESOLVE, {"variables": {"nam": "Ada"}}, format="json")
    refused = [
        api.post(RESOLVE, json.dumps({"variables": variables}), content_type="application/json").status_code
        for variables in ({"name": None}, {"name": True}, {"name": ["a"]}, {"name": "\ud800"}, "Ada")
    ]

    assert (filled["text"], filled["filled"]) == ("v1 for {{name}}", True)
    assert posted["text"] == "v1 for 7"
    assert wrong.json()["errors"] == [
        {"field": "variables", "code": "missing", "message": "no value for name; no variable named nam"}
    ]
    assert refused == [400] * 5
    assert [api.get(RESOLVE, {"variables": text}).status_code for text in ("", "[]", "{", "[" * 7_000)] == [400] * 4


def test_a_short_text_with_long_values_is_refused(api, operator):
    DeploymentFactory(id="helpdesk")
    registry.create("helpdesk", "tips", by=operator, versions=[Draft("v1", "{{a}}" * 1_000)])

    answer = api.post(RESOLVE, {"variables": {"a": "x" * 2_000}}, format="json")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "too_long")


def test_messages_are_filled(api, operator):
    DeploymentFactory(id="helpdesk")
    messages = [{"role": "system", "content": "Be {{tone}}."}, {"role": "user", "content": r"\{{x}} {{name}}"}]
    registry.create("helpdesk", "tips", by=operator, versions=[Draft("v1", messages=messages)])

    found = api.post(RESOLVE, {"variables": {"tone": "kind", "name": "Ada"}}, format="json").json()

    assert found["text"] is None
    assert [one["content"] for one in found["messages"]] == ["Be kind.", "{{x}} Ada"]


def test_a_subject_keeps_its_version_and_without_one_they_vary(api, operator):
    add_prompt(operator, "v1", "v2", parts=[("v1", 50.0), ("v2", 50.0)])

    same = {api.get(RESOLVE, {"subject": "ada"}).json()["prompt_version"] for _ in range(8)}
    over_post = api.post(RESOLVE, {"subject": "ada"}, format="json").json()["prompt_version"]
    counts = Counter(api.get(RESOLVE).json()["prompt_version"] for _ in range(40))
    listed = Counter(api.get(RESOLVE, {"prompt_version": "v1,v2"}).json()["prompt_version"] for _ in range(40))

    assert same == {over_post}
    assert set(counts) == set(listed) == {"v1", "v2"}


@pytest.mark.parametrize(
    ("query", "cached"),
    [
        ({"prompt_version": "v1"}, "private, max-age=3600"),
        ({"subject": "ada"}, "private, max-age=60"),
        ({}, "no-store"),
    ],
)
def test_an_answer_says_how_long_it_may_be_kept(api, operator, query, cached):
    add_prompt(operator, "v1", "v2", parts=[("v1", 50.0), ("v2", 50.0)])

    first = api.get(RESOLVE, query)
    unchanged = api.get(RESOLVE, query, headers={"If-None-Match": first["ETag"]})

    assert first["Cache-Control"] == cached
    assert "Authorization" in first["Vary"]
    if cached != "no-store":
        assert (unchanged.status_code, unchanged.content, unchanged["ETag"]) == (304, b"", first["ETag"])


def test_another_choice_has_another_tag(api, operator):
    prompt = add_prompt(operator, "v1", "v2", default_version="v1")
    first = api.get(RESOLVE)

    registry.change(prompt.pk, {"default_version": "v2"}, revision=1, by=operator)
    changed = api.get(RESOLVE, headers={"If-None-Match": first["ETag"]})

    assert (changed.status_code, changed.json()["prompt_version"]) == (200, "v2")


def test_applications_that_send_events_may_resolve_and_nothing_more(operator):
    add_prompt(operator, "v1")
    ingest, read, signals = (client_with(scope) for scope in (Scope.INGEST, Scope.READ, Scope.SIGNALS))

    def statuses(client):
        return client.get(RESOLVE).status_code, client.post(RESOLVE).status_code

    assert [statuses(client) for client in (ingest, read, signals)] == [(200, 200), (200, 200), (403, 403)]
    assert ingest.get("/api/v1/prompts/tips").status_code == 403


def test_the_deployment_of_the_key_decides_between_prompts_of_one_name(api, operator):
    add_prompt(operator, "v1", deployment="helpdesk")
    add_prompt(operator, "v1", deployment="shop")
    limited = client_with(Scope.INGEST, deployments=["shop"])

    ambiguous = api.get(RESOLVE)

    assert limited.get(RESOLVE).json()["deployment_id"] == "shop"
    assert limited.get(RESOLVE, {"deployment_id": "helpdesk"}).status_code == 404
    assert api.get(RESOLVE, {"deployment_id": "shop"}).json()["deployment_id"] == "shop"
    assert ambiguous.json()["errors"][0]["field"] == "deployment_id"
    assert api.post(f"{RESOLVE}?deployment_id=shop").status_code == 200
    assert api.post(f"{RESOLVE}?deployment=shop").status_code == 400


def test_resolving_asks_few_queries(api, operator, django_assert_max_num_queries):
    add_prompt(operator, "v1", "v2", parts=[("v1", 50.0), ("v2", 50.0)])

    with django_assert_max_num_queries(5):
        api.get(RESOLVE, {"subject": "ada"})
