"""What simulated users do with an answer. Most do nothing; the rest depends on what the answer is worth to them."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from feedback.choices import SignalType
from feedback.simulation.answers import Answer, AnswerKind, edit
from feedback.simulation.catalogue import Case, Catalogue
from feedback.simulation.chance import happens, pick

CHANGES_MIND = 0.07
COMMENTS_PRAISE = 0.12
COMMENTS_COMPLAINT = 0.35
EDITABLE = {AnswerKind.GOOD, AnswerKind.TERSE, AnswerKind.VAGUE, AnswerKind.OFF_TOPIC, AnswerKind.HALF_REFUSAL}


@dataclass(frozen=True)
class Reaction:
    """A signal, this many seconds after its event."""

    type: SignalType
    delay_seconds: float
    fields: dict[str, Any] = field(default_factory=dict)


def react(answer: Answer, case: Case, catalogue: Catalogue, rng: np.random.Generator) -> list[Reaction]:
    """The signals of one user about one answer, in order of time."""
    worth, doubt = answer.worth, 1 - answer.worth
    reactions = _thumbs(worth, catalogue, rng)
    chances = {
        SignalType.COPY: 0.08 * worth,
        SignalType.SHARE: 0.012 * worth,
        SignalType.REGENERATE: 0.006 + 0.28 * doubt**1.5,
        SignalType.REPORT: 0.06 * doubt**2,
    }
    for kind, probability in chances.items():
        if happens(probability, rng):
            comment = {"comment": pick(catalogue.complaints, rng)} if kind == SignalType.REPORT else {}
            reactions.append(Reaction(kind, _delay(rng), comment))
    if answer.kind in EDITABLE and happens(0.03 + 0.05 * doubt, rng):
        reactions.append(Reaction(SignalType.EDIT, 4 * _delay(rng), {"edited_response": edit(answer, case, rng)}))
    return sorted(reactions, key=lambda reaction: reaction.delay_seconds)


def _thumbs(worth: float, catalogue: Catalogue, rng: np.random.Generator) -> list[Reaction]:
    if happens(0.11 * worth**2, rng):
        choices = [SignalType.THUMBS_UP, SignalType.THUMBS_DOWN]
    elif happens(0.004 + 0.26 * (1 - worth) ** 1.5, rng):
        choices = [SignalType.THUMBS_DOWN, SignalType.THUMBS_UP]
    else:
        return []
    delay = _delay(rng)
    thumbs = [Reaction(choices[0], delay, _comment(choices[0], catalogue, rng))]
    if happens(CHANGES_MIND, rng):
        thumbs.append(Reaction(choices[1], delay + _delay(rng)))
    return thumbs


def _comment(choice: SignalType, catalogue: Catalogue, rng: np.random.Generator) -> dict[str, str]:
    if choice == SignalType.THUMBS_UP:
        return {"comment": pick(catalogue.praise, rng)} if happens(COMMENTS_PRAISE, rng) else {}
    return {"comment": pick(catalogue.complaints, rng)} if happens(COMMENTS_COMPLAINT, rng) else {}


def _delay(rng: np.random.Generator) -> float:
    """Seconds until a user reacts: half of them within 25."""
    return float(25 * np.exp(rng.normal(0, 0.8)))
