"""Reads the reply of a judge: JSON anywhere in the text, checked by the rubric."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from feedback.conversations.reasoning import separate
from feedback.judging.prompts import ANSWERS, CONFIDENCE, MOST_RATIONALE_CHARACTERS, RATIONALE
from feedback.rubrics.scoring import InvalidAnswers, Rubric, RubricScore, score

MOST_CHARACTERS = 200_000
# Braces in prose cost an attempt each.
_MOST_OBJECTS = 100
_NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,9})?")
_FLAGS = {"true": True, "yes": True, "false": False, "no": False}
# Without a stated confidence a vote counts as much as one that says this.
NO_CONFIDENCE = 0.5


class Unusable(ValueError):
    """A reply from which no score follows; the message is a sentence without a text of the reply."""


@dataclass(frozen=True)
class Said:
    """What a judge said. confidence: from 0 to 1, None if it did not say."""

    answers: dict[str, float | bool]
    scored: RubricScore
    confidence: float | None = None
    rationale: str = field(default="", compare=False)


def read(text: str, rubric: Rubric) -> Said:
    """Return what a reply says.

    Parameters
    ----------
    text : str
        The reply: JSON, or prose, a code fence or reasoning with JSON in it; the last object with answers counts.
    rubric : Rubric
        Whose criteria and flags were asked.

    Returns
    -------
    Said
        Numbers that are written as text are numbers. Answers may stand at the top of the object.

    Raises
    ------
    Unusable
        No object with answers, or an answer is missing, of another kind or outside of its scale.

    Examples
    --------
    >>> from feedback.rubrics.definition import define
    >>> rubric = define({"name": "brief", "criteria": [{"name": "clarity"}], "flags": [{"name": "rude"}]})
    >>> read('Sure: {"answers": {"clarity": "4", "rude": false}, "confidence": 0.9}', rubric).answers
    {'clarity': 4.0, 'rude': False}
    """
    if len(text) > MOST_CHARACTERS:
        raise Unusable(f"It has more than {MOST_CHARACTERS:,} characters.")
    answer = separate(text)[1]
    if not answer.strip():
        raise Unusable("It is empty.")
    names = {one["name"] for one in (*rubric.criteria, *rubric.flags)}
    found = [one for one in _objects(answer) if names & set(_answers(one))]
    if not found:
        raise Unusable("It has no JSON object with answers.")
    return _said(found[-1], rubric)


def _said(reply: Mapping[str, Any], rubric: Rubric) -> Said:
    flags = {one["name"] for one in rubric.flags}
    names = flags | {one["name"] for one in rubric.criteria}
    given = _answers(reply)
    answers = {name: _flag(given[name]) if name in flags else _number(given[name]) for name in names & set(given)}
    try:
        scored = score(rubric, answers)
    except InvalidAnswers as error:
        raise Unusable(" ".join(f"{one.field}: {one.message}" for one in error.errors[:5])) from error
    ordered = [one["name"] for one in (*rubric.criteria, *rubric.flags)]
    rationale = reply.get(RATIONALE)
    return Said(
        {name: answers[name] for name in ordered},
        scored,
        _confidence(reply.get(CONFIDENCE)),
        _clean(rationale) if isinstance(rationale, str) else "",
    )


def _answers(reply: Mapping[str, Any]) -> Mapping[str, Any]:
    answers = reply.get(ANSWERS)
    return answers if isinstance(answers, dict) else reply


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The outermost JSON objects of a text, in their order."""
    decoder, start = json.JSONDecoder(parse_constant=_refuse), 0
    for _ in range(_MOST_OBJECTS):
        start = text.find("{", start)
        if start < 0:
            return
        try:
            value, start = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            start += 1
            continue
        yield value


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _number(value: Any) -> Any:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return math.inf
    return value


def _flag(value: Any) -> Any:
    return _FLAGS.get(value.strip().lower(), value) if isinstance(value, str) else value


def _confidence(value: Any) -> float | None:
    number = _number(value)
    return number if isinstance(number, float) and 0 <= number <= 1 else None


def _clean(text: str) -> str:
    cut = text[:MOST_RATIONALE_CHARACTERS].replace("\0", "\ufffd")
    return cut.encode("utf-8", "replace").decode("utf-8").strip()
