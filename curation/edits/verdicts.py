"""What becomes of an edit, and why."""

from dataclasses import dataclass
from enum import StrEnum

# What may decide about an edit, and what each means.
CODES = {
    "accepted": "the edit passed every rule",
    "too_long": "the answer or the edited text is longer than can be compared",
    "empty": "the edited text is empty",
    "unchanged": "the edit changes nothing but white space, typography or the punctuation at the end",
    "masks_only": "the edited text holds nothing but masks",
    "no_original": "there is no answer to compare with",
    "markup": "the edited text is bare markup",
    "no_words": "the edited text has neither letters nor digits",
    "shrug": "the edited text or what was added says nothing, such as ok or test",
    "keyboard_noise": "the edited text or what was added is keyboard noise",
    "comment": "the edited text or what was added is about the answer",
    "spam": "the edit adds promotion or links",
    "injection": "the edited text tries to steer a model",
    "abuse": "the edited text insults, threatens or hates",
    "refusal": "the edited text refuses",
    "repetition": "the edited text repeats itself",
    "truncation": "the edited text was cut off",
    "no_answer": "the edited text is the message of a server or a program",
    "format": "the edited text is broken JSON or leaves a code block open",
    "structured_output": "the edited text has not the structure that was asked for",
    "echo": "the edited text is the prompt",
    "form_only": "the edit changes nothing but case or spaces within words",
    "small_change": "the edit changes too little",
    "fragment": "the edited text is a piece of the answer",
    "length": "the edited text is much shorter or longer than the answer",
    "distance": "too little of the answer is left",
    "foreign_language": "the edited text is in another language",
    "unrelated": "the edited text has hardly a word of the prompt or the answer",
}


class Outcome(StrEnum):
    """accepted: learn from it; queued: a person decides; rejected: not used."""

    ACCEPTED = "accepted"
    QUEUED = "queued"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class EditVerdict:
    """What becomes of an edit.

    code: one of `CODES`; reason: one sentence with the number that decided.
    distance: normalised Levenshtein distance of the texts as compared, 0 to 1; None where they are too long to compare.
    """

    outcome: Outcome
    code: str
    reason: str
    distance: float | None = None
