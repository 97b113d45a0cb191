"""Checks as an installation may have them: a good one, and one for each way of being bad."""

import time

from feedback.quality.checks.base import AnswerCheck, Check
from feedback.quality.results import CheckResult


def _polite(prompt, response, context):
    is_polite = "please" in response.lower()
    return CheckResult("polite", 1.0 if is_polite else 0.25, is_polite, {"longest": context.max_length}, "polite-1")


def _calls(answer):
    return CheckResult("calls", 1.0, True, {"n": len(answer.calls)}, "calls-1") if answer.calls else None


def _raising(prompt, response, context):
    raise ValueError(response)


def _exiting(prompt, response, context):
    raise SystemExit(1)


def _sleeping(prompt, response, context):
    time.sleep(1.0)
    return CheckResult("sleeping", 1.0, True, {}, "1")


def _endless(prompt, response, context):
    while True:
        pass


def _returning(name, result):
    return Check(name, "1", lambda prompt, response, context: result)


def _result(name, score=1.0, details=None, **given):
    return CheckResult(name, score, True, details or {}, "1", **given)


POLITE = Check("polite", "polite-1", _polite)
CALLS = AnswerCheck("calls", "calls-1", _calls, lambda answers: [bool(answer.calls) for answer in answers])
RAISING = Check("raising", "1", _raising)
EXITING = Check("exiting", "1", _exiting)
SLEEPING = Check("sleeping", "1", _sleeping)
ENDLESS = Check("endless", "1", _endless)
PROSE = _returning("prose", "I would say 0.8.")
NOTHING = _returning("nothing", None)
TOO_HIGH = _returning("too_high", _result("too_high", 1.5))
NO_NUMBER = _returning("no_number", _result("no_number", float("nan")))
OF_ANOTHER = _returning("of_another", _result("length"))
UNSTORABLE = _returning("unstorable", _result("unstorable", details={"text": "a\x00b"}))
LONG = _returning("long", _result("long", details={"text": "a" * 5_000}))
MISNAMED = POLITE
NO_VERSION = Check("no_version", "", _polite)
