"""A threshold of approval is suggested from the deployment's own history, over the API and in the console."""

from datetime import timedelta

import pytest
from django.urls import reverse

from drift.models import TriggerRule
from drift.triggers import rules
from feedback.models import Deployment
from tests.drift.triggers.evidenced import NOW, audits, evidence

RULES = "/api/v1/deployments/helpdesk/triggers/rules"
NOTHING = {"value": None, "approval": None, "low": None, "high": None, "level": 0.95, "days": 30}


@pytest.fixture(autouse=True)
def deployment(db, time_machine):
    time_machine.move_to(NOW, tick=False)
    return Deployment.objects.create(id="helpdesk")


def suggestion(api):
    return api.get(RULES).json()["suggested_feedback_threshold"]


def test_a_suggestion_lies_ten_points_below_the_interval_of_approval(api):
    evidence([number % 4 != 0 for number in range(400)])

    found = suggestion(api)

    assert found == {
        "value": 0.6,
        "approval": pytest.approx(0.75),
        "low": pytest.approx(0.70506, abs=1e-5),
        "high": pytest.approx(0.79013, abs=1e-5),
        "level": 0.95,
        "events": 400,
        "users": 400,
        "days": 30,
        "reason": "Suggested: 0.60, from the votes of 400 users on 400 events of the last 30 days. Approval was 0.750"
        " (0.705 to 0.790, 95 %); the suggestion is 10 points below the lower end, rounded down.",
    }


@pytest.mark.parametrize(
    ("events", "users", "reason"),
    [
        (0, None, "the votes of 0 users on 0 events of the last 30 days"),
        (1, None, "the votes of 1 user on 1 event of the last 30 days"),
        (99, 99, "the votes of 99 users on 99 events of the last 30 days"),
        (300, 19, "the votes of 19 users on 300 events of the last 30 days"),
    ],
)
def test_few_votes_are_not_enough_for_a_suggestion(api, events, users, reason):
    evidence([True] * events, users=users)

    assert suggestion(api) == NOTHING | {
        "events": events,
        "users": users or events,
        "reason": f"Not enough data for a suggestion: {reason}; at least 100 events and 20 users are needed.",
    }


def test_votes_of_more_than_thirty_days_ago_suggest_nothing(api):
    evidence([True] * 300, before=timedelta(days=30))

    assert (suggestion(api)["value"], suggestion(api)["events"]) == (None, 0)


def test_nothing_is_suggested_below_an_approval_near_zero(api):
    evidence([False] * 300)

    found = suggestion(api)

    assert (found["value"], found["approval"], found["events"]) == (None, 0.0, 300)
    assert found["reason"].startswith("No suggestion: approval is too low.")


def test_the_form_of_quality_drop_asks_few_queries(console, django_assert_max_num_queries):
    evidence([True] * 200, version="v1")
    audits([1.0] * 20, version="v1")
    quality_drop = rules.with_rows(Deployment.objects.get())[1].row

    with django_assert_max_num_queries(12):
        page = console.get(reverse("admin:drift_triggerrule_change", args=[quality_drop.pk]))

    assert "20 audits of v1" in page.content.decode()


def test_the_form_of_quality_drop_explains_its_conditions_and_suggests_a_value(console):
    evidence([number % 4 != 0 for number in range(400)])
    quality_drop = rules.with_rows(Deployment.objects.get())[1].row
    address = reverse("admin:drift_triggerrule_change", args=[quality_drop.pk])

    page = console.get(address).content.decode()
    answer = console.post(address, {"feedback_threshold": "0.6", "feedback_drop": "False"})

    for words in (
        "the share of votes for the answers (0 to 1)",
        "Off by default",
        "On by default.",
        "Suggested: 0.60, from the votes of 400 users on 400 events of the last 30 days.",
    ):
        assert words in page
    assert answer.status_code == 302
    quality_drop.refresh_from_db()
    assert (quality_drop.feedback_threshold, quality_drop.feedback_drop) == (0.6, False)


def test_a_threshold_of_approval_beyond_one_is_rejected(console):
    quality_drop = rules.with_rows(Deployment.objects.get())[1].row

    answer = console.post(
        reverse("admin:drift_triggerrule_change", args=[quality_drop.pk]), {"feedback_threshold": "62"}
    )

    assert "The feedback_threshold must be a share of approval from 0 to 1." in answer.content.decode()
    assert TriggerRule.objects.get(pk=quality_drop.pk).feedback_threshold is None


@pytest.mark.parametrize("number", [0, 2, 3])
def test_other_triggers_have_no_conditions_on_feedback(console, number):
    row = rules.with_rows(Deployment.objects.get())[number].row

    page = console.get(reverse("admin:drift_triggerrule_change", args=[row.pk])).content.decode()

    assert "feedback_threshold" not in page
    assert "feedback_drop" not in page
