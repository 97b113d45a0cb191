import pytest
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from rest_framework.test import APIClient

from feedback.access import keys
from feedback.choices import FeedbackType
from feedback.deployments import policies
from feedback.ir import FeedbackConfig, from_json, to_json
from feedback.models import Deployment
from tests.factories import ALL_SCOPES, DeploymentFactory, UserFactory

pytestmark = pytest.mark.django_db
CONFIG = "/api/v1/deployments/helpdesk/config"
OF_NEW_DEPLOYMENT = {
    "enabled": True,
    "sampling_rate": 1.0,
    "feedback_types": ["thumbs", "correction", "flag", "rating", "label", "regenerate", "copy", "share"],
    "storage": "postgres",
    "retention_days": None,
    "anonymize_pii": True,
    "drift_detection": None,
    "retraining_trigger": None,
    "options": None,
}
OF_IR = OF_NEW_DEPLOYMENT | {"enabled": False, "feedback_types": ["thumbs", "correction"]}
FULL = {
    "enabled": True,
    "sampling_rate": 0.25,
    "feedback_types": ["rating", "thumbs"],
    "storage": "bigquery",
    "retention_days": 90,
    "anonymize_pii": False,
    "drift_detection": {"enabled": True, "method": "psi", "threshold": 0.1, "window_size": 1000},
    "retraining_trigger": {"min_feedback_count": 10_000, "accuracy_threshold": 0.75},
    "options": {"team": {"name": "support"}},
}


@pytest.fixture
def helpdesk():
    return DeploymentFactory(id="helpdesk")


def put(api, document):
    return api.put(CONFIG, document, format="json")


def test_the_configuration_of_a_new_deployment_has_all_nine_fields(api, helpdesk):
    answer = api.get(CONFIG)

    assert (answer.status_code, answer.json()) == (200, OF_NEW_DEPLOYMENT)


@pytest.mark.parametrize(
    ("document", "expected"), [({}, OF_IR), (FULL, FULL), (OF_NEW_DEPLOYMENT, OF_NEW_DEPLOYMENT)], ids=str
)
def test_a_document_replaces_the_configuration(api, helpdesk, document, expected):
    Deployment.objects.update(sampling_rate=0.5, retention_days=7, storage="s3", options={"a": 1})

    answer = put(api, document)

    assert (answer.status_code, answer.json()) == (200, expected)
    assert api.get(CONFIG).json() == expected


def test_a_deployment_can_be_configured_before_its_first_event(api, operator):
    assert api.get(CONFIG).status_code == 404

    assert put(api, FULL).json() == FULL

    assert Deployment.objects.get().content_policy == "off"
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.action_flag) == (operator, "helpdesk", ADDITION)


@pytest.mark.parametrize(
    ("names", "stored"),
    [
        (["thumbs_up", "thumbs_down", "thumbs"], ["thumbs"]),
        (["edit", "report"], ["correction", "flag"]),
        (["correction", "flag", "rating", "label", "regenerate", "copy", "share"], None),
        ([], []),
    ],
)
def test_feedback_types_are_taken_under_the_names_of_signals_too(api, helpdesk, names, stored):
    assert put(api, {"feedback_types": names}).json()["feedback_types"] == (names if stored is None else stored)


@pytest.mark.parametrize(
    ("before", "document", "after"),
    [
        ("mask", {}, "mask"),
        ("off", {}, "mask"),
        ("drop", {"anonymize_pii": True}, "drop"),
        ("drop", {"anonymize_pii": True, "options": {"content_policy": "mask"}}, "mask"),
        ("off", {"anonymize_pii": True, "options": {"content_policy": "drop"}}, "drop"),
        ("drop", {"anonymize_pii": False}, "off"),
    ],
)
def test_anonymize_pii_decides_what_happens_to_texts(api, helpdesk, before, document, after):
    Deployment.objects.update(content_policy=before)

    answer = put(api, document)

    assert answer.json()["anonymize_pii"] is (after != "off")
    assert Deployment.objects.get().content_policy == after
    assert put(api, answer.json()).json() == answer.json()
    assert Deployment.objects.get().content_policy == after


def test_a_policy_named_in_the_options_follows_a_later_change(api, helpdesk):
    put(api, {"options": {"content_policy": "drop", "team": "a"}})

    api.patch("/api/v1/deployments/helpdesk", {"content_policy": "off"}, format="json")

    shown = api.get(CONFIG).json()
    assert (shown["anonymize_pii"], shown["options"]) == (False, {"content_policy": "off", "team": "a"})
    assert put(api, shown).json() == shown


