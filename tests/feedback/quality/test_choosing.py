"""Profiles that a deployment chooses."""

import pytest

from feedback.quality.checks import LENGTH
from feedback.quality.checks.base import Context
from feedback.quality.checks.guarded import Guarded
from feedback.quality.profiles import PROFILES
from feedback.quality.profiles.choosing import Choice, normalised, problems, profile_of
from feedback.quality.scoring import assess
from tests.feedback.quality import own

OWN = {check.name: Guarded(check) for check in (own.POLITE, own.CALLS)}
BOUNDS = Context(20, 4_000)
REFUSAL = "I'm sorry, but I can't help with that."
LOOP = "no " * 400


def profile(**choice):
    return profile_of(Choice(**choice), OWN, BOUNDS)


def scores(text, **choice):
    found = assess("", text, profile=profile(**choice))
    return found.score, {check.name: check.score for check in found.checks}


def test_a_choice_that_changes_nothing_is_the_shipped_profile():
    assert profile() is PROFILES["default"]
    assert profile(weights={"length": 1, "truncation": 0}) is PROFILES["default"]
    assert profile(base="crucible") is PROFILES["crucible"]


def test_weights_excluded_checks_caps_and_bounds_decide_the_total():
    assert scores("Paris")[0] == 0.95
    assert scores("Paris", weights={"length": 5})[0] == 0.875
    assert scores("Paris", weights={"length": 0}) == (
        1.0,
        {"format": 1.0, "length": 0.8, "refusal": 1.0, "repetition": 1.0},
    )
    assert scores("Paris", excluded=("length",)) == (1.0, {"format": 1.0, "refusal": 1.0, "repetition": 1.0})
    assert scores("Paris", min_length=3)[0] == 1.0
    assert scores("a" * 4_000 + " b", max_length=100)[1]["length"] == 0.4
    assert scores(REFUSAL)[0] == pytest.approx(0.15)
    assert scores(REFUSAL, ignored_caps=("full_refusal",))[0] == 0.75


def test_an_own_check_runs_where_it_has_a_weight():
    total, checks = scores("Would you please sit down over there?", weights={"polite": 2})
    assert (total, checks["polite"]) == (1.0, 1.0)
    assert scores("You sit down over there, all of you.", weights={"polite": 4})[0] == 0.625
    assert scores("You sit down over there, all of you.", weights={"polite": 0})[0] == 1.0
    assert "polite" not in scores("Paris")[1]


def test_an_own_check_of_answers_may_not_apply():
    assert "calls" not in scores("Paris", weights={"calls": 1})[1]


def test_an_own_check_reads_the_bounds_of_the_choice():
    found = assess("", "Please.", profile=profile(weights={"polite": 1}, max_length=77))

    assert next(check for check in found.checks if check.name == "polite").details == {"longest": 77}


def test_versions_tell_choices_apart_and_alike_choices_share_one():
    versions = {
        profile(**choice).version
        for choice in (
            {},
            {"weights": {"length": 2}},
            {"weights": {"length": 3}},
            {"excluded": ("length",)},
            {"ignored_caps": ("loop",)},
            {"min_length": 20},
            {"min_length": 21},
            {"weights": {"polite": 1}},
            {"base": "crucible"},
            {"base": "crucible", "excluded": ("length",)},
        )
    }
    one, other = profile(excluded=("format", "length")), profile(excluded=("length", "format", "length"))

    assert len(versions) == 10
    assert all(version.partition(":")[0] in {one.version for one in PROFILES.values()} for version in versions)
    assert one.version == other.version != profile_of(Choice(excluded=("format",)), {}, BOUNDS).version


def test_another_version_of_an_own_check_or_none_is_another_version_of_the_profile():
    chosen = Choice(weights={"polite": 1})
    newer = Guarded(own.Check("polite", "polite-2", own.POLITE.judge))

    found = [profile_of(chosen, own_checks, BOUNDS) for own_checks in (OWN, {"polite": newer}, {})]

    assert len({one.version for one in found}) == 3
    assert [one.has_own_checks for one in found] == [True, True, False]


def test_the_length_check_says_by_which_bounds_it_judged():
    [length] = [check for check in assess("", "Paris", profile=profile(min_length=3)).checks if check.name == "length"]

    assert (length.version, length.details) == (f"{LENGTH.version}:3-4000", {"length": 5, "min": 3, "max": 4_000})


@pytest.mark.parametrize(
    ("choice", "field", "message"),
    [
        ({"base": "mine"}, "base", "base must be one of default, crucible"),
        ({"weights": {"tone": 1}}, "weights", "tone is not a check: format, length, refusal"),
        ({"weights": {"length": -1}}, "weights", "The weight of length must be from 0 to 100"),
        ({"weights": {"length": float("inf")}}, "weights", "The weight of length must be from 0 to 100"),
        ({"weights": {"length": float("nan")}}, "weights", "The weight of length must be from 0 to 100"),
        ({"excluded": ("polite",)}, "excluded", "polite is not a check of default: format"),
        ({"excluded": ("length",), "weights": {"length": 2}}, "excluded", "length is excluded and has a weight"),
        ({"base": "crucible", "ignored_caps": ("loop",)}, "ignored_caps", "loop is not a cap of crucible: none"),
        ({"min_length": -1}, "min_length", "min_length must be from 0 to 1,000,000"),
        ({"max_length": 10}, "max_length", "min_length (20) must not exceed max_length (10)"),
        ({"min_length": 5_000}, "min_length", "min_length (5,000) must not exceed max_length (4,000)"),
        (
            {"base": "crucible", "excluded": ("format", "length", "refusal", "repetition")},
            "weights",
            "At least one check that runs must have a weight above 0",
        ),
    ],
)
def test_a_choice_that_makes_no_sense_has_a_problem(choice, field, message):
    [(found, _, sentence)] = problems(Choice(**choice), OWN, BOUNDS)

    assert found == field
    assert sentence.startswith(message)


def test_a_choice_has_one_shortest_form():
    long = Choice(weights={"repetition": 1, "polite": 1}, excluded=("length", "format", "length"))

    assert normalised(long) == Choice(weights={"polite": 1.0}, excluded=("format", "length"))


def test_a_loop_is_capped_unless_its_cap_is_ignored():
    assert scores(LOOP)[0] < scores(LOOP, ignored_caps=("loop",))[0]
