"""The page of an evaluation of quality drop shows its conditions, and which one fired."""

import re

import pytest
from django.urls import reverse

from tests.drift.factories import TriggerEvaluationFactory

pytestmark = pytest.mark.django_db
FORM = {"name": "form", "value": 0.81673, "threshold": 0.7, "events": 1_300, "users": None, "reason": "Not below it."}
BELOW = {
    "name": "feedback_threshold",
    "value": 0.6,
    "threshold": 0.7,
    "events": 950,
    "users": 1_040,
    "reason": "Below.",
}
FALLEN = {"name": "feedback_drop", "value": 0.5, "threshold": 0.63, "events": 500, "users": 480, "reason": "Fallen."}
INTERVALS = (
    {"of": "mean", "low": 0.81, "high": 0.8234, "level": 0.95},
    {"of": "approval", "low": None, "high": 0.6254, "level": 0.95},
    {"of": "fall", "low": -0.0791, "high": None, "level": 0.99},
)


def conditions(console, *arms, **fields):
    evaluation = TriggerEvaluationFactory(name="quality_drop", details={"arms": arms}, **fields)
    page = console.get(reverse("admin:drift_triggerevaluation_change", args=[evaluation.pk])).content.decode()
    panels = re.findall(r'<section class="cf-panel".*?</section>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", panel).split()) for panel in panels]


def arm(facts, outcome, interval=None):
    return {**facts, "outcome": outcome, "interval": interval}


def test_conditions_stand_with_their_figures_in_the_order_in_which_they_count(console):
    shown = conditions(
        console,
        arm(FORM, "quiet", INTERVALS[0]),
        arm(BELOW, "fired", INTERVALS[1]),
        arm(FALLEN, "fired", INTERVALS[2]),
    )

    assert shown == [
        "Form: mean of the checks Does not hold Not below it. Value 0.817 Threshold 0.700"
        " Interval Mean of the checks: 0.810 to 0.823 (95 %) Events 1,300 Users –",
        "Feedback: approval below a threshold Fired Below. Value 0.600 Threshold 0.700"
        " Interval Approval: at most 0.625 (95 %) Events 950 Users 1,040",
        "Feedback: fall of approval Holds Fallen. Value 0.500 Threshold 0.630"
        " Interval Fall of approval: at least −0.079 (99 %) Events 500 Users 480",
    ]


def test_a_condition_that_holds_in_the_cooldown_has_not_fired(console):
    (shown,) = conditions(console, arm(FALLEN, "fired"), fired=False, outcome="cooldown")

    assert shown.startswith("Feedback: fall of approval Holds Fallen.")


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        ("no_data", "Not enough data Fallen. Value 0.500 Threshold 0.630 Interval – Events 500 Users 480"),
        ("off", "Off Fallen."),
    ],
)
def test_a_condition_without_data_says_so_and_one_that_is_off_has_no_figures(console, outcome, text):
    assert conditions(console, arm(FALLEN, outcome), fired=False) == [f"Feedback: fall of approval {text}"]


def test_conditions_of_an_earlier_version_have_no_interval(console):
    (shown,) = conditions(console, {**FORM, "outcome": "quiet"}, fired=False)

    assert "Interval – Events 1,300" in shown


def test_other_triggers_have_no_conditions(console):
    evaluation = TriggerEvaluationFactory()

    page = console.get(reverse("admin:drift_triggerevaluation_change", args=[evaluation.pk])).content.decode()

    assert "cf-columns" not in page
