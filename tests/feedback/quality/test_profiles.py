"""How profiles total what checks find."""

import doctest
import importlib
import inspect
import json
import pkgutil

import pytest

from feedback import quality
from feedback.quality import assessment
from feedback.quality.checks import CHECKS
from feedback.quality.checks.base import Check
from feedback.quality.profiles import PROFILES, default
from feedback.quality.profiles.base import CapRule, Profile
from feedback.quality.results import Cap, CheckResult
from feedback.quality.scoring import assess

LOOP = "no " * 400
REFUSAL = "I'm sorry, but I can't help with that."
NUMBERED = "".join(f"w{number} " for number in range(1200))


@pytest.mark.parametrize(
    ("response", "default_total", "crucible_total"),
    [
        ("", 0.0, 0.775),
        ("Paris", 0.95, 0.775),
        (REFUSAL, 0.15000000000000002, 0.75),
        ((REFUSAL + " ") * 30, 0.11050420168067226, 0.5084033613445378),
        ("I can't.", 0.15000000000000002, 0.6000000000000001),
        ('{"error": "I cannot help with that."', 0.825, 0.75),
        ("I don't have access to your calendar.", 0.875, 0.925),
        (LOOP, 0.37578517587939697, 0.6756281407035176),
        (f"```\n{LOOP}", 0.3265664160401003, 0.6762531328320802),
        ("yes, never again, " * 900, 0.3503474796145293, 0.5252779836916235),
        ("one two three four five six " * 2 + "seven eight nine", 0.9663461538461539, 0.8480769230769232),
        (NUMBERED, 0.9142305797339465, 0.775),
        ("抱歉，我无法提供这方面的帮助。", 0.15000000000000002, 0.775),
        ("A lone surrogate \ud800 is replaced before it is read.", 1.0, 0.925),
    ],
)
def test_totals_are_those_of_version_default_2_and_crucible_1(response, default_total, crucible_total):
    assert assess("", response).score == default_total
    assert assess("", response, profile="crucible").score == crucible_total


@pytest.mark.parametrize(
    ("response", "scores", "caps"),
    [
        ("", (0, 0, 1, 1), [("empty_response", 0)]),
        (REFUSAL, (1, 1, 0, 1), [("full_refusal", 0.2)]),
        (LOOP, (1, 1, 1, 0.003140703517587884), [("loop", 0.5)]),
        ((REFUSAL + " ") * 30, (1, 1, 0, 0.042016806722689065), [("full_refusal", 0.2), ("loop", 0.5)]),
        ('{"a": 1,}', (0.3, 0.8, 1, 1), []),
    ],
)
def test_a_check_has_its_own_score_whatever_caps_the_total(response, scores, caps):
    assessed = assess("", response)

    assert tuple(check.score for check in assessed.checks) == scores
    assert [(cap.name, cap.at) for cap in assessed.caps] == caps
    assert assess("", response, profile="crucible").caps == []


def test_versions_name_the_measure_that_gave_a_score():
    versions = {
        name: (profile.version, {check.name: check.version for check in profile.checks})
        for name, profile in PROFILES.items()
    }

    assert versions["default"] == (
        "default-5",
        {
            "format": "format-4",
            "length": "length-3",
            "refusal": "refusal-4",
            "repetition": "repetition-4",
            "tool_calls": "tool_calls-1",
            "structured_output": "structured_output-1",
            "truncation": "truncation-1",
            "no_answer": "no_answer-1",
        },
    )
    assert versions["crucible"] == (
        "crucible-1",
        dict.fromkeys(("format", "length", "refusal", "repetition"), "crucible-1"),
    )
    assert {name: assess("", "Yes.", profile=name).version for name in PROFILES} == {
        "default": "default-5",
        "crucible": "crucible-1",
    }


def check_of(name, score, **details):
    result = CheckResult(name, score, score > 0.5, details, "1")
    return Check(name, "1", judge=lambda prompt, response, context: result)


def assessed_by(profile):
    return profile.assessment(tuple(check.judge("", "", None) for check in profile.checks))


@pytest.mark.parametrize(
    ("weights", "caps", "total"),
    [
        ({"form": 1, "facts": 1}, [], 0.75),
        ({"form": 3, "facts": 1}, [], 0.875),
        ({"form": 1}, [], 1.0),
        ({"form": 1, "facts": 1}, [0.8], 0.65),
        ({"form": 1, "facts": 1}, [0.8, 0.25], 0.25),
        ({"form": 3, "facts": 1}, [0.4], 0.4),
    ],
)
def test_a_profile_weighs_its_checks_and_caps_the_total(weights, caps, total):
    rules = [CapRule("facts", Cap(f"cap {at}", at), lambda details: details["wrong"]) for at in caps]
    rules.append(CapRule("form", Cap("never", 0.0), lambda details: "wrong" in details))
    checks = (check_of("form", 1.0), check_of("facts", 0.5, wrong=True))

    found = assessed_by(Profile("strict", "1", checks, weights, tuple(rules)))

    assert found.score == pytest.approx(total)
    assert [check.score for check in found.checks] == [1.0, 0.5]
    assert {cap.at for cap in found.caps} == ({min(caps)} if caps else set())


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_what_a_profile_names_exists(profile):
    names = [check.name for check in profile.checks]

    assert len(set(names)) == len(names)
    assert set(profile.weights) <= set(names)
    assert {rule.check for rule in profile.caps} <= set(names)
    assert PROFILES[profile.name] is profile
    assert default.PROFILE.checks == CHECKS


def test_a_cap_is_stored_with_the_check_that_found_it(db):
    row = {"id": "1", "deployment_id": "helpdesk", "prompt": "", "response": REFUSAL}

    score = assessment.score_row(row)

    assert row["quality_score"] == score["score"] == 0.15000000000000002
    assert [check.get("cap") for check in json.loads(score["checks"])] == [
        None,
        None,
        {"name": "full_refusal", "at": 0.2},
        None,
    ]
    assert set(json.loads(score["checks"])[0]) == {"name", "score", "passed", "details", "version"}


KERNELS = [
    importlib.import_module(found.name)
    for found in pkgutil.walk_packages(quality.__path__, "feedback.quality.")
    if found.name.removeprefix("feedback.quality.") not in ("assessment", "chosen", "own_checks")
]


@pytest.mark.parametrize("module", KERNELS, ids=lambda module: module.__name__.removeprefix("feedback.quality."))
def test_public_functions_are_documented_with_an_example_that_runs(module):
    functions = [
        function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_") and function.__module__ == module.__name__
    ]

    found = doctest.testmod(module)

    assert found.failed == 0
    for function in functions:
        for heading in ("Parameters\n", "Returns\n", "Examples\n", ">>> "):
            assert heading in function.__doc__
