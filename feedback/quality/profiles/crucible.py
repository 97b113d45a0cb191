"""The checks of the Elixir library CrucibleFeedback 0.2, number for number. They are this profile's alone."""

import re2

from feedback.quality.checks.base import Check, Context
from feedback.quality.checks.format import is_json
from feedback.quality.checks.length import grapheme_count
from feedback.quality.checks.repetition import word_repetition
from feedback.quality.profiles.base import Profile
from feedback.quality.results import CheckResult

_VERSION = "crucible-1"
_REFUSAL = re2.compile(r"(?i)I cannot|I can't|I'm unable to|I apologize, but|As an AI|I don't have the ability")


def _format(prompt: str, response: str, context: Context) -> CheckResult:
    fences = response.count("```")
    if is_json(response):
        name, score = "json", 1.0
    elif fences and fences % 2 == 0:
        name, score = "markdown", 0.9
    else:
        name, score = "plain", 0.7
    return CheckResult("format", score, True, {"format": name, "valid": True}, _VERSION)


def _length(prompt: str, response: str, context: Context) -> CheckResult:
    length, shortest, longest = grapheme_count(response), context.min_length, context.max_length
    too_short, too_long = length < shortest, length > longest
    passed = not (too_short or too_long)
    details = {"length": length, "min": shortest, "max": longest, "too_short": too_short, "too_long": too_long}
    return CheckResult("length", 1.0 if passed else 0.4, passed, details, _VERSION)


def _refusal(prompt: str, response: str, context: Context) -> CheckResult:
    match = _REFUSAL.search(response)
    details = {"refusal": "full" if match else "none", "span": list(match.span()) if match else None}
    return CheckResult("refusal", 0.3 if match else 1.0, match is None, details, _VERSION)


def _repetition(prompt: str, response: str, context: Context) -> CheckResult:
    ratio = word_repetition(response)
    score = max(0.0, 1 - ratio)
    return CheckResult("repetition", score, score >= 0.7, {"repetition_ratio": ratio}, _VERSION)


_JUDGES = {"format": _format, "length": _length, "refusal": _refusal, "repetition": _repetition}
PROFILE = Profile(
    "crucible",
    version=_VERSION,
    checks=tuple(Check(name, _VERSION, judge) for name, judge in _JUDGES.items()),
    weights=dict.fromkeys(_JUDGES, 1),
    reads_raw_text=True,
)
