import threading

import pytest
from django.db import connection

from feedback.deployments import configuration
from feedback.deployments.rules import Pattern
from feedback.models import Deployment, MaskingPattern
from tests.factories import DeploymentFactory, StaffFactory

HERE = "/api/v1/deployments/helpdesk"
ORDER = {"name": "ORDER", "expression": r"\bORD-\d{6}\b", "replacement": ""}
STAFF = {"name": "STAFF_ID", "expression": "(?i)staff \\d+", "replacement": "<staff>"}


@pytest.fixture
def helpdesk(db):
    return DeploymentFactory(id="helpdesk")


def patch(api, changes):
    return api.patch(HERE, changes, format="json")


def test_a_deployment_shows_how_its_traffic_is_treated(api, helpdesk):
    assert api.get(HERE).json() == {
        "id": "helpdesk",
        "enabled": True,
        "archived": False,
        "deleting": False,
        "sampling_rate": 1.0,
        "feedback_types": ["thumbs", "correction", "flag", "rating", "label", "regenerate", "copy", "share"],
        "content_policy": "mask",
        "retention_days": None,
        "keep_reasoning": True,
        "training_allowed": True,
        "rating_minimum": None,
        "rating_maximum": None,
        "signal_weights": None,
        "segment_keys": [],
        "masking_patterns": [],
        "scores": [],
        "audit_rate": 0.0,
        "created_at": helpdesk.created_at.isoformat().replace("+00:00", "Z"),
    }


def test_only_the_fields_of_a_change_are_changed(api, helpdesk):
    before = api.get(HERE).json()
    Deployment.objects.update(storage="s3", options={"a": 1})

    answer = patch(api, {"sampling_rate": 0.1, "content_policy": "drop", "masking_patterns": [STAFF, ORDER]})

    changed = {"sampling_rate": 0.1, "content_policy": "drop", "masking_patterns": [ORDER, STAFF]}
    assert (answer.status_code, answer.json()) == (200, before | changed)
    assert api.get(HERE).json() == before | changed
    stored = Deployment.objects.get()
    assert (stored.storage, stored.options) == ("s3", {"a": 1})


def test_the_list_of_patterns_is_replaced(api, helpdesk):
    patch(api, {"masking_patterns": [ORDER, STAFF]})
    kept = MaskingPattern.objects.get(name="ORDER").pk
    other = STAFF | {"name": "PERSON"}

    assert patch(api, {"masking_patterns": [ORDER, other]}).json()["masking_patterns"] == [ORDER, other]
    assert MaskingPattern.objects.get(name="ORDER").pk == kept
    assert patch(api, {"enabled": False}).json()["masking_patterns"] == [ORDER, other]
    assert patch(api, {"masking_patterns": []}).json()["masking_patterns"] == []


INVALID_NAME = "A name has 1 to 32 capital letters, digits and _, the first one a letter"
REFUSED = {
    "name": ([ORDER | {"name": "order"}], "masking_patterns.0.name", INVALID_NAME),
    "newline": ([ORDER | {"name": "ORDER\n"}], "masking_patterns.0.name", INVALID_NAME),
    "built in": (
        [ORDER, STAFF | {"name": "EMAIL"}],
        "masking_patterns.1.name",
        "EMAIL is a built-in kind; choose another name",
    ),
    "twice": ([ORDER, STAFF, ORDER], "masking_patterns.2.name", "Another pattern has this name"),
    "many": (
        [ORDER | {"name": f"ORDER_{number}"} for number in range(21)],
        "masking_patterns",
        "A deployment has at most 20 patterns",
    ),
    "replacement": (
        [ORDER | {"replacement": "order 1"}],
        "masking_patterns.0.replacement",
        "The replacement of ORDER contains a digit or @, which could be read as part of the masked value",
    ),
    "expression": (
        [ORDER | {"expression": "(?=a)b"}],
        "masking_patterns.0.expression",
        "The pattern ORDER is not a regular expression in RE2 syntax: invalid perl operator: (?=",
    ),
}


@pytest.mark.parametrize(("patterns", "field", "message"), REFUSED.values(), ids=REFUSED)
def test_a_pattern_that_cannot_be_taken_changes_nothing(api, helpdesk, patterns, field, message):
    answer = patch(api, {"enabled": False, "masking_patterns": patterns})

    assert answer.status_code == 400
    assert [(error["field"], error["message"]) for error in answer.json()["errors"]] == [(field, message)]
    assert Deployment.objects.get().enabled is True
    assert not MaskingPattern.objects.exists()


def test_every_fault_of_a_change_is_named(api, helpdesk):
    change = {"sampling_rate": 2, "retention_days": 40_000, "feedback_types": ["smile"]}

    assert {error["field"] for error in patch(api, change).json()["errors"]} == change.keys()


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"storage": "s3"}, "storage", "unknown_field"),
        ({"content_policy": "hide"}, "content_policy", "invalid_choice"),
        ({"segment_keys": ["plan", "plan"]}, "segment_keys", "too_many"),
        ({"segment_keys": ["a", "b", "c", "d"]}, "segment_keys", "too_many"),
        ({"segment_keys": ["plan=team"]}, "segment_keys", "invalid"),
        ({"segment_keys": "plan"}, "segment_keys", "not_a_list"),
        ({"masking_patterns": [{"name": "A"}]}, "masking_patterns.0.expression", "required"),
        ({"masking_patterns": [ORDER | {"flags": "i"}]}, "masking_patterns.0.flags", "unknown_field"),
    ],
)
def test_a_change_of_the_wrong_shape_is_rejected(api, helpdesk, change, field, code):
    answer = patch(api, change)

    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]


def test_a_deployment_that_does_not_exist_cannot_be_changed(api):
    assert patch(api, {"enabled": False}).status_code == 404
    assert not Deployment.objects.exists()


@pytest.mark.parametrize(
    ("body", "masked"),
    [
        ({}, "Mail [EMAIL] about ORD-123456, staff 7"),
        ({"deployment_id": "shop"}, "Mail [EMAIL] about ORD-123456, staff 7"),
        ({"deployment_id": "helpdesk"}, "Mail [EMAIL] about [ORDER], <staff>"),
    ],
)
def test_a_text_is_masked_with_the_patterns_of_the_deployment(api, helpdesk, body, masked):
    DeploymentFactory(id="shop")
    patch(api, {"masking_patterns": [ORDER, STAFF]})

    answer = api.post("/api/v1/mask", {"text": "Mail ada@example.org about ORD-123456, staff 7"} | body, format="json")

    assert answer.json()["text"] == masked
    kinds = [span["kind"] for span in answer.json()["spans"]]
    assert kinds == (["EMAIL", "ORDER", "STAFF_ID"] if body.get("deployment_id") == "helpdesk" else ["EMAIL"])


def test_a_text_is_not_masked_for_an_unknown_deployment(api):
    answer = api.post("/api/v1/mask", {"text": "Hello", "deployment_id": "nobody"}, format="json")

    assert answer.status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_lose_no_pattern_of_each_other():
    DeploymentFactory(id="helpdesk")
    people = [StaffFactory(), StaffFactory()]
    both = threading.Barrier(2)

    def add(person, names):
        both.wait()
        for name in names:
            added = configuration.PatternChanges([Pattern(name, "x")])
            configuration.change("helpdesk", {}, by=person, patterns=added)
        connection.close()

    names = [[f"{who}_{number}" for number in range(5)] for who in ("ADA", "BOB")]
    threads = [threading.Thread(target=add, args=pair) for pair in zip(people, names, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(MaskingPattern.objects.values_list("name", flat=True)) == sorted(names[0] + names[1])