TYPES = ", ".join(FeedbackType.values)
REFUSED = {
    "rate above": ({"sampling_rate": 1.5}, "sampling_rate", "sampling_rate must be between 0 and 1"),
    "rate below": ({"sampling_rate": -0.1}, "sampling_rate", "sampling_rate must be between 0 and 1"),
    "rate nan": ({"sampling_rate": "nan"}, "sampling_rate", "A valid number is required."),
    "type": ({"feedback_types": ["thumbs", "smile"]}, "feedback_types", f"smile: not one of {TYPES}"),
    "days": (
        {"retention_days": 0},
        "retention_days",
        "retention_days must be from 1 to 36,500 days, or null to keep everything",
    ),
    "unknown": ({"color": "red"}, "color", "color is not a field of this resource"),
    "null": ({"enabled": None}, "enabled", "This field may not be null."),
    "list": ({"options": [1]}, "options", 'Expected a dictionary of items but got type "list".'),
    "large": ({"options": {"a": "x" * 70_000}}, "options", "options has more than 65536 bytes as JSON"),
    "nul": ({"drift_detection": {"a": "\0"}}, "drift_detection", "drift_detection contains a NUL character"),
    "policy": (
        {"options": {"content_policy": "off"}},
        "options",
        "With anonymize_pii true, content_policy in options must be mask or drop",
    ),
    "contradiction": (
        {"anonymize_pii": False, "options": {"content_policy": "mask"}},
        "options",
        "With anonymize_pii false, content_policy in options must be off",
    ),
}


@pytest.mark.parametrize(("document", "field", "message"), REFUSED.values(), ids=REFUSED)
def test_a_document_that_cannot_be_taken_changes_nothing(api, helpdesk, document, field, message):
    answer = put(api, document)

    assert answer.status_code == 400
    assert [(error["field"], error["message"]) for error in answer.json()["errors"]] == [(field, message)]
    assert api.get(CONFIG).json() == OF_NEW_DEPLOYMENT
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("document", [b'{"options": {"a": 1e999}}', b'{"options": {"a": "\\ud800"}}'])
def test_what_json_cannot_store_is_rejected(api, helpdesk, document):
    answer = api.put(CONFIG, document, content_type="application/json")

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["options"]


def test_a_backslash_before_u0000_is_no_nul(api, helpdesk):
    assert put(api, {"options": {"a": "\\u0000"}}).json()["options"] == {"a": "\\u0000"}


def test_a_rejected_document_makes_no_deployment(api):
    assert put(api, {"sampling_rate": 2}).status_code == 400
    assert not Deployment.objects.exists()


def test_a_change_is_known_to_ingestion_at_once(api, helpdesk):
    assert policies.policy_of("helpdesk").enabled is True

    put(api, {"sampling_rate": 0.5})

    policy = policies.policy_of("helpdesk")
    assert (policy.enabled, policy.sampling_rate, policy.feedback_types) == (False, 0.5, {"thumbs", "correction"})


def test_who_changed_what_is_kept(api, operator, helpdesk):
    put(api, OF_NEW_DEPLOYMENT | {"retention_days": 30, "sampling_rate": 0.5, "options": {"a": 1}})
    put(api, OF_NEW_DEPLOYMENT | {"retention_days": 30, "sampling_rate": 0.5, "options": {"a": 1}})

    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.action_flag) == (operator, "helpdesk", CHANGE)
    said = entry.get_change_message().split("; ")
    assert sorted(said) == ["options changed", "retention_days: none → 30", "sampling_rate: 1.0 → 0.5"]


@pytest.mark.parametrize(
    ("scopes", "is_superuser", "status"),
    [(ALL_SCOPES, True, 200), (["operate"], True, 200), (["read"], True, 403), (["operate"], False, 403)],
)
@pytest.mark.parametrize(("method", "path"), [("put", CONFIG), ("patch", "/api/v1/deployments/helpdesk")])
def test_configuring_needs_the_scope_and_the_permission(helpdesk, scopes, is_superuser, status, method, path):
    _, secret = keys.create(UserFactory(is_superuser=is_superuser), "test", scopes)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")

    answer = getattr(client, method)(path, {"enabled": False}, format="json")

    assert answer.status_code == status
    assert Deployment.objects.get().enabled is (status == 403)


def test_a_key_for_other_deployments_finds_none_here(operator, helpdesk):
    _, secret = keys.create(operator, "test", ALL_SCOPES, deployments=["shop"])
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    DeploymentFactory(id="shop")

    here = "/api/v1/deployments/helpdesk"
    answers = [client.get(here), client.get(CONFIG), client.patch(here, {}, format="json"), put(client, {})]
    answers.append(client.put("/api/v1/deployments/new/config", {}, format="json"))

    assert [answer.status_code for answer in answers] == [404] * 5
    assert [row["id"] for row in client.get("/api/v1/deployments").json()["results"]] == ["shop"]
    assert sorted(Deployment.objects.values_list("pk", "enabled")) == [("helpdesk", True), ("shop", True)]


@pytest.mark.parametrize(
    "config",
    [
        FeedbackConfig(),
        FeedbackConfig(
            enabled=True,
            sampling_rate=0.1,
            feedback_types=["thumbs", "flag"],
            storage="s3",
            retention_days=30,
            drift_detection={"enabled": True, "method": "psi", "threshold": 0.1, "window_size": 1000},
            retraining_trigger={"enabled": True, "min_feedback_count": 10_000, "check_interval_hours": 24},
            options={"bucket": "feedback"},
        ),
    ],
)
def test_a_configuration_of_the_ir_is_put_and_read_as_it_is(api, helpdesk, config):
    answer = api.generic("PUT", CONFIG, to_json(config), content_type="application/json")

    assert answer.status_code == 200
    assert from_json(api.get(CONFIG).content, FeedbackConfig) == config
