"""What a simulated model answers, from helpful to useless, and what a user makes of it by editing."""

import json
import re
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from feedback.simulation.catalogue import Case, Catalogue, Topic
from feedback.simulation.chance import happens, pick

NUMBERED = 0.45
WITH_CLOSING = 0.4
LOOP_ROUNDS = 14
BACKGROUND_PARAGRAPHS = 2
_TO_THE_USER = (
    (re.compile(r"\bI am\b"), "you are"),
    (re.compile(r"\b(?:I|we)\b"), "you"),
    (re.compile(r"\b(?:my|our)\b"), "your"),
)


class AnswerKind(StrEnum):
    GOOD = "good"
    TERSE = "terse"
    VAGUE = "vague"
    OFF_TOPIC = "off_topic"
    HALF_REFUSAL = "half_refusal"
    REFUSAL = "refusal"
    CUT_OFF = "cut_off"
    LOOP = "loop"
    EMPTY = "empty"


# How much a user gets out of an answer, from 0 to 1. Signals follow it; the quality checks know nothing of it.
WORTH = {
    AnswerKind.GOOD: 0.93,
    AnswerKind.TERSE: 0.75,
    AnswerKind.VAGUE: 0.35,
    AnswerKind.OFF_TOPIC: 0.2,
    AnswerKind.HALF_REFUSAL: 0.35,
    AnswerKind.REFUSAL: 0.08,
    AnswerKind.CUT_OFF: 0.2,
    AnswerKind.LOOP: 0.04,
    AnswerKind.EMPTY: 0.0,
}
FINISH_REASONS = {AnswerKind.CUT_OFF: "length", AnswerKind.LOOP: "length", AnswerKind.EMPTY: "content_filter"}


@dataclass(frozen=True)
class Answer:
    text: str
    kind: AnswerKind

    @property
    def worth(self) -> float:
        return WORTH[self.kind]

    @property
    def finish_reason(self) -> str:
        return FINISH_REASONS.get(self.kind, "stop")


def write_answer(
    kind: AnswerKind, case: Case, topic: Topic, catalogue: Catalogue, rng: np.random.Generator, *, long: bool
) -> Answer:
    """An answer of this kind to a question about the case. Only good and misplaced answers can be long."""
    if kind in {AnswerKind.GOOD, AnswerKind.OFF_TOPIC}:
        other = case if kind == AnswerKind.GOOD else _another_case(case, catalogue, rng)
        return Answer(_helpful(other, catalogue, rng, long=long), kind)
    if kind == AnswerKind.TERSE:
        return Answer(case.code or " ".join(case.steps), kind)
    if kind == AnswerKind.CUT_OFF:
        return Answer(_cut_off(case, catalogue, rng), kind)
    if kind == AnswerKind.LOOP:
        return Answer(f"{_lead(case, catalogue, rng)}\n\n{pick(catalogue.loops, rng) * LOOP_ROUNDS}".rstrip(), kind)
    if kind == AnswerKind.EMPTY:
        return Answer("", kind)
    phrases = {
        AnswerKind.VAGUE: catalogue.vague,
        AnswerKind.HALF_REFUSAL: catalogue.half_refusals,
        AnswerKind.REFUSAL: catalogue.refusals,
    }
    return Answer(pick(phrases[kind], rng).format(topic=topic.name), kind)


def edit(answer: Answer, case: Case, rng: np.random.Generator) -> str:
    """What a user turns the answer into: to the point, and right where it was not."""
    body = _body(case, numbered=happens(NUMBERED, rng))
    versions = (
        f"{body}\n\n{case.fact}",
        f"{body}\n\nNote: {case.fact}",
        f"In short:\n\n{body}\n\n{case.fact}",
        f"{body}\n\n{case.fact} {case.detail}",
    )
    return pick([version for version in versions if version != answer.text], rng)


def _helpful(case: Case, catalogue: Catalogue, rng: np.random.Generator, *, long: bool) -> str:
    paragraphs = [_lead(case, catalogue, rng), _body(case, numbered=happens(NUMBERED, rng)), case.fact]
    if long:
        order = rng.permutation(len(catalogue.background))[:BACKGROUND_PARAGRAPHS]
        paragraphs += [case.detail, *(catalogue.background[index] for index in order)]
    if happens(WITH_CLOSING, rng):
        paragraphs.append(pick(catalogue.closings, rng))
    is_list = case.code or paragraphs[1].startswith("1.")
    return ("\n\n" if is_list or long else " ").join(paragraphs)


def _lead(case: Case, catalogue: Catalogue, rng: np.random.Generator) -> str:
    task = case.task
    for expression, replacement in _TO_THE_USER:
        task = expression.sub(replacement, task)
    return pick(catalogue.leads, rng).format(task=task)


def _body(case: Case, *, numbered: bool) -> str:
    if case.code:
        return f"```sql\n{case.code}\n```\n\n{' '.join(case.steps)}"
    if numbered:
        return "\n".join(f"{place}. {step}" for place, step in enumerate(case.steps, 1))
    return " ".join(case.steps)


def _cut_off(case: Case, catalogue: Catalogue, rng: np.random.Generator) -> str:
    if case.code:
        return f"{_lead(case, catalogue, rng)}\n\n```sql\n{case.code[: len(case.code) * 2 // 3]}"
    document = json.dumps({"task": case.task, "steps": case.steps, "note": case.fact}, indent=2)
    return document[: len(document) * 2 // 3]


def _another_case(case: Case, catalogue: Catalogue, rng: np.random.Generator) -> Case:
    return pick([other for topic in catalogue.topics for other in topic.cases if other != case], rng)
