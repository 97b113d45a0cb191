"""Whether a response refuses what it was asked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import re2

from feedback.quality.checks import refusal_phrases
from feedback.quality.checks.base import Check, Context
from feedback.quality.results import CheckResult
from feedback.quality.screening import matches

_NAME, _VERSION = "refusal", "refusal-3"
_SCORES = {"none": 1.0, "partial": 0.5, "full": 0.0}
# A refusal opens a response. Further on the same words mostly belong to a story, a quotation or to good advice.
_OPENING = 400
_REFUSAL = re2.compile(refusal_phrases.REFUSAL)
_WITHOUT_KNOWLEDGE = re2.compile(refusal_phrases.WITHOUT_KNOWLEDGE)
# What every refusal matches somewhere in its opening.
_POSSIBLE = re2.compile(f"{refusal_phrases.REFUSAL}|{refusal_phrases.WITHOUT_KNOWLEDGE}")
_HELP = re2.compile(refusal_phrases.HELP)
_QUOTES = "\"'“‘«「"


@dataclass(frozen=True, slots=True)
class Refusal:
    """How far a response refuses ("none", "partial" or "full") and where it says so, in code points."""

    extent: str
    span: tuple[int, int] | None


_NO_REFUSAL = Refusal("none", None)


def judge(prompt: str, response: str, context: Context) -> CheckResult:
    """Judge whether a response refuses.

    Parameters
    ----------
    prompt, context
        Not read.
    response : str
        Text without lone surrogates.

    Returns
    -------
    CheckResult
        Score 1 without a refusal, 0.5 for a partial one, 0 for a full one. details: `refusal` ("none", "partial" or
        "full") and `span`, its start and end in code points.

    Examples
    --------
    >>> judge("", "Sorry, I can't help with that.", Context()).details
    {'refusal': 'full', 'span': [0, 14]}
    """
    return _judged(find_refusal(response))


def judge_many(prompts: Sequence[str], responses: Sequence[str], context: Context) -> list[CheckResult]:
    """Judge many responses as `judge` does each.

    Parameters
    ----------
    prompts, context
        Not read.
    responses : sequence of str
        Texts without lone surrogates.

    Returns
    -------
    list of CheckResult
        In the order of the responses.

    Examples
    --------
    >>> [result.score for result in judge_many(["", ""], ["Of course.", "I can't help with that."], Context())]
    [1.0, 0.0]
    """
    possible = matches(_POSSIBLE, [response[:_OPENING] for response in responses])
    return [
        _judged(_found(response) if is_possible else _NO_REFUSAL)
        for response, is_possible in zip(responses, possible, strict=True)
    ]


def find_refusal(response: str) -> Refusal:
    """Find out whether a response refuses what it was asked, and where.

    Parameters
    ----------
    response : str
        Text without lone surrogates.

    Returns
    -------
    Refusal
        "full": it opens with a refusal and no help follows; "partial": it helps nevertheless, or pleads lack of
        knowledge.

    Notes
    -----
    Only the first 400 characters can hold a refusal; help may stand anywhere.

    Examples
    --------
    >>> find_refusal("I don't have access to your calendar.")
    Refusal(extent='partial', span=(0, 19))
    """
    return _found(response) if _POSSIBLE.search(response[:_OPENING]) else _NO_REFUSAL


def _found(response: str) -> Refusal:
    opening = response[:_OPENING]
    span = _spoken(_REFUSAL, opening)
    if span:
        return Refusal("partial" if _HELP.search(response) else "full", span)
    span = _spoken(_WITHOUT_KNOWLEDGE, opening)
    return Refusal("partial", span) if span else _NO_REFUSAL


def _spoken(phrase: re.Pattern[str], text: str) -> tuple[int, int] | None:
    """Return where the response itself says the phrase, not someone it quotes."""
    match = phrase.search(text)
    if match is None or (match.start() and text[match.start() - 1] in _QUOTES):
        return None
    return match.span()


def _judged(refusal: Refusal) -> CheckResult:
    details = {"refusal": refusal.extent, "span": list(refusal.span) if refusal.span else None}
    return CheckResult(_NAME, _SCORES[refusal.extent], refusal.extent == "none", details, _VERSION)


REFUSAL = Check(_NAME, _VERSION, judge, judge_many)
