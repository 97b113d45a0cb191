"""What a simulated user writes."""

import numpy as np

from feedback.simulation.catalogue import Case, Catalogue
from feedback.simulation.chance import happens, pick

WITH_CONTEXT = 0.55
CONTEXT_FIRST = 0.3
WITH_PERSONAL_DATA = 0.03
IN_A_HURRY = 0.08


def write_question(case: Case, catalogue: Catalogue, rng: np.random.Generator, *, first: bool) -> str:
    """A question about the case: the first one of a session, or one that follows."""
    template = pick(catalogue.questions if first else catalogue.follow_ups, rng)
    text = template.format(task=case.task, problem=case.problem, problem_inside=_within_sentence(case.problem))
    if happens(IN_A_HURRY, rng):
        return text.lower().rstrip(".?")
    if happens(WITH_CONTEXT, rng):
        context = pick(catalogue.contexts, rng)
        text = f"{context} {text}" if first and happens(CONTEXT_FIRST, rng) else f"{text} {context}"
    return f"{text} {pick(catalogue.personal, rng)}" if happens(WITH_PERSONAL_DATA, rng) else text


def _within_sentence(sentence: str) -> str:
    """Without the capital that only the start of a sentence asks for."""
    word = sentence.split()[0]
    keeps_capital = word == "I" or (len(word) > 1 and word.isupper())
    return sentence if keeps_capital else sentence[0].lower() + sentence[1:]
