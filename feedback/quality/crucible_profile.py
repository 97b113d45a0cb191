"""The checks of the Elixir library CrucibleFeedback 0.2, number for number."""

import re2

from feedback.quality.formats import is_json
from feedback.quality.lengths import grapheme_count
from feedback.quality.repetition import word_repetition
from feedback.quality.results import CheckResult

VERSION = "crucible-1"
_REFUSAL = re2.compile(r"(?i)I cannot|I can't|I'm unable to|I apologize, but|As an AI|I don't have the ability")


def checks(response: str, min_length: int, max_length: int) -> tuple[CheckResult, ...]:
    text = response.encode("utf-8", "replace").decode()
    return (_format(text), _length(text, min_length, max_length), _refusal(text), _repetition(text))


def _format(text: str) -> CheckResult:
    fences = text.count("```")
    if is_json(text):
        name, score = "json", 1.0
    elif fences and fences % 2 == 0:
        name, score = "markdown", 0.9
    else:
        name, score = "plain", 0.7
    return CheckResult("format", score, True, {"format": name, "valid": True}, VERSION)


def _length(text: str, min_length: int, max_length: int) -> CheckResult:
    length = grapheme_count(text)
    too_short, too_long = length < min_length, length > max_length
    passed = not (too_short or too_long)
    details = {"length": length, "min": min_length, "max": max_length, "too_short": too_short, "too_long": too_long}
    return CheckResult("length", 1.0 if passed else 0.4, passed, details, VERSION)


def _refusal(text: str) -> CheckResult:
    match = _REFUSAL.search(text)
    details = {"refusal": "full" if match else "none", "span": list(match.span()) if match else None}
    return CheckResult("refusal", 0.3 if match else 1.0, match is None, details, VERSION)


def _repetition(text: str) -> CheckResult:
    ratio = word_repetition(text)
    score = max(0.0, 1 - ratio)
    return CheckResult("repetition", score, score >= 0.7, {"repetition_ratio": ratio}, VERSION)
