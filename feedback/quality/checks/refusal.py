"""Whether a response refuses what it was asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import re2

from feedback.quality.checks import refusal_model, refusal_phrases, refusal_words
from feedback.quality.checks.base import Check, Context
from feedback.quality.results import CheckResult
from feedback.quality.screening import matches

_NAME, _VERSION = "refusal", "refusal-4"
_SCORES = {"none": 1.0, "partial": 0.5, "full": 0.0}
# From the first on a phrase decides, from the second on the model alone.
_DOUBTFUL, _LIKELY = -1.0, 0.5
# Of a text that repeats more of its words, each counts once.
_VARIED = 0.5
# Without a phrase, fewer bytes are an answer: "No."
_SHORTEST = 10
_REFUSAL = re2.compile(refusal_phrases.REFUSAL)
_WITHOUT_KNOWLEDGE = re2.compile(refusal_phrases.WITHOUT_KNOWLEDGE)
_HELP = re2.compile(refusal_phrases.HELP)
# An apology for not doing what was asked, at the very beginning: whatever follows, the model decides nothing.
_PLAIN = re2.compile(
    r"(?i)^\W*(?:i['’]?m|i am) (?:\w+ )?sorry,? (?:but )?(?:i|we) (?:can['’]?t|cannot|won['’]?t"
    r"|(?:am|are) (?:unable|not able) to) (?:\w+ )?(?:help|assist|make|do|provide|share|answer|comply|fulfil|fulfill"
    r"|create|give|change|complete|discuss|generate)\b"
)
_CANDIDATE = re2.compile(refusal_words.CANDIDATE)
_PUSHBACK = re2.compile(refusal_words.PUSHBACK)
_LETTER = re2.compile(refusal_words.LETTER)
_APOLOGY_FOR = re2.compile(refusal_words.APOLOGY_FOR)
_LETTERS = re2.compile(r"\p{L}{2}")
_QUOTED = re2.compile(refusal_words.QUOTED)
_SENTENCE = re2.compile(r"^\s*([^\n.!?。！？؟]*[^\s.!?。！？؟])")


@dataclass(frozen=True, slots=True)
class Refusal:
    """How far a response refuses ("none", "partial" or "full") and where it says so, in code points.

    is_pushback: it refuses nothing, but opposes a false premise.
    """

    extent: str
    span: tuple[int, int] | None
    is_pushback: bool = False


_NO_REFUSAL = Refusal("none", None)
_PUSHED_BACK = Refusal("none", None, is_pushback=True)


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
        "full") and `span`, its start and end in code points; `pushback` (true) where it opposes a false premise.

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
    openings = [response[: refusal_model.OPENING] for response in responses]
    possible = matches(_CANDIDATE, openings)
    candidates = [opening for opening, is_possible in zip(openings, possible, strict=True) if is_possible]
    logits = iter(refusal_model.logits(candidates).tolist())
    return [
        _judged(_decided(response, next(logits)) if is_possible else _NO_REFUSAL)
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
    Refusal(extent='partial', span=(0, 19), is_pushback=False)
    """
    opening = response[: refusal_model.OPENING]
    if not _CANDIDATE.search(opening):
        return _NO_REFUSAL
    return _decided(response, float(refusal_model.logits([opening])[0]))


def judged_by(response: str, logit: float) -> Refusal:
    """Decide as `find_refusal` does, by a logit of other weights than those of this package.

    Parameters
    ----------
    response : str
        Text without lone surrogates.
    logit : float
        As of `refusal_model.logits`.

    Returns
    -------
    Refusal

    Examples
    --------
    >>> judged_by("I can't help with that.", 4.0).extent, judged_by("It is noon.", 4.0).extent
    ('full', 'none')
    """
    is_possible = _CANDIDATE.search(response[: refusal_model.OPENING])
    return _decided(response, logit) if is_possible else _NO_REFUSAL


def _decided(response: str, logit: float) -> Refusal:
    """Decide by the logit. Quotations, code and letters are not a response's own words; in doubt, a phrase decides."""
    opening = response[: refusal_model.OPENING]
    if logit >= _DOUBTFUL and not _LETTER.search(response):
        span, logit = _own_span(opening, logit)
        if (span and logit >= _DOUBTFUL) or (logit >= _LIKELY and _may_refuse(opening)):
            return _refused(response, opening, span)
    plain = _PLAIN.search(opening)
    if plain and not _LETTER.search(response):
        return _refused(response, opening, _phrase(opening) or plain.span())
    return _PUSHED_BACK if _PUSHBACK.search(opening) else _NO_REFUSAL


def _own_span(opening: str, logit: float) -> tuple[tuple[int, int] | None, float]:
    """Return where the response itself says a phrase of refusals, and the logit of its own words."""
    words = opening.split()
    if len({*words}) < _VARIED * len(words):
        different = " ".join(dict.fromkeys(words))
        if len(different.encode()) < _SHORTEST:
            return None, -inf
        logit = float(refusal_model.logits([different])[0])
    own = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), opening)
    if own != opening and (_LETTERS.search(own) or opening.lstrip()[:1] in ("{", "[", "<")):
        return _phrase(own), float(refusal_model.logits([" ".join(own.split())])[0])
    return _phrase(opening), logit


def _may_refuse(opening: str) -> bool:
    return len(opening.strip().encode()) >= _SHORTEST and not _APOLOGY_FOR.search(opening)


def _phrase(text: str) -> tuple[int, int] | None:
    match = _REFUSAL.search(text) or _WITHOUT_KNOWLEDGE.search(text)
    return match.span() if match and not _APOLOGY_FOR.search(text) else None


def _refused(response: str, opening: str, span: tuple[int, int] | None) -> Refusal:
    lacks_knowledge = _WITHOUT_KNOWLEDGE.search(opening)
    if lacks_knowledge and span in (None, lacks_knowledge.span()):
        return Refusal("partial", lacks_knowledge.span())
    if span is None and _PUSHBACK.search(opening):
        return _PUSHED_BACK
    if span is None:
        sentence = _SENTENCE.search(opening)
        span = sentence.span(1) if sentence else (0, len(opening))
    return Refusal("partial" if _HELP.search(response) else "full", span)


def _judged(refusal: Refusal) -> CheckResult:
    details: dict[str, Any] = {"refusal": refusal.extent, "span": list(refusal.span) if refusal.span else None}
    if refusal.is_pushback:
        details["pushback"] = True
    return CheckResult(_NAME, _SCORES[refusal.extent], refusal.extent == "none", details, _VERSION)


REFUSAL = Check(_NAME, _VERSION, judge, judge_many)
