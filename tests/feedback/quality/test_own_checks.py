"""Checks of the installation's own: how they are named, and what happens when they misbehave."""

import threading
import time

import pytest

from feedback.quality import own_checks
from feedback.quality.answers import Answer
from feedback.quality.checks import contract
from feedback.quality.checks.base import Check, Context
from feedback.quality.checks.guarded import SUSPENDED_SECONDS, Guarded
from feedback.quality.profiles.choosing import Choice, profile_of
from feedback.quality.results import CheckResult, Failed
from feedback.quality.scoring import assess_many
from tests.feedback.quality import own

PATH = "tests.feedback.quality.own."


def judged(check, *texts, seconds=5.0):
    return Guarded(check, seconds).results([""] * len(texts), texts, Context())


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        (own.RAISING, "raised ValueError"),
        (own.EXITING, "raised SystemExit"),
        (own.PROSE, "no result"),
        (own.NOTHING, "no result"),
        (own.TOO_HIGH, "score out of range"),
        (own.NO_NUMBER, "score out of range"),
        (own.OF_ANOTHER, "another check's result"),
        (own.UNSTORABLE, "unusable details"),
        (own.LONG, "unusable details"),
    ],
    ids=lambda given: getattr(given, "name", given),
)
def test_a_check_that_misbehaves_is_missing_and_the_others_count(check, reason):
    profile = profile_of(Choice(weights={check.name: 5}), {check.name: Guarded(check)}, Context())

    found = assess_many([""] * 2, ["Paris", "The parcel left on Monday."], profile=profile)

    assert [assessment.score for assessment in found] == [0.95, 1.0]
    assert [assessment.failures for assessment in found] == [(Failed(check.name, reason),)] * 2
    assert check.name not in {result.name for result in found[0].checks}


@pytest.mark.parametrize("check", [own.SLEEPING, own.ENDLESS], ids=lambda check: check.name)
def test_a_slow_check_is_given_up_and_not_asked_for_a_minute(check):
    now = [1_000.0]
    guarded = Guarded(check, 0.05, clock=lambda: now[0])

    began = time.monotonic()
    first, second = guarded.results([""], ["a"], Context()), guarded.results([""] * 2, ["a", "b"], Context())

    assert time.monotonic() - began < 0.9
    assert first == [Failed(check.name, "too slow")]
    assert second == [Failed(check.name, "suspended")] * 2
    for thread in threading.enumerate():
        if thread.name == f"check {check.name}":
            thread.join(10)
            assert not thread.is_alive()
    now[0] += SUSPENDED_SECONDS
    assert guarded.results([""], ["a"], Context()) == [Failed(check.name, "too slow")]


def test_what_a_slow_check_judged_in_time_counts():
    def judge(prompt, response, context):
        if response == "slow":
            time.sleep(1)
        return CheckResult("slow", 0.5, True, {}, "1")

    first, *others = judged(Check("slow", "1", judge), "fast", "slow", "fast", seconds=0.2)

    assert first.score == 0.5
    assert others == [Failed("slow", "too slow")] * 2


def test_a_check_for_many_that_raises_judges_each_answer_by_itself():
    def judge_many(prompts, responses, context):
        raise IndexError

    check = Check("polite", "polite-1", own.POLITE.judge, judge_many)

    assert [result.score for result in judged(check, "Please.", "Sit.")] == [1.0, 0.25]


def test_a_check_for_many_judges_all_at_once():
    calls = []

    def judge_many(prompts, responses, context):
        calls.append(len(responses))
        return [own.POLITE.judge("", response, context) for response in responses]

    check = Check("polite", "polite-1", own.POLITE.judge, judge_many)

    assert [result.score for result in judged(check, "Please.", "Sit.")] == [1.0, 0.25]
    assert calls == [2]


def test_a_check_of_answers_applies_or_not():
    answers = [Answer("Hello"), Answer("", calls=contract.ANSWERS[-8].calls)]

    assert [result and result.details for result in Guarded(own.CALLS).results(answers)] == [None, {"n": 1}]


def test_the_checks_of_the_settings_are_loaded_by_name(settings):
    settings.QUALITY_CHECKS = {"polite": f"{PATH}POLITE", "calls": f"{PATH}CALLS"}

    assert list(own_checks.problems()) == []
    assert list(own_checks.broken_promises()) == []
    assert {name: guarded.check for name, guarded in own_checks.own_checks().items()} == {
        "polite": own.POLITE,
        "calls": own.CALLS,
    }


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ([], "QUALITY_CHECKS must be a JSON object of dotted paths by name"),
        ({"Polite!": f"{PATH}POLITE"}, "QUALITY_CHECKS, Polite!: a name has 1 to 32 characters of a-z 0-9 _"),
        ({"length": f"{PATH}POLITE"}, "QUALITY_CHECKS, length: a shipped check has this name."),
        ({"polite": 3}, "QUALITY_CHECKS, polite: write the dotted path of a Check or AnswerCheck"),
        ({"polite": "POLITE"}, "QUALITY_CHECKS, polite: write the dotted path of a Check or AnswerCheck"),
        ({"polite": "no_module.POLITE"}, "QUALITY_CHECKS, polite: no_module.POLITE cannot be imported: ModuleNotFound"),
        ({"polite": f"{PATH}ABSENT"}, f"QUALITY_CHECKS, polite: {PATH}ABSENT cannot be imported: ImportError"),
        ({"polite": f"{PATH}_polite"}, f"QUALITY_CHECKS, polite: {PATH}_polite is a function, not a Check"),
        ({"misnamed": f"{PATH}MISNAMED"}, f"QUALITY_CHECKS, misnamed: {PATH}MISNAMED calls itself polite."),
        ({"no_version": f"{PATH}NO_VERSION"}, f"QUALITY_CHECKS, no_version: {PATH}NO_VERSION: its version must be"),
    ],
)
def test_a_bad_entry_is_named_in_one_sentence_and_loads_nothing(settings, entries, sentence):
    settings.QUALITY_CHECKS = entries

    [problem] = own_checks.problems()

    assert problem.startswith(sentence)
    assert own_checks.own_checks() == {}


def test_a_limit_of_no_seconds_is_a_problem(settings):
    settings.QUALITY_CHECK_SECONDS = 0

    assert list(own_checks.problems()) == ["QUALITY_CHECK_SECONDS must be above 0."]


def test_what_a_loaded_check_does_wrong_is_found_by_trying(settings):
    settings.QUALITY_CHECKS = {"raising": f"{PATH}RAISING", "too_high": f"{PATH}TOO_HIGH"}

    assert list(own_checks.broken_promises()) == [
        "QUALITY_CHECKS, raising: it raises ValueError for ''.",
        "QUALITY_CHECKS, too_high: its score is not from 0 to 1 for ''.",
    ]
