"""The same four checks with the original's measured failures mended.

A score must say how much use a response is, so a cap holds for all four checks alike, however tidy the response is:
0 for an empty one, 0.2 for a full refusal, 0.5 for an endless loop. Their means (0, at most 0.15, at most 0.5) lie
below the quality trigger at 0.7 and count as hard examples.
"""

from msgspec.structs import replace

from feedback.quality.formats import fenced_json, fences_are_closed, has_markdown, is_json, starts_json
from feedback.quality.lengths import grapheme_count
from feedback.quality.refusals import NO_REFUSAL, could_refuse, find_refusal
from feedback.quality.repetition import repetition
from feedback.quality.results import CheckResult
from feedback.quality.screening import Screened, readable

VERSION = "default-2"
_EMPTY_CAP = 0.0
_REFUSED_CAP = 0.2
_LOOP_CAP = 0.5
_LOOP_REPETITION = 0.75
_REFUSAL_SCORES = {"none": 1.0, "partial": 0.5, "full": 0.0}
_BROKEN_FORMAT = 0.3
_TOO_SHORT = 0.8
_LOWEST_TOO_LONG = 0.4
_ORDINARY_REPETITION = 0.2
_LARGEST_REPETITION = 0.5


def checks(
    response: str, min_length: int, max_length: int, screened: Screened | None = None
) -> tuple[CheckResult, ...]:
    """screened: what a search over many responses has found of this one; without it the response is searched here."""
    text = readable(response)
    screened = screened or Screened(has_markdown(text), could_refuse(text))
    results = (
        _format(text, screened.has_markdown),
        _length(text.strip(), min_length, max_length),
        _refusal(text, screened.could_refuse),
        _repetition(text),
    )
    cap = _cap(*results)
    if cap == 1:
        return results
    return tuple(replace(result, score=min(result.score, cap)) for result in results)


def _cap(form: CheckResult, length: CheckResult, refusal: CheckResult, repetitions: CheckResult) -> float:
    if form.details["format"] == "empty":
        return _EMPTY_CAP
    if refusal.details["refusal"] == "full":
        return _REFUSED_CAP
    return _LOOP_CAP if repetitions.details["repetition_ratio"] >= _LOOP_REPETITION else 1.0


def _format(text: str, is_markdown: bool) -> CheckResult:
    name, valid = _format_of(text, is_markdown)
    return CheckResult("format", 1.0 if valid else _BROKEN_FORMAT, valid, {"format": name, "valid": valid}, VERSION)


def _format_of(text: str, is_markdown: bool) -> tuple[str, bool]:
    if not text.strip():
        return "empty", False
    if starts_json(text):
        return "json", is_json(text)
    fenced = fenced_json(text)
    if fenced is not None:
        return "json", is_json(fenced)
    if not fences_are_closed(text):
        return "markdown", False
    return ("markdown" if is_markdown else "plain"), True


def _length(text: str, min_length: int, max_length: int) -> CheckResult:
    length = grapheme_count(text)
    details = {"length": length, "min": min_length, "max": max_length}
    if length < min_length:
        return CheckResult("length", _TOO_SHORT, False, details, VERSION)
    score = 1.0 if length <= max_length else max(_LOWEST_TOO_LONG, max_length / length)
    return CheckResult("length", score, length <= max_length, details, VERSION)


def _refusal(text: str, is_possible: bool) -> CheckResult:
    refusal = find_refusal(text) if is_possible else NO_REFUSAL
    details = {"refusal": refusal.extent, "span": list(refusal.span) if refusal.span else None}
    return CheckResult("refusal", _REFUSAL_SCORES[refusal.extent], refusal.extent == "none", details, VERSION)


def _repetition(text: str) -> CheckResult:
    """Songs and tables repeat up to about half of their trigrams; loops of language models repeat more."""
    ratio = repetition(text)
    score = min(1.0, max(0.0, (1 - ratio) / (1 - _ORDINARY_REPETITION)))
    return CheckResult("repetition", score, ratio < _LARGEST_REPETITION, {"repetition_ratio": ratio}, VERSION)
