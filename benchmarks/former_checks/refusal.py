"""The check as it was before: a peer to measure beside."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import re2

from feedback.quality.checks import refusal_phrases
from feedback.quality.checks.base import Check, Context
from feedback.quality.results import CheckResult
from feedback.quality.screening import matches

_NAME, _VERSION = ("refusal", "refusal-3")
_SCORES = {"none": 1.0, "partial": 0.5, "full": 0.0}
_OPENING = 400
_REFUSAL = re2.compile(refusal_phrases.REFUSAL)
_WITHOUT_KNOWLEDGE = re2.compile(refusal_phrases.WITHOUT_KNOWLEDGE)
_POSSIBLE = re2.compile(f"{refusal_phrases.REFUSAL}|{refusal_phrases.WITHOUT_KNOWLEDGE}")
_HELP = re2.compile(refusal_phrases.HELP)
_QUOTES = "\"'“‘«「"


@dataclass(frozen=True, slots=True)
class Refusal:
    extent: str
    span: tuple[int, int] | None


_NO_REFUSAL = Refusal("none", None)


def judge(prompt: str, response: str, context: Context) -> CheckResult:
    return _judged(find_refusal(response))


def judge_many(prompts: Sequence[str], responses: Sequence[str], context: Context) -> list[CheckResult]:
    possible = matches(_POSSIBLE, [response[:_OPENING] for response in responses])
    return [
        _judged(_found(response) if is_possible else _NO_REFUSAL)
        for response, is_possible in zip(responses, possible, strict=True)
    ]


def find_refusal(response: str) -> Refusal:
    return _found(response) if _POSSIBLE.search(response[:_OPENING]) else _NO_REFUSAL


def _found(response: str) -> Refusal:
    opening = response[:_OPENING]
    span = _spoken(_REFUSAL, opening)
    if span:
        return Refusal("partial" if _HELP.search(response) else "full", span)
    span = _spoken(_WITHOUT_KNOWLEDGE, opening)
    return Refusal("partial", span) if span else _NO_REFUSAL


def _spoken(phrase: re.Pattern[str], text: str) -> tuple[int, int] | None:
    match = phrase.search(text)
    if match is None or (match.start() and text[match.start() - 1] in _QUOTES):
        return None
    return match.span()


def _judged(refusal: Refusal) -> CheckResult:
    details = {"refusal": refusal.extent, "span": list(refusal.span) if refusal.span else None}
    return CheckResult(_NAME, _SCORES[refusal.extent], refusal.extent == "none", details, _VERSION)


REFUSAL = Check(_NAME, _VERSION, judge, judge_many)
