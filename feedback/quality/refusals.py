import re
from dataclasses import dataclass

import re2

from feedback.quality import refusal_phrases

# A refusal opens a response. Further on the same words mostly belong to a story, a quotation or to good advice.
OPENING = 400
_REFUSAL = re2.compile(refusal_phrases.REFUSAL)
_WITHOUT_KNOWLEDGE = re2.compile(refusal_phrases.WITHOUT_KNOWLEDGE)
# What every refusal matches somewhere in its opening.
POSSIBLE = f"{refusal_phrases.REFUSAL}|{refusal_phrases.WITHOUT_KNOWLEDGE}"
_POSSIBLE = re2.compile(POSSIBLE)
_HELP = re2.compile(refusal_phrases.HELP)
_QUOTES = "\"'“‘«「"


@dataclass(frozen=True, slots=True)
class Refusal:
    """How far a response refuses ("none", "partial" or "full") and where it says so, in code points."""

    extent: str
    span: tuple[int, int] | None


NO_REFUSAL = Refusal("none", None)


def could_refuse(response: str) -> bool:
    return _POSSIBLE.search(response[:OPENING]) is not None


def find_refusal(response: str) -> Refusal:
    """Judge whether a response refuses what it was asked.

    "full": it opens with a refusal and no help follows; "partial": it helps nevertheless, or pleads lack of knowledge.
    """
    if not could_refuse(response):
        return NO_REFUSAL
    opening = response[:OPENING]
    span = _spoken(_REFUSAL, opening)
    if span:
        return Refusal("partial" if _HELP.search(response) else "full", span)
    span = _spoken(_WITHOUT_KNOWLEDGE, opening)
    return Refusal("partial", span) if span else NO_REFUSAL


def _spoken(phrase: re.Pattern[str], text: str) -> tuple[int, int] | None:
    """Return where the response itself says the phrase, not someone it quotes."""
    match = phrase.search(text)
    if match is None or (match.start() and text[match.start() - 1] in _QUOTES):
        return None
    return match.span()
