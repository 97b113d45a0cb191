"""How triggers are configured, over the API and by the layers below."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction

from drift.models import TriggerRule
from drift.triggers import rules
from tests.factories import DeploymentFactory

pytestmark = pytest.mark.django_db
RULES = "/api/v1/deployments/helpdesk/triggers/rules"
NOTHING = {
    "enabled": None,
    "threshold": None,
    "cooldown_seconds": None,
    "feedback_threshold": None,
    "feedback_drop": None,
    "quality_source": None,
}


@pytest.fixture(autouse=True)
def helpdesk():
    return DeploymentFactory(id="helpdesk")


def thresholds(answer):
    return [(rule["name"], rule["enabled"], rule["threshold"]) for rule in answer.json()["triggers"]]


def test_the_defaults_apply_without_overrides(api):
    answer = api.get(RULES)

    assert answer.json()["triggers"] == [
        {
            "name": name,
            "enabled": True,
            "threshold": threshold,
            "cooldown_seconds": 86_400,
            "feedback_threshold": None,
            "feedback_drop": True if name == "quality_drop" else None,
            "quality_source": "checks",
            "own": NOTHING,
            "last_fired_at": None,
        }
        for name, threshold in (
            ("drift_threshold", 0.2),
            ("quality_drop", 0.7),
            ("data_count", 1_000),
            ("scheduled", 86_400),
        )
    ]
    assert TriggerRule.objects.count() == 0


def test_a_change_is_stored_and_null_restores_the_default(api, operator):
    changed = api.patch(
        RULES,
        {"drift_threshold": {"threshold": 0.3, "cooldown_seconds": 3_600}, "data_count": {"enabled": False}},
        format="json",
    )
    again = api.patch(RULES, {"drift_threshold": {"threshold": None}}, format="json")

    drift, _, count, _ = changed.json()["triggers"]
    assert (drift["threshold"], drift["cooldown_seconds"], count["enabled"]) == (0.3, 3_600, False)
    assert drift["own"] == NOTHING | {"threshold": 0.3, "cooldown_seconds": 3_600}
    drift = again.json()["triggers"][0]
    assert (drift["threshold"], drift["cooldown_seconds"]) == (0.2, 3_600)
    log = LogEntry.objects.order_by("pk").values_list("user_id", "object_repr", "change_message")
    assert list(log) == [
        (operator.pk, "Drift of helpdesk", "threshold: default → 0.3; cooldown_seconds: default → 3600"),
        (operator.pk, "Data count of helpdesk", "is_enabled: default → False"),
        (operator.pk, "Drift of helpdesk", "threshold: 0.3 → default"),
    ]


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"drift_threshold": {"threshold": 1.5}}, "drift_threshold.threshold", "out_of_range"),
        ({"data_count": {"threshold": 1.5}}, "data_count.threshold", "out_of_range"),
        ({"scheduled": {"threshold": 59}}, "scheduled.threshold", "out_of_range"),
        ({"scheduled": {"cooldown_seconds": 3_600}}, "scheduled.cooldown_seconds", "out_of_range"),
        ({"quality_drop": {"cooldown_seconds": 59}}, "quality_drop.cooldown_seconds", "out_of_range"),
        ({"quality_drop": {"threshold": "low"}}, "quality_drop.threshold", "invalid"),
        ({"quality_drop": {"threshold": True}}, "quality_drop.threshold", "invalid"),
        ({"quality_drop": {"threshold": "nan"}}, "quality_drop.threshold", "invalid"),
        ({"quality_drop": {"threshold": 10**18}}, "quality_drop.threshold", "out_of_range"),
        ({"quality": {}}, "quality", "unknown_field"),
        ({"quality_drop": {"on": True}}, "quality_drop.on", "unknown_field"),
    ],
)
def test_invalid_rules_are_rejected_by_field_and_change_nothing(api, body, field, code):
    answer = api.patch(RULES, {"scheduled": {"enabled": False}, **body}, format="json")

    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
    assert TriggerRule.objects.count() == 0


def test_a_change_needs_the_permission(api, operator):
    operator.is_superuser = False
    operator.save()

    assert api.patch(RULES, {"scheduled": {"enabled": False}}, format="json").status_code == 403
    assert TriggerRule.objects.count() == 0


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            {"enabled": True, "min_feedback_count": 10_000, "accuracy_threshold": 0.75, "check_interval_hours": 24},
            [
                ("drift_threshold", True, 0.2),
                ("quality_drop", True, 0.75),
                ("data_count", True, 10_000),
                ("scheduled", True, 86_400),
            ],
        ),
        (
            {"enabled": False, "min_feedback_count": None, "reviewers": ["ann"]},
            [
                ("drift_threshold", False, 0.2),
                ("quality_drop", False, 0.7),
                ("data_count", False, 1_000),
                ("scheduled", False, 86_400),
            ],
        ),
    ],
)
def test_the_document_of_the_ir_says_what_counts_and_is_returned_as_it_is(api, helpdesk, document, expected):
    config = "/api/v1/deployments/helpdesk/config"
    api.put(config, {"enabled": True, "retraining_trigger": document}, format="json")

    assert thresholds(api.get(RULES)) == expected
    api.patch(RULES, {"quality_drop": {"threshold": 0.5, "enabled": True}}, format="json")
    assert thresholds(api.get(RULES))[1] == ("quality_drop", True, 0.5)
    assert api.get(config).json()["retraining_trigger"] == document


@pytest.mark.parametrize(
    "values",
    [
        {"name": "drift_threshold", "threshold": 1.01},
        {"name": "quality_drop", "threshold": float("nan")},
        {"name": "data_count", "threshold": 0},
        {"name": "scheduled", "threshold": 59},
        {"name": "scheduled", "cooldown_seconds": 59},
        {"name": "sometimes"},
    ],
)
def test_the_database_rejects_invalid_rules(values):
    with pytest.raises(IntegrityError), transaction.atomic():
        TriggerRule.objects.create(deployment_id="helpdesk", **values)


def test_a_trigger_has_one_row(helpdesk):
    rules.with_rows(helpdesk)
    rules.with_rows(helpdesk)

    assert TriggerRule.objects.count() == 4
    with pytest.raises(IntegrityError), transaction.atomic():
        TriggerRule.objects.create(deployment_id="helpdesk", name="scheduled")
